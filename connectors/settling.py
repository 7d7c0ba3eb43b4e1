"""Settling deliveries: the verdict and what the platform says are written together."""

from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from io import BytesIO

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from connectors.base import Brought, Connector
from connectors.errors import Arrived, PayloadRefused, PlatformFailed
from connectors.importing import Staged, staged
from connectors.leases import PROCESS, Leased
from connectors.patience import failed, worked
from connectors.payloads.documents import Document
from connectors.reasons import document_of
from connectors.standing import changed_here, name, name_variants, note_of, take_back_note
from models.base import Sourced, now
from models.change_request import ChangeRequest
from models.database import Database
from models.delivery import UNSETTLED, Delivery, DeliveryState
from models.errors import ApprovalRequired, StaleVersion, UpstreamFailed, UserError
from models.experiment import Experiment, SyncState
from models.idempotency import IdempotencyRecord
from models.undo import restored


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a delivery ended.

    ``made`` is the external id of what it made on the platform, ``note`` that of the note beside
    it, as far as the answer told; ``brought`` is what came with the answer.
    """

    state: DeliveryState
    reasons: tuple[UserError, ...] = ()
    made: str | None = None
    brought: Brought | None = None
    note: str | None = None


@dataclass(slots=True)
class Heard:
    """What the platform shows after a change: documents, and what it calls things by.

    ``made`` is the external id of what the change made there, ``note`` that of the note beside it,
    ``variants`` those of variants by index.
    """

    made: str | None
    note: str | None = None
    variants: Mapping[int, str] = field(default_factory=dict)
    documents: list[bytes] = field(default_factory=list)
    asked_at: datetime = field(default_factory=now)


async def settle(
    database: Database,
    leased: Leased,
    connector: Connector,
    verdict: Verdict,
    at: datetime,
) -> None:
    """Write the verdict, and the experiment as the platform says it is now.

    A refusal takes the change back. Where another process took the lease meanwhile, nothing is
    written: it is settled there.
    """
    heard = await _hear(leased, connector, verdict)
    leave: frozenset[str] = frozenset()
    while True:
        async with AsyncExitStack() as stack:
            said = await _said(leased, connector, heard, stack)
            async with database.write() as session:
                delivery = await _mine(session, leased)
                if delivery is None:
                    return
                await _name(session, leased, heard, at)
                await _show(session, leased, verdict, at)
                await session.flush()
                if said is not None and not await _more_follow(session, delivery, leased.row):
                    leave |= await _others(session, leased, heard)
                    await said.write(await session.connection(), leave)
                changed = await _others(session, leased, heard)
                if said is None or changed <= leave:
                    await _close(session, delivery, await _completed(session, leased, verdict), at)
                    if not any(isinstance(reason, UpstreamFailed) for reason in verdict.reasons):
                        await worked(session, leased.source)
                    return
                await session.rollback()
        leave |= changed


async def postpone(
    database: Database, leased: Leased, error: PlatformFailed, at: datetime, wait: timedelta
) -> None:
    """Try it again later; where it may have arrived, the platform will be read before."""
    doubtful = leased.doubtful or error.arrived is Arrived.MAYBE
    async with database.write() as session:
        delivery = await _mine(session, leased)
        if delivery is None:
            return
        delivery.state = DeliveryState.SENDING if doubtful else DeliveryState.PENDING
        delivery.lease_until = delivery.leased_by = None
        delivery.due_at = at + max(wait, timedelta(seconds=error.retry_after or 0))
        row = await session.get_one(type(leased.row), leased.row.id)
        if isinstance(row, Experiment):
            row.sync_error = error.message
        if error.retry_after is None and error.status != HTTPStatus.TOO_MANY_REQUESTS:
            await failed(session, leased.source.id, error, at)


async def _hear(leased: Leased, connector: Connector, verdict: Verdict) -> Heard:
    """Ask the platform what it shows now; as far as it cannot be asked, nothing is said."""
    heard = Heard(verdict.made, documents=[verdict.brought.body] if verdict.brought else [])
    delivered = verdict.state is DeliveryState.DELIVERED
    held = leased.made or leased.row
    if heard.made is not None:
        held.external_id = heard.made
    try:
        document = await connector.read(leased.row)
        if document is not None and delivered:
            heard.note = verdict.note or connector.noted(leased.task, document)
            heard.variants = connector.variants(leased.task, document)
            if held.external_id is None:
                held.external_id = heard.made = connector.traced(leased.task, document)
        heard.documents += [document] if document is not None else []
        made = await connector.read(leased.made) if leased.made else None
        heard.documents += [made] if made is not None else []
    except PlatformFailed:
        pass
    return heard


async def _said(
    leased: Leased, connector: Connector, heard: Heard, stack: AsyncExitStack
) -> Staged | None:
    """What the platform says, merged; None where it says nothing that can be understood now."""
    if not heard.documents:
        return None
    read = [Document(leased.source.name, BytesIO(each)) for each in heard.documents]
    try:
        return await stack.enter_async_context(
            staged(read, source=leased.source.name, vocabulary=connector.vocabulary)
        )
    except PayloadRefused:
        return None


async def _others(session: AsyncSession, leased: Leased, heard: Heard) -> frozenset[str]:
    """Other experiments, which a document may tell of as they were before they were changed.

    The one that was made is among them where it was changed again already.
    """
    changed = await changed_here(session, leased.source.id, heard.asked_at)
    ours = {leased.row.external_id}
    if leased.made and not await _more_follow(session, leased.delivery, leased.made):
        ours.add(leased.made.external_id)
    return changed - ours


async def _name(session: AsyncSession, leased: Leased, heard: Heard, at: datetime) -> None:
    """Take over the ids that the platform gave to what was made, and to its note."""
    if heard.made is not None:
        held = leased.made or leased.row
        await name(session, await session.get_one(type(held), held.id), heard.made, at)
    await name_variants(session, leased.row.id, heard.variants)
    note = await note_of(session, leased.delivery) if heard.note else None
    if note is None or heard.note is None:
        return
    if note.note in {None, (leased.delivery.arguments or {}).get("note")}:
        await name(session, note, heard.note, at)


async def _mine(session: AsyncSession, leased: Leased) -> Delivery | None:
    """The delivery, locked, if it is still this process's turn."""
    delivery = await session.get_one(
        Delivery, leased.delivery.id, with_for_update=True, populate_existing=True
    )
    mine = delivery.leased_by == PROCESS and delivery.attempts == leased.delivery.attempts
    return delivery if mine and delivery.state is DeliveryState.SENDING else None


async def _show(session: AsyncSession, leased: Leased, verdict: Verdict, at: datetime) -> None:
    """The experiment's overlay of its platform; what was refused is taken back."""
    refused = verdict.state is DeliveryState.REFUSED
    row = await session.get_one(
        type(leased.row), leased.row.id, with_for_update=True, populate_existing=True
    )
    if refused:
        for column, value in restored(type(row), leased.delivery.undo or {}).items():
            setattr(row, column, value)
        row.version += 1
        await take_back_note(session, leased.delivery)
    made = await session.get(Experiment, leased.made.id) if leased.made else None
    if refused and made:
        made.deleted_at = at  # the platform never had it
    for shown in (row, made):
        if isinstance(shown, Experiment):
            more = await _more_follow(session, leased.delivery, shown)
            shown.sync_state = _state(refused=refused, more=more)
            shown.sync_error = " ".join(reason.message for reason in verdict.reasons) or None
            shown.synced_at = at
    gone = "CREATE_" if refused else "DELETE_"
    if leased.delivery.verb.startswith(gone) and not isinstance(row, Experiment):
        await _remove(session, row)


async def _remove(session: AsyncSession, row: Sourced) -> None:
    """Remove what the platform does not have, unless something here came to name it meanwhile."""
    with suppress(IntegrityError):
        async with session.begin_nested():
            await session.delete(row)


def _state(*, refused: bool, more: bool) -> SyncState:
    if more:
        return SyncState.PENDING
    return SyncState.FAILED if refused else SyncState.SYNCED


async def _more_follow(session: AsyncSession, delivery: Delivery, row: Sourced) -> bool:
    """Whether later changes of a row wait, which the platform does not show yet."""
    later = exists().where(
        col(Delivery.subject_type) == type(row).__name__,
        col(Delivery.subject_id) == row.id,
        col(Delivery.state).in_(UNSETTLED),
        col(Delivery.id) > delivery.id,
    )
    return bool(await session.scalar(select(later)))


async def _completed(session: AsyncSession, leased: Leased, verdict: Verdict) -> Verdict:
    """The verdict with what is known only when everything else is written."""
    reasons = [await _complete(session, leased, verdict, reason) for reason in verdict.reasons]
    return replace(verdict, reasons=tuple(reasons))


async def _complete(
    session: AsyncSession, leased: Leased, verdict: Verdict, reason: UserError
) -> UserError:
    """Numbers of the graph in place of the platform's: of the request, of the row's version."""
    if isinstance(reason, StaleVersion):
        kind = type(leased.row)
        version = await session.scalar(
            select(col(kind.version)).where(col(kind.id) == leased.row.id)
        )
        return replace(reason, current_version=version or reason.current_version)
    if isinstance(reason, ApprovalRequired) and verdict.brought:
        number = await session.scalar(
            select(col(ChangeRequest.id)).where(
                col(ChangeRequest.experiment_id) == leased.delivery.experiment_id,
                col(ChangeRequest.external_id) == verdict.brought.change_request,
            )
        )
        return replace(reason, change_request_id=number)
    return reason


async def _close(session: AsyncSession, delivery: Delivery, verdict: Verdict, at: datetime) -> None:
    delivery.state = verdict.state
    delivery.lease_until = delivery.leased_by = delivery.due_at = None
    delivery.settled_at = at
    if verdict.reasons:
        delivery.reason = {"reasons": [document_of(reason) for reason in verdict.reasons]}
    if verdict.state is DeliveryState.REFUSED and delivery.idempotency_record_id is not None:
        number = col(IdempotencyRecord.id) == delivery.idempotency_record_id
        await session.execute(delete(IdempotencyRecord).where(number))
