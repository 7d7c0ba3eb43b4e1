"""What a command does with the database before and beside serving it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import select

from gateway.keys import create_first
from gateway.settings import Settings
from migrations.revisions import head, stands_at
from models import Source
from models.database import Database
from resolvers import log

T = TypeVar("T")


def prepare(url: str) -> None:
    """Create the database or bring it up to date. Raises DatabaseUnavailable."""
    if not using(url, _is_ready):
        from migrations.upgrade import upgrade  # noqa: PLC0415  seldom needed, and heavy

        upgrade(url)
        using(url, _is_ready)


async def _is_ready(database: Database) -> bool:
    """Whether the schema is the newest one; then its events are in order too."""
    await database.check()
    async with database.read() as session:
        if await stands_at(session) != head():
            return False
    async with database.write() as session:
        await log.adopt(session)
    return True


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


def welcome(settings: Settings, url: str) -> list[str]:
    """Where the gateway is and how to get in; where nobody could, the first key is made."""
    served = f"GraphQL at {url}graphql. Ctrl-C stops it."
    if settings.bootstrap_key:
        held = "It takes an API key, such as the value of TRIALGRAPH_BOOTSTRAP_KEY."
        return [f"Trialgraph: explorer at {url}", served, held]
    made = using(settings.database_url, create_first)
    if made is None:
        held = "It takes an API key: `trialgraph keys create NAME --scope admin` makes one."
        return [f"Trialgraph: explorer at {url}", served, held]
    return [
        f"Trialgraph: explorer at {url}#key={made.secret}",
        served,
        "The address carries the first API key, which may do everything and is shown this once.",
    ]
