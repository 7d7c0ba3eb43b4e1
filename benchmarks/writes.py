"""What changes cost the gateway: starts with all that they check, and imports."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.cells import body
from benchmarks.contenders import Running, ask
from benchmarks.data import Loaded
from benchmarks.load import Failed, Target, load
from connectors.importing import import_files
from gateway.startup import using

CLIENTS = (1, 16)
WHO = ("trialgraph", "trialgraph-sqlite")
IMPORTED = 300
"""How many experiments each file has that is imported."""

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
