"""Syncs of many experiments: little memory, few calls, and the second one writes nothing."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.platforms.__main__ import PLATFORMS, described
from tests.platforms.standin import fill, serve

FEW, MANY = (500, 5_000) if "TRIALGRAPH_SOAK" in os.environ else (30, 300)

FLAT = (96 if "TRIALGRAPH_SOAK" in os.environ else 32) * 1024
"""KiB that the peaks may differ by: SQLite's caches, of 64 and 16 MiB, fill up and then stay."""

ONES = {"ABSMARTLY": 1.0, "POSTHOG": 0.0, "AUTH0": 0.1, "CHECKMANGO": 3.0}
"""Calls for each experiment that a first sync may make beside its pages: activity, statistics."""

SYNC = """
import asyncio, hashlib, json, resource, sqlite3, sys, time
from pathlib import Path
from sqlalchemy import select
from connectors.credentials import Secrets
from connectors.registry import Registry
from connectors.sync import Sync
from gateway import sources
from models import Platform, Source
from models.base import now
from models.database import Database

base, secrets, platform, address = sys.argv[1:]
seen = []

def rows():
    connection = sqlite3.connect(base)
    names = [row[0] for row in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'source' ORDER BY name")]
    digest = hashlib.sha256()
    for name in names:
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            digest.update(repr(row).encode())
    connection.close()
    return digest.hexdigest()

async def run():
    database = Database(f"sqlite:///{base}")
    await sources.connect(database, "large", Platform(platform), address)
    registry = Registry(Secrets(Path(secrets)))
    for _ in range(2):
        async with database.read() as session:
            source = await session.scalar(select(Source))
        begun = time.monotonic()
        done = await Sync(database, registry, now).run(source)
        seconds = time.monotonic() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        counts = done.counts()
        found = sum(counts["experiment"].values())
        said = {"seconds": seconds, "peak": peak, "pages": done.pages, "experiments": found}
        print(json.dumps({**said, "rows": rows()}), flush=True)
        sys.stdin.readline()
    await registry.close()
    await database.dispose()

asyncio.run(run())
"""


@dataclass(frozen=True)
class Figures:
    """What a sync took: seconds, the peak of its process in KiB, pages, and calls of all kinds."""

    seconds: float
    peak: int
    pages: int
    experiments: int
    rows: str
    calls: int


def synced(platform: str, count: int, base: Path) -> tuple[Figures, Figures]:
    """Two syncs, one after the other, in a process of their own."""
    standin = PLATFORMS[platform]()
    fill(standin, experiments=count)
    secrets = base.with_suffix(".json")
    with serve(standin):
        secrets.write_text(json.dumps({"large": described(platform, standin)}))
        command = [sys.executable, "-c", SYNC, str(base), str(secrets), platform, standin.url]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            found = []
            for _ in range(2):
                said = json.loads(process.stdout.readline())
                found.append(Figures(**said, calls=len(standin.calls)))
                standin.clear()
                process.stdin.write("\n")
                process.stdin.flush()
    assert process.returncode == 0
    return found[0], found[1]


@pytest.mark.large
@pytest.mark.parametrize("platform", PLATFORMS)
def test_ten_times_as_many_experiments_take_the_same_memory_and_a_second_sync_writes_nothing(
    sqlite_template: Path, tmp_path: Path, platform: str
) -> None:
    few, _ = synced(platform, FEW, Path(shutil.copy(sqlite_template, tmp_path / "few.db")))
    first, second = synced(platform, MANY, Path(shutil.copy(sqlite_template, tmp_path / "many.db")))
    sys.stdout.write(f"{platform}\n  {first}\n  {second}\n")  # what `make soak ARGS=-s` is for
    assert first.experiments == second.experiments > MANY * 0.9
    assert first.rows == second.rows
    assert first.peak - few.peak < FLAT
    assert first.calls <= first.pages + MANY * ONES[platform] + 20
    assert second.calls <= second.pages + MANY * 0.11 + 20
    assert second.peak - first.peak < FLAT
