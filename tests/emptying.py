"""Databases without rows: as they were when they were migrated, apart from the next ids."""

from itertools import count

from sqlalchemy import text

import models as m
from models.database import Database

SOURCES = count(1)
MOST = 10


async def newcomer(database: Database) -> str:
    """The name of a new source, which comes to a few others at most."""
    number = next(SOURCES)
    if number % MOST == 0:
        await emptied(database)
    return f"source {number}"


async def emptied(database: Database) -> None:
    """Delete every row of every table, whatever names it."""
    later = "PRAGMA defer_foreign_keys = ON"
    never = "SET LOCAL session_replication_role = replica"
    async with database.write() as session:
        await session.execute(text(later if database.is_sqlite else never))
        for table in m.Source.metadata.sorted_tables:
            await session.execute(table.delete())
