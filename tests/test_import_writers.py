"""Other writers while an import writes: they wait or are told to try again; nothing is lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select, update

import models
from connectors.importing import Progress, import_documents
from connectors.payloads.documents import Document
from connectors.report import Report
from models.database import Database
from models.errors import DatabaseBusy

CHECKOUT = {"id": 1, "name": "checkout", "state": "running", "iteration": 1}


def many(count: int) -> list[dict[str, Any]]:
    """Experiments that take a moment to read."""
    variants = [{"variant": place, "config": "c" * 1_000} for place in range(10)]
    return [
        CHECKOUT | {"id": place + 1, "name": f"experiment {place}", "variants": variants}
        for place in range(count)
    ]


async def take(database: Database, **said: Any) -> Report:
    text = json.dumps({"experiment": CHECKOUT | said}).encode()
    return await import_documents(database, [Document("file", BytesIO(text))])


async def experiments(database: Database, *names: str) -> list[tuple[Any, ...]]:
    columns = models.Experiment.metadata.tables["experiment"].columns
    async with database.read() as session:
        found = await session.execute(select(*(columns[name] for name in names)))
        return [tuple(row) for row in found]


async def describe(database: Database, text: str) -> None:
    """A change as a mutation makes it: of one row, whose version grows."""
    columns = models.Experiment.metadata.tables["experiment"].columns
    async with database.write() as session:
        await session.execute(
            update(models.Experiment)
            .where(columns.id == 1)
            .values(description=text, version=columns.version + 1)
        )


@pytest.fixture
async def hurried(database_url: str) -> AsyncIterator[Database]:
    """The same database for somebody who does not wait."""
    opened = Database(database_url, patience=0.1)
    yield opened
    await opened.dispose()


@asynccontextmanager
async def importing(database: Database, **said: Any) -> AsyncIterator[None]:
    """An import that has written everything, and commits when the block is left."""
    written, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: object) -> None:
        written.set()
        await go_on.wait()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("connectors.payloads.order.date_first_starts", wait)
        task = asyncio.create_task(take(database, **said))
        await written.wait()
        try:
            yield
        finally:
            go_on.set()
            await task


async def test_a_change_that_waits_too_long_for_an_import_may_try_again(
    database: Database, hurried: Database
) -> None:
    await take(database)
    async with importing(database, hypothesis="imported"):
        with pytest.raises(DatabaseBusy) as busy:
            await describe(hurried, "changed")
        assert await experiments(hurried, "hypothesis", "version") == [(None, 1)]
    await describe(hurried, "changed")

    assert busy.value.extensions == {"retryable": True}
    assert await experiments(database, "hypothesis", "description", "version") == [
        ("imported", "changed", 3)
    ]


async def test_a_patient_change_comes_after_the_import_and_keeps_it(
    database: Database, database_url: str
) -> None:
    await take(database)
    other = Database(database_url, patience=30)
    async with importing(database, hypothesis="imported"):
        change = asyncio.create_task(describe(other, "changed"))
        await asyncio.sleep(0.2)
        assert not change.done()
    await change
    await other.dispose()

    assert await experiments(database, "hypothesis", "description", "version") == [
        ("imported", "changed", 3)
    ]


async def test_an_import_that_waits_too_long_for_a_change_writes_nothing_and_may_try_again(
    database: Database, hurried: Database
) -> None:
    await take(database)
    columns = models.Experiment.metadata.tables["experiment"].columns
    async with database.write() as session:
        await session.execute(
            update(models.Experiment).where(columns.id == 1).values(description="changed")
        )
        with pytest.raises(DatabaseBusy):
            await take(hurried, hypothesis="imported", unit_type={"id": 1, "name": "user_id"})
    assert await experiments(database, "hypothesis", "description", "version") == [
        (None, "changed", 1)
    ]

    await take(hurried, hypothesis="imported", unit_type={"id": 1, "name": "user_id"})
    assert await experiments(database, "hypothesis", "description", "version") == [
        ("imported", "changed", 2)
    ]


async def test_two_imports_at_once_come_one_after_the_other(
    database: Database, database_url: str
) -> None:
    other = Database(database_url, patience=30)
    reports = await asyncio.gather(take(database, notes=[]), take(other, notes=[]))
    await other.dispose()

    assert sorted(next(iter(report.outcomes)) for report in reports) == [
        ("experiment", "created"),
        ("experiment", "unchanged"),
    ]


async def test_a_cancelled_import_leaves_nothing(database: Database) -> None:
    text = json.dumps({"experiments": many(40)}).encode()

    def cancel(progress: Progress) -> None:
        if progress.step == "writing":
            task.cancel()

    task = asyncio.create_task(
        import_documents(database, [Document("file", BytesIO(text))], progress=cancel)
    )
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await experiments(database, "id") == []
    assert (await take(database)).outcomes == {("experiment", "created"): 1}


async def test_others_have_their_turn_while_a_file_is_read(database: Database) -> None:
    text = json.dumps({"experiments": many(60)}).encode()
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    steps: dict[str, int] = {}

    def note(progress: Progress) -> None:
        steps.setdefault(progress.step, turns)

    await import_documents(
        database,
        [Document("file", BytesIO(text))],
        progress=note,
    )
    counting.cancel()

    assert steps["checking"] <= steps["reading"] < steps["writing"]
