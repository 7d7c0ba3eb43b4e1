"""Which experiments the platform may show otherwise than they stand here, and who is who there."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.base import Sourced
from models.delivery import UNSETTLED, Delivery
from models.experiment import Experiment
from models.note import Note
from models.variant import Variant


async def changed_here(session: AsyncSession, source_id: int, since: datetime) -> frozenset[str]:
    """Experiments with changes that what was asked for at that moment may not show."""
    statement = (
        select(col(Experiment.external_id))
        .join(Delivery, col(Delivery.experiment_id) == col(Experiment.id))
        .where(
            col(Delivery.source_id) == source_id,
            or_(col(Delivery.state).in_(UNSETTLED), col(Delivery.settled_at) >= since),
        )
    )
    return frozenset(found for found in await session.scalars(statement) if found)


async def name(session: AsyncSession, row: Sourced, external_id: str, at: datetime) -> None:
    """Give a row the id that the platform knows it by.

    A row that has it already came in by a sync meanwhile, as a second one of the same thing.
    """
    kind = type(row)
    if row.external_id == external_id:
        return
    twin = await session.scalar(
        select(kind).where(
            col(kind.source_id) == row.source_id,
            col(kind.external_id) == external_id,
            col(kind.id) != row.id,
        )
    )
    if isinstance(twin, Experiment):
        twin.external_id, twin.deleted_at = None, at
    elif isinstance(twin, Note):
        await forget_note(session, twin, instead=row.id)
    await session.flush()
    row.external_id = external_id


async def name_variants(
    session: AsyncSession, experiment_id: int, external_ids: Mapping[int, str]
) -> None:
    """Give variants that were made here the ids that the platform knows them by."""
    for index, external_id in external_ids.items():
        await session.execute(
            update(Variant)
            .where(
                col(Variant.experiment_id) == experiment_id,
                col(Variant.index) == index,
                col(Variant.external_id).is_(None),
            )
            .values(external_id=external_id)
        )


async def note_of(session: AsyncSession, delivery: Delivery) -> Note | None:
    """The note that a change left here, while the platform knows nothing of it."""
    note: Note | None = await session.scalar(
        select(Note)
        .where(
            col(Note.experiment_id) == delivery.experiment_id,
            col(Note.created_at) == delivery.created_at,
            col(Note.external_id).is_(None),
        )
        .order_by(col(Note.id))
        .limit(1)
    )
    return note


async def take_back_note(session: AsyncSession, delivery: Delivery) -> None:
    """Take back what was said with a change: a note goes, one that was edited is as it was."""
    said = delivery.arguments or {}
    edited = await session.get(Note, said["note_id"]) if "note_was" in said else None
    note = await note_of(session, delivery)
    if edited is not None:
        edited.note, edited.version = said["note_was"], edited.version + 1
    elif note is not None:
        await forget_note(session, note)


async def forget_note(session: AsyncSession, note: Note, instead: int | None = None) -> None:
    """Remove a note; what answered it answers the one that is there instead, or none."""
    replies = update(Note).where(col(Note.reply_to_id) == note.id).values(reply_to_id=instead)
    await session.execute(replies)
    await session.delete(note)
    await session.flush()
