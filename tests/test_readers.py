"""Connections that read stay open, one caller has one of them, and nobody waits for another's."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import models as m
from models.database import Database
from models.engines import READERS
from models.readers import Reader
from models.snapshot import Snapshot
from tests.following import until

SLOW = """WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300000)
    SELECT count(*) FROM n"""


async def asked(reader: Reader, statement: str) -> list[tuple[object, ...]]:
    return [tuple(record) for record in await reader.fetch(statement, [])]


async def test_the_connection_that_was_used_last_is_taken_first(database: Database) -> None:
    first, second = await database.readers.take(), await database.readers.take()
    await database.readers.give(first)
    await database.readers.give(second)

    async with database.readers.one() as third:
        assert third is second
    assert database.readers.at_work == 0


async def test_no_more_are_opened_than_there_may_be(database: Database) -> None:
    seen: set[int] = set()

    async def read() -> None:
        async with database.readers.one() as reader:
            seen.add(id(reader))
            assert database.readers.at_work <= READERS
            assert await asked(reader, "SELECT 1") == [(1,)]

    await asyncio.gather(*(read() for _ in range(5 * READERS)))
    assert len(seen) <= READERS
    assert database.readers.at_work == 0


async def test_others_go_on_while_a_statement_takes_long(database: Database) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(tick())
    async with database.readers.one() as reader:
        for _ in range(2):  # the second time it is known to be long
            before = ticks
            assert await asked(reader, SLOW) == [(300_000,)]
            assert ticks > before
    beside.cancel()


async def test_a_connection_can_be_used_after_a_statement_that_failed(database: Database) -> None:
    taken: list[Reader] = []

    async def fail() -> None:
        async with database.readers.one() as reader:
            taken.append(reader)
            await reader.begin()
            await reader.fetch("SELECT nothing FROM nowhere", [])

    with pytest.raises(DBAPIError):
        await fail()

    async with database.readers.one() as again:
        assert again is taken[0]
        assert not again.is_still
        assert await asked(again, "SELECT 1") == [(1,)]


async def test_one_that_was_cancelled_in_the_middle_is_not_used_again(database: Database) -> None:
    begun = asyncio.Event()
    taken: list[Reader] = []

    async def read() -> None:
        async with database.readers.one() as reader:
            taken.append(reader)
            begun.set()
            await reader.fetch(SLOW.replace("300000", "300000000"), [])

    task = asyncio.create_task(read())
    await begun.wait()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with database.readers.one() as other:
        assert other is not taken[0]
        assert await asked(other, "SELECT 1") == [(1,)]


async def test_readers_cannot_write(database: Database) -> None:
    async with database.readers.one() as reader:
        with pytest.raises(DBAPIError):
            await reader.fetch("INSERT INTO tag (kind, tag) VALUES ('GOAL', 'x')", [])
    async with database.read() as session:
        session.add(m.Source(name="x", platform=m.Platform.LOCAL))
        with pytest.raises(DBAPIError):
            await session.flush()

    async with database.readers.one() as reader:
        assert await asked(reader, "SELECT count(*) FROM tag") == [(0,)]
        assert await asked(reader, "SELECT count(*) FROM source") == [(0,)]


async def test_what_fails_while_nobody_waits_closes_the_connection(database: Database) -> None:
    reader = await database.readers.take()
    await reader.begin()
    await reader.close()
    database.readers.later(database.readers.give(reader))
    await until(lambda: database.readers.at_work == 0)

    async with database.readers.one() as other:
        assert other is not reader
        assert await asked(other, "SELECT 1") == [(1,)]


async def test_one_statement_that_is_all_needs_no_transaction(database: Database) -> None:
    snapshot = Snapshot(database, fields=1)
    async with snapshot.reading(is_all=True) as reader:
        assert not reader.is_still
    await snapshot.aclose()
    for fields, is_all in ((2, True), (1, False)):
        snapshot = Snapshot(database, fields=fields)
        async with snapshot.reading(is_all=is_all) as reader:
            assert reader.is_still
        async with snapshot.read() as session:
            assert await session.scalar(text("SELECT 1")) == 1
        await snapshot.aclose()


async def test_a_snapshot_whose_reader_is_cancelled_lets_it_go(database: Database) -> None:
    snapshot = Snapshot(database)

    async def read() -> None:
        async with snapshot.reading():
            await asyncio.sleep(60)

    task = asyncio.create_task(read())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with snapshot.read() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await snapshot.aclose()
