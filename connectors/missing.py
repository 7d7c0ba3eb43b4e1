"""What a platform does not have any more.

Where rows are taken away while a list is walked, others move up past the place where it goes on:
what no page showed is asked for by its id before anything is said of it.
"""

from collections.abc import Collection, Sequence
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from connectors.base import Connector
from connectors.errors import PlatformFailed
from models.database import Database
from models.experiment import Experiment, SyncState

MOST = 50
"""How many experiments one sync asks for; the others wait for the next one."""


async def unmet(database: Database, source_id: int, seen: set[str]) -> Sequence[Experiment]:
    """Experiments that are in step with their platform, and that no page of it showed."""
    statement = (
        select(Experiment)
        .where(
            col(Experiment.source_id) == source_id,
            col(Experiment.external_id).is_not(None),
            col(Experiment.sync_state) == SyncState.SYNCED,
            col(Experiment.deleted_at).is_(None),
        )
        .order_by(col(Experiment.id))
    )
    async with database.read() as session:
        found = await session.scalars(statement)
        return [row for row in found if row.external_id not in seen][:MOST]


async def is_gone(connector: Connector, row: Experiment) -> bool:
    """Whether the platform shows it no more; while it says nothing, it may have it."""
    try:
        document = await connector.read(row)
    except PlatformFailed as error:
        return error.status == HTTPStatus.FORBIDDEN
    return document is None or bool(connector.shown(document).get("deleted"))


async def mark_missing(session: AsyncSession, gone: Collection[int]) -> int:
    """Mark what is gone, unless it was changed meanwhile; how many are marked by that."""
    statement = select(Experiment).where(
        col(Experiment.id).in_(gone), col(Experiment.sync_state) == SyncState.SYNCED
    )
    rows = (await session.scalars(statement)).all()
    for row in rows:
        row.sync_state = SyncState.MISSING
    return len(rows)
