"""The tables: what the migrations make is what the models say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

import models
from migrations.upgrade import current, downgrade, head, upgrade
from models.database import Database, migration_engine


def _difference(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
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
