"""An operation reads one moment of the database, however often it reads."""

import asyncio
from contextlib import aclosing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, func, select

import models as m
from models.database import Database
from models.snapshot import Snapshot


async def count(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count(col(m.Source.id)))) or 0)


async def nonsense(database: Database) -> None:
    async with database.read() as session:
        await session.execute(text("SELECT nothing FROM nowhere"))


async def test_what_is_written_meanwhile_is_not_seen(database: Database) -> None:
    async with aclosing(Snapshot(database)) as snapshot:
        first = await count(snapshot)
        async with database.write() as session:
            session.add(m.Source(name="late", platform=m.Platform.LOCAL))

        assert (first, await count(snapshot), await count(database)) == (0, 0, 1)
    async with aclosing(Snapshot(database)) as later:
        assert await count(later) == 1


async def test_reads_of_a_moment_wait_for_each_other_and_may_be_nested(database: Database) -> None:
    async with aclosing(Snapshot(database)) as snapshot:
        assert await asyncio.gather(*(count(snapshot) for _ in range(5))) == [0] * 5
        async with snapshot.read() as outer, snapshot.read() as inner:
            assert inner is outer


async def test_after_a_failure_the_next_read_sees_a_later_moment(database: Database) -> None:
    async with aclosing(Snapshot(database)) as snapshot:
        assert await count(snapshot) == 0
        async with database.write() as session:
            session.add(m.Source(name="late", platform=m.Platform.LOCAL))
        with pytest.raises(DBAPIError):
            await nonsense(snapshot)

        assert await count(snapshot) == 1


async def test_a_closed_moment_keeps_no_connection(database: Database) -> None:
    for _ in range(30):  # more than there are connections
        async with aclosing(Snapshot(database)) as snapshot:
            assert await count(snapshot) == 0
