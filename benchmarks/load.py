"""A load from a process of its own: wrk, with one thread and as many connections as asked."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")


class NoGenerator(Exception):
    """wrk is not there."""


class Failed(Exception):
    """What was measured did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and with which credential."""

    name: str
    url: str
    authorization: str


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one load. Latencies are in milliseconds."""

    requests: int
    rate: float
    p50: float
    p99: float
    bytes_each: float


def check() -> str:
    """The generator's version. Raises NoGenerator."""
    found = shutil.which("wrk")
    if found is None:
        raise NoGenerator("The load comes from wrk, which is not here (Debian: apt install wrk).")
    said = subprocess.run([found, "-v"], capture_output=True, text=True, check=False).stdout
    return said.partition(" [")[0].strip()


def load(target: Target, bodies: Path, connections: int, seconds: int, skip: int = 0) -> Load:
    """Send the bodies over and over for so long. Raises Failed if any answer was not 200."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
    arguments = ["-s", str(SCRIPT), target.url, "--", str(bodies), str(skip), target.authorization]
    finished = subprocess.run(
        command + arguments, capture_output=True, text=True, check=True, timeout=seconds + 90
    )
    told = json.loads(finished.stdout.splitlines()[-1])
    if told["failed"] or not told["requests"]:
        raise Failed(f"{target.name} failed {told['failed']} of {told['requests']} requests.")
    count = told["requests"]
    return Load(
        requests=count,
        rate=count * 1e6 / told["microseconds"],
        p50=told["p50"] / 1000,
        p99=told["p99"] / 1000,
        bytes_each=told["bytes"] / count,
    )
