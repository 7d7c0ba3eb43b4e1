"""Who is measured: one process each, started as its users would start it in production."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import make_url

from benchmarks.load import Failed, Target

HERE = Path(__file__).parent
PEERS = HERE / "peers"
PATIENCE = 60.0

COMMAND = (sys.executable, "-m", "trialgraph")
GATEWAY = (*COMMAND, "serve")
SCOPES = (
    *(f"{noun}:read" for noun in ("experiment", "goal", "metric", "source", "tag", "team", "user")),
    *("experiment:write", "experiment:start"),
)
"""What the key may do that the gateway is asked with: what is asked, and no more."""

ON = {
    "TRIALGRAPH_ENVIRONMENT": "production",
    "TRIALGRAPH_RATE_LIMIT": "1000000000",
    "TRIALGRAPH_MAX_COST": "1000000",
}
"""Everything stays on; what is raised is how much one caller may spend, which would end the run."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A server. ``speaks`` is whose documents and ids it understands."""

    name: str
    title: str
    command: tuple[str, ...]
    database: str = "postgresql"
    speaks: str = "peers"
    settings: Mapping[str, str] = field(default_factory=dict)


def _gateway(name: str, title: str, database: str = "postgresql", **settings: str) -> Contender:
    named = {f"TRIALGRAPH_{key.upper()}": value for key, value in settings.items()}
    return Contender(name, title, GATEWAY, database, "gateway", ON | named)


def _python(module: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.peers.{module}")


def node() -> str:
    """The Node that the peers' lock brings where it can, or else the machine's."""
    brought = sorted(PEERS.glob("node_modules/node-*/bin/node"))
    return str(brought[0]) if brought else "node"


def _node(script: str) -> tuple[str, ...]:
    return (node(), str(PEERS / script))


OURS = "trialgraph"
CONTENDERS = (
    _gateway(OURS, "Trialgraph"),
    _gateway("trialgraph-sqlite", "Trialgraph, SQLite", "sqlite"),
    _gateway("workers", "Trialgraph, two workers", workers="2"),
    _gateway("reference", "Trialgraph, graphql-core's executor", executor="reference"),
    Contender("strawberry", "Strawberry, SQLModel, DataLoader", _python("idiomatic")),
    Contender("mercurius", "mercurius, graphql-jit, DataLoader", _node("mercurius.js")),
    Contender("yoga", "GraphQL Yoga, DataLoader", _node("yoga.js")),
    Contender("postgraphile", "PostGraphile 5", _node("postgraphile.js"), speaks="postgraphile"),
    Contender("statement", "one hand-written json_agg statement", _python("statement")),
)


@dataclass(frozen=True, slots=True)
class Running:
    """A contender that answers."""

    contender: Contender
    target: Target
    process: subprocess.Popen[bytes]
    seconds_to_first_answer: float

    @property
    def memory(self) -> float:
        """How many megabytes are resident, in it and in the processes that it started."""
        asked = ["ps", "-o", "rss=", "-g", str(self.process.pid)]
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        return sum(map(int, told.split())) / 1024


@contextmanager
def running(
    contender: Contender, urls: Mapping[str, str], first: Callable[[Contender], bytes], log: IO[str]
) -> Iterator[Running]:
    """Start it, and wait until it has answered the body that ``first`` makes for it."""
    port = _free_port()
    environment = _environment(contender, urls[contender.database], port)
    speaks = contender.speaks == "gateway"
    credential = f"Api-Key {_key(environment)}" if speaks else "none"
    process = subprocess.Popen(
        contender.command,
        cwd=HERE.parent,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,  # its group is it and its children
    )
    begun = time.monotonic()
    target = Target(contender.name, f"http://127.0.0.1:{port}/graphql", credential)
    try:
        _until_answered(process, target, first(contender))
        yield Running(contender, target, process, time.monotonic() - begun)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _key(environment: Mapping[str, str]) -> str:
    """A key of the database's own, made as users make theirs."""
    asked = [*COMMAND, "keys", "create", "benchmark"]
    for scope in SCOPES:
        asked += ["--scope", scope]
    made = subprocess.run(
        asked, cwd=HERE.parent, env=environment, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


def ask(target: Target, body: bytes) -> bytes:
    """The body of the answer."""
    headers = {"Content-Type": "application/json", "Authorization": target.authorization}
    request = urllib.request.Request(target.url, body, headers)  # noqa: S310  our own process
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310  the same
        answer: bytes = response.read()
    return answer


def _until_answered(process: subprocess.Popen[bytes], target: Target, body: bytes) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            ask(target, body)
        except (ConnectionError, urllib.error.URLError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"{target.name} does not answer: {error}") from error
            time.sleep(0.02)
        else:
            return


def _environment(contender: Contender, url: str, port: int) -> dict[str, str]:
    base = {name: value for name, value in os.environ.items() if "TRIALGRAPH" not in name}
    known = {"PORT": str(port), "TRIALGRAPH_PORT": str(port), "TZ": "UTC"}
    known |= {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    known |= {"TRIALGRAPH_DATABASE_URL": url}
    if contender.speaks != "gateway":
        known |= _libpq(url)
        known["DATABASE_URL"] = url
        if contender.name == "strawberry":
            known["DATABASE_URL"] = url.replace("postgresql://", "postgresql+asyncpg://")
    return base | known | dict(contender.settings)


def _libpq(url: str) -> dict[str, str]:
    """The URL as the variables that every client of PostgreSQL reads."""
    parsed = make_url(url)
    said = {
        "PGHOST": parsed.query.get("host") or parsed.host,
        "PGPORT": parsed.port,
        "PGUSER": parsed.username,
        "PGPASSWORD": parsed.password,
        "PGDATABASE": parsed.database,
    }
    return {name: str(value) for name, value in said.items() if value}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
