"""The tables: what the migrations make is what the models say."""

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, select, text, update
from sqlmodel import SQLModel, col

import models
from migrations.comparing import belongs_to
from migrations.revisions import head
from migrations.upgrade import current, downgrade, upgrade
from models.database import Database
from models.engines import migration_engine
from models.errors import DatabaseBusy


def _difference(connection: Connection) -> list[Any]:
    opts = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": belongs_to(connection.dialect.name),
    }
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, SQLModel.metadata))


async def test_models_and_migrations_agree(database_url: str) -> None:
    engine = migration_engine(database_url)
    async with engine.connect() as connection:
        difference = await connection.run_sync(_difference)
    await engine.dispose()

    assert difference == []


def test_a_migrated_database_can_go_all_the_way_back_and_forth(database_url: str) -> None:
    assert current(database_url) == head()
    downgrade(database_url, "base")
    assert current(database_url) is None
    upgrade(database_url)

    assert current(database_url) == head()


async def test_a_row_comes_back_as_it_was_written(database: Database) -> None:
    async with database.write() as session:
        source = models.Source(name="tests", platform=models.Platform.LOCAL)
        session.add(source)
    async with database.read() as session:
        found = await session.get(models.Source, source.id)

    assert found == source


async def test_a_writer_that_waits_too_long_is_told_to_try_again(
    database: Database, database_url: str
) -> None:
    async with database.write() as session:
        session.add(models.Source(name="tests", platform=models.Platform.LOCAL))
    name = update(models.Source).values(url="late")
    impatient = Database(database_url, patience=0.2)
    async with database.write() as holder:
        await holder.execute(update(models.Source).values(url="early"))
        with pytest.raises(DatabaseBusy) as caught:
            async with impatient.write() as late:
                await late.execute(name)
    async with database.read() as session:
        kept = await session.scalar(select(col(models.Source.url)))
    async with impatient.write() as late:
        await late.execute(name)
    async with database.read() as session:
        written = await session.scalar(select(col(models.Source.url)))
    await impatient.dispose()

    assert caught.value.extensions == {"retryable": True}
    assert (kept, written) == ("early", "late")


async def test_twenty_writers_at_once_lose_no_update(database: Database) -> None:
    async with database.write() as session:
        session.add(models.Source(name="tests", platform=models.Platform.LOCAL, url="0"))

    async def count_one_more() -> None:
        async with database.write() as session:
            source = await session.get_one(models.Source, 1, with_for_update=True)
            source.url = str(int(source.url or 0) + 1)

    await asyncio.gather(*(count_one_more() for _ in range(20)))
    async with database.read() as session:
        assert (await session.get_one(models.Source, 1)).url == "20"


async def test_a_connection_that_is_in_use_at_the_end_is_closed_when_it_comes_back(
    database: Database,
) -> None:
    ended = Database(database.url.render_as_string(hide_password=False))
    async with ended.write() as session:
        pooled = await (await session.connection()).get_raw_connection()
        driver: Any = pooled.driver_connection
        await ended.dispose()
        assert await session.scalar(text("SELECT 1")) == 1

    is_open = driver._connection if ended.is_sqlite else not driver.is_closed()  # noqa: SLF001
    assert not is_open


@pytest.mark.parametrize("column", ["created_at", "started_at"])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
async def test_the_first_and_the_latest_experiments_are_read_from_an_index(
    database: Database, column: str, order: str
) -> None:
    ordered = f"ORDER BY {column} {order} NULLS LAST, id LIMIT 50"
    statement = f"SELECT id FROM experiment {ordered}"  # noqa: S608  words of this test
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    async with database.read() as session:
        if not database.is_sqlite:
            # An empty table would be sorted; what cannot be read in order is sorted all the same.
            for way in ("seqscan", "sort", "bitmapscan"):
                await session.execute(text(f"SET LOCAL enable_{way} = off"))
        rows = (await session.execute(text(f"{explain} {statement}"))).all()
    plan = "\n".join(str(row[-1]) for row in rows)

    assert f"ix_experiment_{column}" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
