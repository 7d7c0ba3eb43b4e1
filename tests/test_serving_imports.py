"""Whoever serves imports nothing that serving does not use: it starts sooner, and is smaller."""

import sys
from pathlib import Path

from tests.serving import serving

UNUSED = {
    "alembic",  # what brings a database up to date, which it is
    "mako",
    "typer",  # what reads commands
    "rich",
    "httpx",  # what asks platforms and identity providers, of which there are none
    "httpcore",
    "stamina",
    "joserfc",
    "cryptography",
    "faker",
    "hypothesis",
    "pytest",
}
PARTS_UNUSED = {
    "gateway.cli",
    "gateway.demo",
    "gateway.tokens",
    "migrations.upgrade",
    "connectors.absmartly",
    "connectors.auth0",
    "connectors.checkmango",
    "connectors.posthog",
    "connectors.http",
    "connectors.importing",
}
COMMAND = (sys.executable, "-X", "importtime", "-m", "trialgraph")


def imported(folder: Path) -> set[str]:
    """The modules that a process has written of; one that it looked for in vain has no parts."""
    lines = (folder / "stderr.txt").read_text().splitlines()
    told = [line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")]
    return {*told}


def test_a_serving_process_imports_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'graph.db'}"
    for _ in range(2):  # the first time it makes the database
        with serving(tmp_path, command=COMMAND, database_url=url) as gateway:
            assert gateway.ask("{ experiments { nodes { id } } }") == {
                "data": {"experiments": {"nodes": []}}
            }
            assert gateway.stop() == 0
    names = imported(tmp_path)

    assert {"gateway.serving", "uvicorn", "strawberry"} <= names
    assert {name.partition(".")[0] for name in names if "." in name} & UNUSED == set()
    assert names & PARTS_UNUSED == set()
