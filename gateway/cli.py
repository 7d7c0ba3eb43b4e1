"""The command `trialgraph`. What can be expected to fail ends in one line and a non-zero exit."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gateway import cli_keys, cli_sources

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

app = typer.Typer(
    help="A GraphQL gateway over experimentation platforms.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_sources.app, name="source")
app.command()(cli_sources.sync)

DEMO_EXPERIMENTS = 200


class NotFound(Exception):
    """A file that was named is not there."""


def main() -> None:
    """Run the command line."""
    try:
        app()
    except Exception as error:
        line, status = _explained(error)
        if line is None:
            raise
        typer.echo(f"trialgraph: {line}", err=True)
        sys.exit(status)


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


def _version(wanted: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if wanted:
        from importlib.metadata import version

        typer.echo(version("trialgraph"))
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Trialgraph."""


@app.command()
def serve(
    *,
    demo_if_empty: Annotated[
        bool, typer.Option("--demo-if-empty", help="Load a demo graph into an empty database.")
    ] = False,
) -> None:
    """Bring the database up to date and serve the graph and its explorer."""
    gc.disable()  # what is imported stays, and looking for garbage in it slows the start by a tenth
    from gateway import listening, settings

    chosen = settings.load()
    listener = listening.listen(chosen.host, chosen.port)

    from gateway import serving, startup  # heavy, and of no use if the port is taken

    gc.freeze()
    gc.enable()
    server = serving.Server(chosen)
    startup.prepare(chosen.database_url)
    if demo_if_empty and startup.using(chosen.database_url, startup.is_empty):
        _load_demo(chosen.database_url, DEMO_EXPERIMENTS)
    for line in startup.welcome(chosen, listening.url_of(listener)):
        typer.echo(line)
    server.run(sockets=[listener])


@app.command()
def migrate() -> None:
    """Create the database or bring it up to date."""
    from gateway import settings, startup

    startup.prepare(settings.load().database_url)


@app.command()
def demo(
    experiments: Annotated[
        int, typer.Option(min=1, help="How many experiments to make up.")
    ] = DEMO_EXPERIMENTS,
) -> None:
    """Load a demo graph into the database."""
    from gateway import settings, startup

    url = settings.load().database_url
    startup.prepare(url)
    _load_demo(url, experiments)


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Payloads of a platform, as JSON; - is the standard input.")
    ],
    source: Annotated[
        str | None, typer.Option(help="The name of the source; import-PLATFORM if not given.")
    ] = None,
    platform: Annotated[
        Literal["absmartly", "posthog", "auth0", "checkmango"] | None,
        typer.Option(help="Which platform the files are from, where they do not tell."),
    ] = None,
) -> None:
    """Import files with the answers of ABsmartly, PostHog, Auth0 or Checkmango.

    Which of them is told from the files; all files of one call are from one platform.
    """
    from gateway import settings, startup

    for path in files:
        if path != Path("-") and not path.is_file():
            raise NotFound(f"There is no file {path}.")
    url = settings.load().database_url
    startup.prepare(url)
    _import(url, files, source, platform)


@app.command()
def schema() -> None:
    """Print the schema in GraphQL's schema language."""
    from gateway.app import graph

    typer.echo(graph().as_str())


def _load_demo(url: str, experiments: int) -> None:
    from gateway.demo import load
    from gateway.startup import using

    with _bar("Loading a demo graph") as bar:

        def progress(done: int, total: int) -> None:
            bar.update(bar.task_ids[0], completed=done, total=total)

        using(url, lambda database: load(database, experiments, progress))


def _import(url: str, files: list[Path], source: str | None, platform: str | None) -> None:
    from rich.console import Console

    from connectors.importing import Progress as Step
    from connectors.importing import import_files
    from connectors.recognising import vocabulary_of
    from gateway.report import show
    from gateway.startup import using
    from models import Platform

    words = vocabulary_of(Platform(platform.upper())) if platform else None

    with _bar("Importing") as bar:

        def progress(step: Step) -> None:
            label = f"{step.step.capitalize()} {step.file or 'the database'}"
            bar.update(bar.task_ids[0], description=label, completed=step.done, total=step.total)

        report = using(
            url,
            lambda database: import_files(
                database, files, source=source, progress=progress, vocabulary=words
            ),
        )
        bar.update(bar.task_ids[0], completed=bar.tasks[0].total)
    show(report, Console())


@contextmanager
def _bar(label: str) -> Iterator["Bar"]:
    """A bar on the standard error, with one task."""
    from rich.console import Console
    from rich.progress import Progress as RichBar

    with RichBar(console=Console(stderr=True)) as bar:
        bar.add_task(label, total=None)
        yield bar
