"""What changes cost the gateway: starts with all that they check, and imports."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from benchmarks.cells import body
from benchmarks.contenders import Running, ask
from benchmarks.data import Loaded
from benchmarks.load import Failed, Target, load
from connectors.credentials import Secrets
from connectors.importing import import_files
from connectors.registry import HOMES, Registry
from connectors.sync import Sync
from gateway import sources
from gateway.startup import using
from models import Platform, Source
from models.base import now
from models.database import Database

CLIENTS = (1, 16)
WHO = ("trialgraph", "trialgraph-sqlite")
IMPORTED = 300
"""How many experiments each file has that is imported."""

SYNCED = 300
"""How many experiments the stand-in has that is synced."""

ROOT = Path(__file__).parent.parent

STARTED = """{
  experiments(where: {source: {name: {eq: "waiting"}}, phase: {eq: RUNNING}}) { totalCount }
}"""


def measure(
    running: Sequence[Running],
    loaded: Loaded,
    folder: Path,
    urls: Mapping[str, str],
    rounds: int,
    seconds: int,
) -> dict[str, Any]:
    """Starts a second by clients and contender, and experiments a second by database."""
    chosen = [one for one in running if one.target.name in WHO]
    return {
        "starts": _starts(chosen, loaded, folder, rounds, seconds),
        "imports": _imports(folder, urls, rounds),
        "syncs": _syncs(folder, urls),
    }


def _starts(
    running: Sequence[Running], loaded: Loaded, folder: Path, rounds: int, seconds: int
) -> dict[str, Any]:
    path = folder / "start"
    lines = [body("gateway", "start", {"id": number}, "") for number in loaded.waiting]
    path.write_bytes(b"\n".join(lines) + b"\n")
    begun = {one.target.name: 0 for one in running}
    rates: dict[str, Any] = {}
    for _ in range(rounds):
        for clients in CLIENTS:
            for one in running:
                name = one.target.name
                if begun[name] * 2 > len(lines):
                    continue  # an experiment can be started once
                came = load(one.target, path, clients, seconds, skip=begun[name])
                begun[name] = _begun(one.target, begun[name], came.requests, clients)
                rates.setdefault(str(clients), {}).setdefault(name, []).append(round(came.rate, 1))
    return rates


def _begun(target: Target, before: int, answered: int, clients: int) -> int:
    """How many are started now. Raises Failed if an answer was a refusal."""
    told = json.loads(ask(target, json.dumps({"query": STARTED}).encode()))
    now: int = told["data"]["experiments"]["totalCount"]
    # What was under way when the load ended was started and not counted.
    if not before + answered <= now <= before + answered + clients:
        raise Failed(f"{target.name} answered {answered} starts and started {now - before}.")
    return now


def _imports(folder: Path, urls: Mapping[str, str], rounds: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {}
    for turn in range(rounds):
        path = folder / f"import-{turn}.json"
        first = turn * IMPORTED
        made = [_experiment(number) for number in range(first, first + IMPORTED)]
        path.write_text(json.dumps({"experiments": made}))
        for kind, url in urls.items():
            begun = perf_counter()
            report = using(url, partial(import_files, paths=[path]))
            took = perf_counter() - begun
            if report.outcomes["experiment", "created"] != IMPORTED:
                raise Failed(f"Of {IMPORTED} experiments not all were imported into {kind}.")
            rates.setdefault(kind, []).append(round(IMPORTED / took, 1))
    return rates


def _syncs(folder: Path, urls: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Experiments a second by how often they were read before, from a stand-in for ABsmartly.

    It is in a process of its own and answers over HTTP.
    """
    command = [sys.executable, "-m", "tests.platforms", "--experiments", str(SYNCED)]
    rates: dict[str, dict[str, float]] = {"first": {}, "again": {}}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as standins:
        try:
            told = (
                [json.loads(standins.stdout.readline()) for _ in HOMES] if standins.stdout else []
            )
            [standin] = [each for each in told if each["platform"] == "ABSMARTLY"]
            secrets = folder / "secrets.json"
            secrets.write_text(json.dumps({"synced": standin}))
            for kind, url in urls.items():
                using(url, partial(_connect, address=standin["url"]))
                for kept in rates.values():
                    begun = perf_counter()
                    found = using(url, partial(_sync, secrets=secrets))
                    kept[kind] = round(found / (perf_counter() - begun), 1)
        finally:
            standins.terminate()
    return rates


async def _connect(database: Database, address: str) -> None:
    await sources.connect(database, "synced", Platform.ABSMARTLY, address)


async def _sync(database: Database, secrets: Path) -> int:
    """How many experiments were read. Raises Failed unless all were."""
    registry = Registry(Secrets(secrets))
    async with database.read() as session:
        source = (await session.scalars(select(Source).where(col(Source.name) == "synced"))).one()
    done = await Sync(database, registry, now).run(source)
    await registry.close()
    found = sum(done.counts()["experiment"].values())
    if found < SYNCED:
        raise Failed(f"Of {SYNCED} experiments {found} were synced.")
    return found


def _experiment(number: int) -> dict[str, Any]:
    """As ABsmartly answers it, with a metric, people and words that others have too."""
    said = {"created_at": "2025-03-20T12:00:00Z", "updated_at": None}
    person = said | {"id": number % 200 + 1, "email": f"{number % 200}@example.com"}
    goal = said | {"id": number % 50 + 1, "name": f"goal {number % 50}"}
    metrics = [
        said | {"id": at + 1, "name": f"metric {at}", "type": "goal_count"} | _goal(goal)
        for at in (number % 300, (number + 1) % 300)
    ]
    return said | {
        "id": number + 1,
        "name": f"imported_{number}",
        "state": "running",
        "iteration": 1,
        "percentages": "50/50",
        "hypothesis": f"What number {number} tries is better.",
        "nr_variants": 2,
        "variants": [
            {"variant": 0, "name": "control", "config": "{}"},
            {"variant": 1, "name": "new", "config": "{}"},
        ],
        "primary_metric_id": metrics[0]["id"],
        "primary_metric": metrics[0],
        "secondary_metrics": [
            {"metric_id": metrics[1]["id"], "metric": metrics[1], "type": "secondary"}
        ],
        "owners": [{"user_id": person["id"], "user": person}],
    }


def _goal(goal: dict[str, Any]) -> dict[str, Any]:
    return {"goal_id": goal["id"], "goal": goal}
