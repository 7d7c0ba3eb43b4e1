"""Transitions that are made later: planned, cancelled, and run when they are due."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import Action, Experiment, ScheduledAction, ScheduleOrigin, ScheduleState
from models.arguments import FieldError, next_level
from models.database import Database
from models.errors import Refusal, UnsupportedByPlatform, ValidationFailed
from models.lifecycle import Transition, scope_of
from resolvers.access import Viewer
from resolvers.change import Change
from resolvers.delegation import document_of, viewer_of
from resolvers.identity import encode
from resolvers.lifecycle import gather
from resolvers.outcome import Outcome
from resolvers.scopes import ADMIN
from resolvers.transition import Intent, move, supported, unfit_texts

GATEWAY = Viewer("gateway", "the gateway", frozenset({ADMIN}))
"""In whose name a schedule is marked as run."""

UNEXPECTED = "It failed for a reason that nobody expected; the log of the gateway has it."


async def schedule(change: Change, given: Any) -> Outcome:
    """Plan a transition. Whether it is legal is looked at when it is due."""
    action: Action = given.action
    row = await change.find(Experiment, given.id, "id")
    change.viewer.require(scope_of(action))
    taken = supported(row, action)
    change.require_version(row, given.expected_version or None)
    intent = Intent.of(action, given)
    await _require_sound(change, row, taken, intent, given.at)
    planned = ScheduledAction(
        experiment_id=row.id,
        action=action,
        at=given.at,
        arguments=intent.as_document(),
        note=intent.note,
        reason=intent.arguments.reason,
        actor=change.viewer.actor,
        viewer=document_of(change.viewer),
    )
    await change.add(planned)
    await _show_start(change, row)
    event = await change.created(planned, action="SCHEDULE")
    return Outcome(row_id=row.id, scheduled_id=planned.id, event_id=event.id)


async def cancel_scheduled(change: Change, given: Any) -> Outcome:
    """Take a planned transition back. What a platform planned is only cancelled there."""
    planned = await change.find(ScheduledAction, given.id, "id")
    row = await change.locked(Experiment, planned.experiment_id, given.id, "id")
    if planned.origin is ScheduleOrigin.UPSTREAM or planned.action is None:
        message = f"This was scheduled on {row.platform}, and is only cancelled there."
        raise Refusal(
            UnsupportedByPlatform(
                message=message, path=("id",), platform=row.platform, action=planned.action
            )
        )
    change.viewer.require(scope_of(planned.action))
    if planned.state is not ScheduleState.PENDING:
        message = f"The scheduled action is {planned.state}, and no longer PENDING."
        raise Refusal(ValidationFailed.of(FieldError(("id",), message, "pending")))
    event = await change.update(planned, "CANCEL", {"state": ScheduleState.CANCELLED})
    await _show_start(change, row)
    return Outcome(row_id=planned.id, experiment_id=row.id, event_id=event.id if event else None)


async def run_due(database: Database, clock: Callable[[], datetime]) -> int:
    """Run everything that is due, earliest first; how many there were.

    Each runs in one transaction with the mark that it ran, so that it runs once, whatever stops
    the process and however many processes look at the same database.
    """
    count = 0
    while await _is_any_due(database, clock()) and await _run_next(database, clock()):
        count += 1
    return count


async def give_up(database: Database, at: datetime) -> None:
    """Mark the next due action as failed: it ended in a defect, and would do so for ever."""
    async with database.write() as session:
        planned = await session.scalar(_due(at).with_for_update(skip_locked=True))
        if planned is not None:
            change = Change(session, GATEWAY, at)
            await _settle(change, planned, ScheduleState.FAILED, UNEXPECTED)


async def _require_sound(
    change: Change, row: Experiment, taken: Transition, intent: Intent, at: datetime
) -> None:
    facts = (await gather(change.session, [row]))[row.id].facts
    demands = (demand for demand in taken.asks if demand is not next_level)
    wrong = [
        *unfit_texts(intent),
        *(error for demand in demands if (error := demand(row, facts, intent.arguments))),
    ]
    if at <= change.at:
        message = f"at is {at.isoformat()}, which is not in the future."
        wrong.append(FieldError(("at",), message, "future"))
    if wrong:
        raise Refusal(ValidationFailed.of(*wrong))


async def _show_start(change: Change, row: Experiment) -> None:
    """Keep the overlay in step: when the earliest start is planned for."""
    earliest = await change.session.scalar(
        select(func.min(col(ScheduledAction.at))).where(
            col(ScheduledAction.experiment_id) == row.id,
            col(ScheduledAction.action) == Action.START,
            col(ScheduledAction.state) == ScheduleState.PENDING,
        )
    )
    if row.start_scheduled_at != earliest:
        await change.touch(row, start_scheduled_at=earliest)


def _due(at: datetime) -> Any:
    return (
        select(ScheduledAction)
        .where(
            col(ScheduledAction.state) == ScheduleState.PENDING,
            col(ScheduledAction.origin) == ScheduleOrigin.GATEWAY,
            col(ScheduledAction.viewer).is_not(None),
            col(ScheduledAction.at) <= at,
        )
        .order_by(col(ScheduledAction.at), col(ScheduledAction.id))
        .limit(1)
    )


async def _is_any_due(database: Database, at: datetime) -> bool:
    async with database.read() as session:
        return await session.scalar(_due(at)) is not None


async def _run_next(database: Database, at: datetime) -> bool:
    async with database.write() as session:
        planned = await session.scalar(_due(at).with_for_update(skip_locked=True))
        if planned is None:
            return False
        change = Change(session, GATEWAY, at)
        state, failure = await _run(change, planned)
        await _settle(change, planned, state, failure)
    return True


async def _run(change: Change, planned: ScheduledAction) -> tuple[ScheduleState, str | None]:
    """Make the transition in the name of who planned it; how that ended, and why."""
    if planned.action is None:
        raise TypeError("an action of this gateway is one of its own")
    intent = Intent.stored(planned.action, planned.arguments or {})
    try:
        async with change.session.begin_nested():
            viewer = await viewer_of(change.session, planned.viewer, change.at)
            acting = Change(change.session, viewer, change.at)
            called = encode(Experiment.__name__, planned.experiment_id)
            row = await acting.locked(Experiment, planned.experiment_id, called, "id")
            outcome = await move(acting, row, intent)
    except Refusal as refusal:
        await change.session.refresh(planned)
        return ScheduleState.FAILED, refusal.message
    if outcome.errors:
        return ScheduleState.FAILED, " ".join(error.message for error in outcome.errors)
    return ScheduleState.DONE, None


async def _settle(
    change: Change, planned: ScheduledAction, state: ScheduleState, failure: str | None
) -> None:
    values = {"state": state, "failure": failure, "executed_at": change.at}
    await change.update(planned, "RUN", values)
    row = await change.session.get_one(
        Experiment, planned.experiment_id, with_for_update=True, populate_existing=True
    )
    await _show_start(change, row)
