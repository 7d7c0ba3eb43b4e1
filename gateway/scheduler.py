"""What happens by the clock: planned transitions, requests past their time, answers forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from models.base import now
from models.database import Database
from models.errors import ExpectedError
from resolvers.change import Change
from resolvers.change_request import expire_due
from resolvers.idempotency import forget
from resolvers.schedule import GATEWAY, give_up, run_due

UPKEEP_EVERY = timedelta(minutes=1)
PATIENCE = 5.0
"""How many seconds a pass that is under way may take to end when the process stops."""

log = structlog.get_logger("trialgraph.scheduler")


@asynccontextmanager
async def running(database: Database, seconds: float) -> AsyncIterator[None]:
    """Look for what is due every so many seconds, until the block is left."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_forever(database, seconds, stopping))
    try:
        yield
    finally:
        stopping.set()
        with suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(task, PATIENCE)


async def _forever(database: Database, seconds: float, stopping: asyncio.Event) -> None:
    kept_up = now() - UPKEEP_EVERY
    while not stopping.is_set():
        await run(database, now)
        if now() - kept_up >= UPKEEP_EVERY:
            kept_up = now()
            await keep_up(database, kept_up)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)


async def run(database: Database, clock: Callable[[], datetime]) -> None:
    """Run what is due. What ends in a defect is logged, and marked so that it does not come again.

    A database that is busy or away is tried again the next time.
    """
    try:
        await run_due(database, clock)
    except (ExpectedError, OSError) as error:
        log.warning("schedule not looked at", reason=str(error))
    except Exception:
        log.exception("defect")
        with suppress(Exception):
            await give_up(database, clock())


async def keep_up(database: Database, at: datetime) -> None:
    """Expire requests that are past their time, and forget old answers to idempotency keys."""
    try:
        async with database.write() as session:
            change = Change(session, GATEWAY, at)
            await expire_due(change)
            await forget(change, at)
    except (ExpectedError, OSError) as error:
        log.warning("upkeep not done", reason=str(error))
    except Exception:
        log.exception("defect")
