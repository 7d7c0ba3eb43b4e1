"""Hearing what PostgreSQL tells: that something happened on a channel, and no more than that."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from models.database import Database

AGAIN = 1.0
"""Seconds until a lost connection is made anew."""

log = structlog.get_logger("trialgraph.feed")


async def hear(database: Database, channel: str, wake: Callable[[], object]) -> None:
    """Wake for whatever is told on a channel, until cancelled; on SQLite nobody tells anything.

    What was told while there was no connection is lost: each new one wakes once.
    """
    while not database.is_sqlite:
        try:
            await _hear_once(database, channel, wake)
        except Exception as error:  # noqa: BLE001  the driver has errors of its own
            log.warning("events not heard", reason=type(error).__name__)
        await asyncio.sleep(AGAIN)


async def _hear_once(database: Database, channel: str, wake: Callable[[], object]) -> None:
    """Wake until the connection ends. It is none of the pool's."""
    ended = asyncio.Event()
    async with database.writer.connect() as connection:
        listening: Any = (await connection.get_raw_connection()).driver_connection
        await connection.run_sync(lambda held: held.detach())
        listening.add_termination_listener(lambda _: ended.set())
        await listening.add_listener(channel, lambda *_: wake())
        wake()
        await ended.wait()
