"""The command `trialgraph`. What can be expected to fail ends in one line and a non-zero exit.

Serving is what it does for months, and needs nothing of what reads the other commands.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SERVING = {("serve",): False, ("serve", "--demo-if-empty"): True}
"""What people write who want nothing but that."""

DEMO_EXPERIMENTS = 200

YOUNG = 10_000
"""How many objects more there are before garbage is looked for: an answer has a few thousand."""


class NotFound(Exception):
    """A file that was named is not there."""


def main() -> None:
    """Run the command line."""
    try:
        demo_if_empty = SERVING.get(tuple(sys.argv[1:]))
        if demo_if_empty is not None:
            serve(demo_if_empty=demo_if_empty)
        else:
            from gateway.cli import app

            app()
    except Exception as error:
        line, status = _explained(error)
        if line is None:
            raise
        sys.stderr.write(f"trialgraph: {line}\n")
        sys.exit(status)


def serve(*, demo_if_empty: bool) -> None:
    """Bring the database up to date, and serve until told to stop."""
    gc.disable()  # what is imported stays, and looking for garbage in it slows the start
    from gateway import listening, settings

    chosen = settings.load()
    listener = listening.listen(chosen.host, chosen.port)

    with _without("rich"):  # structlog draws tracebacks with it where it finds it; ours are plain
        from gateway import serving, startup  # heavy, and of no use if the port is taken

    server = serving.Server(chosen)
    startup.prepare(chosen.database_url)
    if demo_if_empty and startup.using(chosen.database_url, startup.is_empty):
        load_demo(chosen.database_url, DEMO_EXPERIMENTS)
    for line in startup.welcome(chosen, listening.url_of(listener)):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    gc.enable()
    if status := server.serve_on(listener):
        sys.exit(status)


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Nobody finds a package that is there, for as long as the block takes."""
    modules: dict[str, Any] = sys.modules
    modules[name] = None  # which is how Python is told so
    try:
        yield
    finally:
        del sys.modules[name]


def load_demo(url: str, experiments: int) -> None:
    """Load a demo graph into a database, and show how far it is."""
    from gateway.bar import bar_of
    from gateway.demo import load
    from gateway.startup import using

    with bar_of("Loading a demo graph") as bar:

        def progress(done: int, total: int) -> None:
            bar.update(bar.task_ids[0], completed=done, total=total)

        using(url, lambda database: load(database, experiments, progress))


def _explained(error: Exception) -> tuple[str | None, int]:
    """What went wrong in one line, and the exit status; no line for a defect of ours."""
    from sqlalchemy.exc import DBAPIError

    from gateway.listening import CannotListen
    from gateway.manifest import InvalidManifest
    from gateway.settings import InvalidSettings
    from models.errors import ExpectedError

    if isinstance(error, InvalidSettings | InvalidManifest):
        return str(error), 2
    if isinstance(error, CannotListen | ExpectedError | NotFound):
        return str(error), 1
    if isinstance(error, DBAPIError):
        return f"The database failed: {str(error.orig).splitlines()[0]}", 1
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", 1
    return None, 1
