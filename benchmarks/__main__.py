"""Measures the gateway beside other makes, and writes what came of it: `make bench`.

ROUNDS, SECONDS and POSTGRESQL (the URL of a server) may be set; ONLY names contenders.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
from base64 import b64decode
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import growth, page, stored, writes
from benchmarks.agree import compare
from benchmarks.cells import CELLS, Cell, body
from benchmarks.contenders import CONTENDERS, PEERS, Contender, Running, ask, node, running
from benchmarks.data import Loaded
from benchmarks.load import Failed, NoGenerator, Target, check, load

CONNECTIONS = (1, 8)
COMPARED = 8
"""How many answers of each cell are compared before it is measured."""

LATENCIES, LONGEST, WARM = 3, 8, 0.5
"""A load lasts for this many latencies at least and this many seconds at most, after warming up."""

MANY = 200
WAITING = 6_000
RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Run the whole benchmark."""
    generator = check()
    rounds, seconds = int(os.environ.get("ROUNDS", "3")), int(os.environ.get("SECONDS", "2"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trialgraph-bench-")))
        server = stack.enter_context(stored.server(os.environ.get("POSTGRESQL")))
        server = stack.enter_context(stored.postgresql(server))
        urls = {"postgresql": server, "sqlite": f"sqlite:///{folder / 'bench.db'}"}
        _say("Loading the same rows into both databases ...")
        loaded, again = (stored.fill(url, WAITING) for url in urls.values())
        if loaded != again:
            raise Failed("The two databases do not hold the same rows.")
        log = stack.enter_context((folder / "contenders.log").open("w+"))
        run = Run(folder, loaded, rounds, seconds)
        only = os.environ.get("ONLY", "").split()
        for contender in CONTENDERS:
            if not only or contender.name in only:
                started = running(contender, urls, run.first, log)
                run.add(stack.enter_context(started))
        results = {
            "at": datetime.now(UTC).isoformat(timespec="minutes"),
            "machine": machine(generator, server),
            "rounds": rounds,
            "seconds": seconds,
            "settings": {"latencies": LATENCIES, "longest": LONGEST},
            **run.measure(),
            "growth": growth.measure(run.running, run.loaded, run.digest),
            "writes": writes.measure(run.running, loaded, folder, urls, rounds, seconds),
        }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    page.write(results)


def machine(generator: str, server: str) -> dict[str, str]:
    """What the figures depend on."""
    names = ("strawberry-graphql", "graphql-core", "asyncpg", "sqlalchemy", "sqlmodel", "uvicorn")
    lock = json.loads((PEERS / "package.json").read_text())["dependencies"]
    told = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True)
    optimized = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return {
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f} when it began",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": f"{platform.python_version()}, {'with' if optimized else 'without'} PGO",
        "Node": told.stdout.strip(),
        "PostgreSQL": stored.version(server),
        "SQLite": sqlite3.sqlite_version,
        "load from": generator,
        **{name: version(name) for name in names},
        **lock,
    }


@dataclass(frozen=True, slots=True)
class Pace:
    """How a contender answers one request after another."""

    seconds: float
    bytes_each: float


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


class Run:
    """The contenders that run, and what is asked of them."""

    def __init__(self, folder: Path, loaded: Loaded, rounds: int, seconds: int) -> None:
        self.folder = folder
        self.loaded = loaded
        self.rounds = rounds
        self.seconds = seconds
        self.running: list[Running] = []
        self.idle: dict[str, float] = {}
        self.digest = ""
        self.variables = {cell.name: cell.variables(loaded) for cell in CELLS}

    def first(self, contender: Contender) -> bytes:
        """The request that tells that a contender has started."""
        return body(contender.speaks, "one", {"id": self.loaded.shared[0]}, "")

    def add(self, one: Running) -> None:
        _say(f"{one.target.name} answered after {one.seconds_to_first_answer:.1f} s")
        self.idle[one.target.name] = one.memory
        if one.contender.speaks == "postgraphile":
            self.digest = _digest(one.target)
        self.running.append(one)

    def measure(self) -> dict[str, Any]:
        """Compare, and then measure in turns."""
        leaves = {cell.name: self.agree(cell) for cell in CELLS}
        _say(f"All answers agree: {leaves}")
        files = {
            (cell.name, one.target.name): self.write(cell, one)
            for cell in CELLS
            for one in self.running
        }
        paces = {
            (cell.name, one.target.name): self.pace(one, files[cell.name, one.target.name])
            for cell in CELLS
            for one in self.running
        }
        rates: dict[str, Any] = {}
        for turn in range(self.rounds):
            for cell in CELLS:
                for connections in CONNECTIONS:
                    # Whoever comes first in one round comes last in another.
                    shift = turn % len(self.running)
                    for one in self.running[shift:] + self.running[:shift]:
                        key = cell.name, one.target.name
                        came = self.load(one, files[key], paces[key], connections, turn)
                        kept = rates.setdefault(cell.name, {}).setdefault(str(connections), {})
                        kept.setdefault(one.target.name, []).append(came)
            _say(f"Round {turn + 1} of {self.rounds} is over.")
        return {
            "titles": {one.target.name: one.contender.title for one in self.running},
            "leaves": leaves,
            "rates": rates,
            "started": {
                one.target.name: round(one.seconds_to_first_answer, 2) for one in self.running
            },
            "idle": {name: round(value) for name, value in self.idle.items()},
            "loaded": {one.target.name: round(one.memory) for one in self.running},
        }

    def load(self, one: Running, bodies: Path, pace: Pace, connections: int, turn: int) -> float:
        """Requests a second. Raises Failed if answers are shorter than they should be."""
        wanted = round(LATENCIES * connections * pace.seconds + 0.5)
        seconds = max(self.seconds, min(LONGEST, wanted))
        came = load(one.target, bodies, connections, seconds, skip=turn * 61)
        # Of a few answers all may be of the last page, which is shorter.
        if came.requests >= MANY and came.bytes_each < pace.bytes_each / 2:
            raise Failed(f"{one.target.name} answers with {came.bytes_each:.0f} bytes only.")
        return round(came.rate, 1)

    def agree(self, cell: Cell) -> float:
        """How many leaves an answer has, on average. Raises Disagreement."""
        opaque = {one.target.name for one in self.running if one.contender.speaks == "gateway"}
        counts = []
        for variables in self.variables[cell.name][:COMPARED]:
            answers = {
                one.target.name: ask(
                    one.target,
                    body(one.contender.speaks, cell.document, variables, self.digest),
                )
                for one in self.running
            }
            counts.append(compare(f"{cell.name} {variables}", answers, opaque=opaque))
        return median(counts)

    def write(self, cell: Cell, one: Running) -> Path:
        """The cell's bodies as this contender understands them, one a line."""
        path = self.folder / f"{cell.name}-{one.target.name}"
        bodies = [
            body(one.contender.speaks, cell.document, said, self.digest)
            for said in self.variables[cell.name]
        ]
        path.write_bytes(b"\n".join(bodies) + b"\n")
        return path

    def pace(self, one: Running, path: Path) -> Pace:
        """Warm it up, and see how long its answers are and how long they take."""
        lines = path.read_bytes().splitlines()
        began = perf_counter()
        times: list[float] = []
        sizes: list[int] = []
        while len(times) < COMPARED or perf_counter() - began < WARM:
            begun = perf_counter()
            sizes.append(len(ask(one.target, lines[len(times) % len(lines)])))
            times.append(perf_counter() - begun)
        return Pace(median(times[len(times) // 2 :]), median(sizes))


def _digest(target: Target) -> str:
    """What this PostGraphile tells orders apart by."""
    asked = {"query": "{ allExperiments(first: 1) { pageInfo { endCursor } } }"}
    answer = json.loads(ask(target, json.dumps(asked).encode()))
    cursor = answer["data"]["allExperiments"]["pageInfo"]["endCursor"]
    digest: str = json.loads(b64decode(cursor))[0]
    return digest


if __name__ == "__main__":
    try:
        main()
    except (Failed, NoGenerator) as error:
        sys.exit(f"make bench: {error}")
