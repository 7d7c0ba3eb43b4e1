"""What a command does with the database before and beside serving it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import select

from migrations.upgrade import upgrade
from models import Source
from models.database import Database

T = TypeVar("T")


def prepare(url: str) -> None:
    """Create the database or bring it up to date. Raises DatabaseUnavailable."""
    using(url, Database.check)
    upgrade(url)


def using(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """What `work` makes of the database, which is closed afterwards."""

    async def run() -> T:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.dispose()

    return asyncio.run(run())


async def is_empty(database: Database) -> bool:
    """Whether nothing was ever loaded: everything that is comes from a source."""
    async with database.read() as session:
        return await session.scalar(select(Source).limit(1)) is None
