"""The demo graph: the same rows every time, and a company that makes sense."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

import models
from gateway.demo import load
from gateway.demo.ledger import Ledger
from gateway.demo.story import tell
from models import Phase, Platform, Status
from models.database import Database
from models.errors import BadUserInput
from models.lifecycle import status_of

Row = dict[str, Any]

LOCAL, ABSMARTLY, POSTHOG, AUTH0, CHECKMANGO = Platform

PHASES = {
    LOCAL: set(Phase),
    ABSMARTLY: {Phase.DRAFT, Phase.READY, Phase.DEVELOPMENT, Phase.RUNNING, Phase.STOPPED},
    POSTHOG: {Phase.DRAFT, Phase.RUNNING, Phase.PAUSED, Phase.FROZEN, Phase.STOPPED},
    AUTH0: {Phase.DRAFT, Phase.RUNNING, Phase.PAUSED, Phase.STOPPED},
    CHECKMANGO: {Phase.DRAFT, Phase.RUNNING, Phase.STOPPED},
}


# --- What the demo says, without a database


@cache
def told(experiments: int) -> dict[str, list[Row]]:
    """The rows of every table, as they would be written."""
    ledger = Ledger()
    assert list(tell(ledger, experiments))[-1] == experiments
    return {table.name: rows for table, rows in ledger.drain()}


def of(experiments: int, table: str) -> list[Row]:
    """The rows of one table."""
    return told(experiments).get(table, [])


def status(experiment: Row) -> Status:
    columns = ("archived", "deleted_at", "full_on_at", "start_scheduled_at")
    return status_of(experiment["phase"], **{name: experiment[name] for name in columns})


def split_of(experiment: Row) -> list[float]:
    return [float(share) for share in (experiment["percentages"] or "").split("/") if share]


def lacks(experiment: Row, rows: dict[str, list[Row]]) -> set[str]:
    """What keeps an experiment from being started."""
    mine = [row for row in rows["variant"] if row["experiment_id"] == experiment["id"]]
    owners = [row for row in rows["experiment_owner"] if row["experiment_id"] == experiment["id"]]
    split = split_of(experiment)
    checks = {
        "metric": experiment["primary_metric_id"] is not None,
        "percentages": len(split) == experiment["variant_count"] and sum(split) == 100,
        "weights": sum(row["weight"] for row in mine) == 100,
        "variants": len(mine) == experiment["variant_count"] >= 2,
        "control": [row["is_control"] for row in mine].count(True) == 1,
        "unit": experiment["unit_type_id"] is not None,
        "owner": bool(owners),
    }
    return {name for name, holds in checks.items() if not holds}


@pytest.mark.parametrize("experiments", [1, 2, 3, 39, 40, 41, 137, 1000])
def test_a_demo_has_exactly_as_many_experiments_as_wanted(experiments: int) -> None:
    assert [row["id"] for row in of(experiments, "experiment")] == [*range(1, experiments + 1)]


def test_a_larger_demo_begins_with_the_smaller_one() -> None:
    for table in ("experiment", "family", "variant", "result", "note", "user", "metric", "goal"):
        smaller = of(40, table)
        assert of(300, table)[: len(smaller)] == smaller, table


def test_the_first_forty_have_every_platform_phase_and_status() -> None:
    experiments = of(40, "experiment")

    assert {row["platform"] for row in experiments} == set(Platform)
    assert {status(row) for row in experiments} == set(Status)
    for platform, phases in PHASES.items():
        mine = {row["phase"] for row in experiments if row["platform"] is platform}
        assert mine == phases, platform


def test_some_of_the_first_local_drafts_can_be_started_and_each_other_lacks_one_thing() -> None:
    rows = told(40)
    local = [row for row in rows["experiment"] if row["platform"] is LOCAL]
    drafts = [lacks(row, rows) for row in local if row["phase"] is Phase.DRAFT]
    ready = [lacks(row, rows) for row in local if row["phase"] is Phase.READY]

    assert drafts.count(set()) >= 3
    assert ready == [set()]
    assert sorted(sorted(lack) for lack in drafts if lack) == [
        ["control"],
        ["metric"],
        ["percentages", "weights"],
        ["variants"],
    ]


def test_an_experiment_beyond_the_drafts_lacks_nothing() -> None:
    rows = told(300)
    for experiment in rows["experiment"]:
        if experiment["platform"] is not LOCAL:
            continue
        if experiment["phase"] is not Phase.DRAFT or experiment["start_scheduled_at"]:
            assert lacks(experiment, rows) == set(), experiment["key"]


def test_every_phase_is_one_that_the_platform_has() -> None:
    for row in of(1000, "experiment"):
        assert row["phase"] in PHASES[row["platform"]]


def test_every_row_fills_exactly_the_columns_that_the_database_does_not() -> None:
    for name, rows in told(300).items():
        table = SQLModel.metadata.tables[name]
        columns = {
            column.key
            for column in table.c
            if column.default is None or not column.default.is_clause_element
        }
        assert all(row.keys() == columns for row in rows), name


# --- In a database


async def dump(database: Database) -> str:
    """Everything that is in the database."""
    lines = []
    async with database.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            columns = [column for column in table.c if column.key != "transaction_id"]
            found = await session.execute(select(*columns).order_by(*table.primary_key))
            lines += [f"{table.name} {tuple(row)!r}" for row in found]
    return "\n".join(lines)


@pytest.fixture
async def other(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A second empty database, always on SQLite."""
    path = tmp_path / "other.db"
    shutil.copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    yield opened
    await opened.dispose()


async def test_the_same_number_makes_the_same_rows_everywhere(
    database: Database, other: Database
) -> None:
    await load(database, 120)
    await load(other, 120)

    first, second = await dump(database), await dump(other)
    assert first == second
    assert first.count("\nexperiment (") == 120


def test_the_hash_seed_changes_no_row() -> None:
    """Two processes with hash seeds of their own say what this one says."""
    script = (
        "import hashlib\n"
        "from gateway.demo.ledger import Ledger\n"
        "from gateway.demo.story import tell\n"
        "ledger = Ledger()\n"
        "list(tell(ledger, 60))\n"
        "rows = repr([(table.name, rows) for table, rows in ledger.drain()])\n"
        "print(hashlib.sha256(rows.encode()).hexdigest())\n"
    )
    here = repr([(name, rows) for name, rows in told(60).items()])
    expected = hashlib.sha256(here.encode()).hexdigest()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        found = subprocess.run(
            [sys.executable, "-c", script],
            cwd=Path(__file__).parent.parent,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        assert found.stdout.strip() == expected


async def test_progress_is_told_up_to_the_end(database: Database) -> None:
    heard: list[tuple[int, int]] = []
    await load(database, 25, lambda done, total: heard.append((done, total)))

    assert heard[0] == (0, 25)
    assert heard[-1] == (25, 25)


async def test_a_demo_is_loaded_beside_what_is_there(database: Database) -> None:
    async with database.write() as session:
        session.add(models.Source(name="mine", platform=LOCAL))
    await load(database, 10)

    source = SQLModel.metadata.tables["source"]
    async with database.read() as session:
        names = await session.scalars(select(source.c.name).order_by(source.c.id))
    assert list(names) == ["mine", *(f"demo-{platform.lower()}" for platform in Platform)]


async def test_the_next_row_finds_a_free_number(database: Database) -> None:
    await load(database, 40)
    async with database.write() as session:
        source = models.Source(name="mine", platform=LOCAL)
        session.add(source)
        await session.flush()
        added: list[Any] = [
            models.User(source_id=source.id),
            models.Team(source_id=source.id, name="mine"),
            models.Metric(source_id=source.id, name="mine"),
            models.Event(action="START", subject_type="Experiment"),
            models.Note(source_id=source.id, experiment_id=1),
            models.Variant(experiment_id=1, index=9),
            models.Result(experiment_id=1),
            models.Family(source_id=source.id, key="mine"),
        ]
        session.add_all(added)
        await session.flush()
        for row in added:
            highest = await session.scalar(select(func.max(type(row).id)))
            count = await session.scalar(select(func.count(type(row).id)))
            assert row.id == highest == count


async def test_events_are_numbered_by_time(database: Database) -> None:
    await load(database, 60)
    event = SQLModel.metadata.tables["event"].c
    async with database.read() as session:
        events = list(await session.execute(select(event.id, event.at).order_by(event.id)))

    assert [row.id for row in events] == [*range(1, len(events) + 1)]
    assert [row.at for row in events] == sorted(row.at for row in events)


@pytest.mark.parametrize("experiments", [0, -1, 100_001])
async def test_a_number_out_of_range_is_refused(database: Database, experiments: int) -> None:
    with pytest.raises(BadUserInput, match=f"not {experiments:,}"):
        await load(database, experiments)

    assert await dump(database) == ""


async def test_a_second_demo_is_refused_and_changes_nothing(database: Database) -> None:
    await load(database, 3)
    before = await dump(database)
    with pytest.raises(BadUserInput, match="'demo-absmartly' exists"):
        await load(database, 4)

    assert await dump(database) == before


async def test_a_load_that_is_broken_off_leaves_nothing(database: Database) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyError(done)

    with pytest.raises(KeyError):
        await load(database, 10, interrupt)

    assert await dump(database) == ""
    await load(database, 10)
