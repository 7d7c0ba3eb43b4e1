"""Large files in little memory."""

import json
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import models
from connectors.importing import import_documents
from connectors.payloads.documents import Document
from models.database import Database

FEW, MANY = (1_000, 10_000) if "TRIALGRAPH_SOAK" in os.environ else (100, 1_000)

LONG = 33_000 if "TRIALGRAPH_SOAK" in os.environ else 6_000
"""Items of one list: more than are bound at a time, and in full more than a database can bind."""

FLAT = (80 if "TRIALGRAPH_SOAK" in os.environ else 24) * 1024
"""KiB that the peaks may differ by: SQLite's caches, of 64 and 16 MiB, fill up and then stay."""

AUDIT = {"created_at": "2025-03-20T12:00:00Z", "created_by_user_id": 1, "updated_at": None}

IMPORT = """
import asyncio, resource, sys
from connectors.importing import import_files
from models.database import Database

async def run():
    database = Database(sys.argv[1])
    report = await import_files(database, sys.argv[2:])
    await database.dispose()
    print(report.outcomes["experiment", "created"])

asyncio.run(run())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def user(number: int) -> dict[str, Any]:
    """One of two hundred people."""
    return AUDIT | {
        "id": number % 200 + 1,
        "email": f"{number % 200}@example.com",
        "department": "Growth",
    }


def metric(number: int) -> dict[str, Any]:
    """One of three hundred metrics, with their goals."""
    number %= 300
    goal = {"id": number % 50 + 1, "name": f"goal {number % 50}", "description": "g" * 400}
    return AUDIT | {
        "id": number + 1,
        "name": f"metric {number}",
        "description": "m" * 400,
        "type": "goal_count",
        "goal_id": goal["id"],
        "goal": goal,
        "owners": [{"user_id": number % 200 + 1, "user": user(number)}],
    }


def experiment(number: int) -> dict[str, Any]:
    """An experiment as a list answers it: some 12 KB."""
    metrics = [metric(number + step) for step in range(4)]
    return AUDIT | {
        "id": number + 1,
        "name": f"experiment {number}",
        "state": "running",
        "iteration": 1,
        "percentages": "50/50",
        "hypothesis": "h" * 1_000,
        "primary_metric_id": metrics[0]["id"],
        "primary_metric": metrics[0],
        "secondary_metrics": [
            {"metric_id": each["id"], "metric": each, "type": "guardrail"} for each in metrics[1:]
        ],
        "created_by": user(number),
        "owners": [{"user_id": number % 200 + 1, "user": user(number)}],
        "variants": [
            {"variant": place, "name": f"variant {place}", "config": "c" * 1_000}
            for place in range(2)
        ],
        "notes": [
            AUDIT | {"id": number * 2 + place + 1, "note": "n" * 800, "action": "comment"}
            for place in range(2)
        ],
    }


def written(folder: Path, count: int) -> Path:
    """A list of that many experiments, in a file."""
    path = folder / f"{count}.json"
    with path.open("w") as file:
        file.write('{"experiments": [')
        for number in range(count):
            file.write(("," if number else "") + json.dumps(experiment(number)))
        file.write(f'], "total": {count}}}')
    return path


@pytest.mark.large
def test_ten_times_as_many_experiments_take_the_same_memory(
    sqlite_template: Path, tmp_path: Path
) -> None:
    peaks = []
    for count in (FEW, MANY):
        base = shutil.copy(sqlite_template, tmp_path / f"{count}.db")
        command = [sys.executable, "-c", IMPORT, f"sqlite:///{base}", str(written(tmp_path, count))]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        created, peak = map(int, run.stdout.split())
        assert created == count
        peaks.append(peak)

    assert peaks[1] - peaks[0] < FLAT


@pytest.mark.large
async def test_a_list_may_be_longer_than_a_statement(database: Database) -> None:
    owners = [{"user_id": number + 1} for number in range(LONG)]
    goals = [{"goal_id": number + 1} for number in range(LONG)]
    owned = {"experiment": {"id": 1, "name": "x", "owners": owners}, "team": {"id": 1, "name": "t"}}
    owned["team"]["goals"] = goals
    users = [{"id": number + 1, "email": f"{number}@example.com"} for number in range(LONG)]
    things = {"users": users, "goals": [{"id": n + 1, "name": f"{n}"} for n in range(LONG)]}
    reports = [
        await import_documents(database, [Document("file", BytesIO(json.dumps(said).encode()))])
        for said in (owned, things, owned)
    ]
    async with database.read() as session:
        counts = [
            await session.scalar(select(func.count()).select_from(model))
            for model in (models.ExperimentOwner, models.GoalTeam, models.Reference)
        ]

    assert counts == [LONG, LONG, 0]
    assert reports[0].waiting == 2 * LONG
    assert reports[2].outcomes == {("experiment", "unchanged"): 1, ("team", "unchanged"): 1}
