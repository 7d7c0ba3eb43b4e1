"""``python -m tests.platforms.demo``: a gateway before all four platforms, until Ctrl-C.

The platforms' stand-ins are sources of a database that is made for this and goes with it. The
gateway is the real command; it prints the explorer's address with a key that may do everything.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from connectors.sync import Progress
from gateway import settings, sources, startup
from models.database import Database
from models.phase import Platform
from tests.platforms.__main__ import described, standing

COMMAND = (sys.executable, "-m", "trialgraph", "serve")
Described = dict[str, str]


def main() -> None:
    """Serve until told to stop; nothing is left then."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms.demo", description=__doc__)
    parser.add_argument("--experiments", type=int, default=60, help="how many each one has")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        suppress(KeyboardInterrupt),
        tempfile.TemporaryDirectory(prefix="trialgraph-platforms-") as folder,
        standing(asked.experiments) as standins,
    ):
        chosen = environment(Path(folder), [described(*each) for each in standins.items()])
        os.environ.update(chosen)
        connect([described(*each) for each in standins.items()])
        serve()


def environment(folder: Path, found: Sequence[Described]) -> dict[str, str]:
    """What the gateway is to be set to, with a file of secrets."""
    secrets = folder / "secrets.json"
    secrets.touch(mode=0o600)
    secrets.write_text(json.dumps({name_of(each): each for each in found}))
    return {
        "TRIALGRAPH_DATABASE_URL": f"sqlite:///{folder / 'trialgraph.db'}",
        "TRIALGRAPH_SECRETS_FILE": str(secrets),
    }


def connect(found: Sequence[Described]) -> None:
    """Make the platforms sources of the database, and read what they have."""
    chosen = settings.load()
    startup.prepare(chosen.database_url)

    async def work(database: Database) -> list[str]:
        for each in found:
            platform = Platform(each["platform"])
            await sources.connect(database, name_of(each), platform, each["url"])
        return await sources.sync(database, chosen, None, quiet)

    for line in startup.using(chosen.database_url, work):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def serve() -> None:
    """Run the gateway, and end it when this is told to end."""
    # A session of its own: Ctrl-C is for this process, which passes it on once.
    process = subprocess.Popen(COMMAND, start_new_session=True)
    try:
        process.wait()
    finally:
        process.terminate()
        process.wait()


def name_of(each: Described) -> str:
    """What the source of a platform is called."""
    return each["platform"].lower()


def quiet(_name: str, _progress: Progress) -> None:
    """Say nothing of how far a sync is: it is done in a moment."""


if __name__ == "__main__":
    main()
