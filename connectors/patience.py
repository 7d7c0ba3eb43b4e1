"""A platform that keeps failing is left alone for a while, and said to be so.

What is known of it stands on its source, so that every process and the graph know it too.
"""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from connectors.errors import Arrived, PlatformFailed
from models.source import Source, SourceState

MOST_FAILURES = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)


def require_awake(source: Source, at: datetime) -> None:
    """Raises PlatformFailed while the source is left alone."""
    if source.quiet_until is None or source.quiet_until <= at:
        return
    raise PlatformFailed(
        source.name,
        "keeps failing and is left alone for a while",
        arrived=Arrived.NO,
        retry_after=(source.quiet_until - at).total_seconds(),
    )


async def failed(
    session: AsyncSession, source_id: int, error: PlatformFailed, at: datetime
) -> None:
    """Write down that a call failed; after `MOST_FAILURES` in a row the source is left alone."""
    source = await session.get_one(Source, source_id, with_for_update=True, populate_existing=True)
    source.failures += 1
    source.last_error = error.message
    if source.failures >= MOST_FAILURES:
        rest = FIRST_REST * (1 << min(source.failures - MOST_FAILURES, 10))
        source.quiet_until = at + min(rest, LONGEST_REST)
        source.state = SourceState.FAILING


async def worked(session: AsyncSession, source: Source) -> None:
    """Write down that a call worked, where the one before had not."""
    if source.last_error is None and source.state is SourceState.CONNECTED:
        return
    await session.execute(
        update(Source)
        .where(col(Source.id) == source.id)
        .values(failures=0, quiet_until=None, last_error=None, state=SourceState.CONNECTED)
    )
