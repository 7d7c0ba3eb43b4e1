"""Approving, rejecting and cancelling change requests; at quorum the action is taken."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import Approval, ChangeRequest, ChangeRequestState, Decision, Event, Experiment
from models.arguments import FieldError
from models.errors import (
    Forbidden,
    InvalidTransition,
    NotFound,
    Refusal,
    StaleVersion,
    UnsupportedByPlatform,
    ValidationFailed,
)
from models.rules import LONGEST_TEXT, long_text, text_rule
from resolvers.access import Viewer, visible
from resolvers.change import Change
from resolvers.change_request import expire
from resolvers.delegation import viewer_of
from resolvers.identity import decode_as, shorten
from resolvers.mutation import Work
from resolvers.outcome import Outcome
from resolvers.scopes import ADMIN, read_scope
from resolvers.transition import Intent, move
from resolvers.write_through import Outgoing

APPROVE = "experiment:approve"

REASON = text_rule(LONGEST_TEXT, least=1)

OVERTAKEN = (StaleVersion, InvalidTransition)
"""Reasons that say that the experiment has moved on since the request was made."""

Decide = Callable[[Change, Experiment, ChangeRequest, str | None], Awaitable[Outcome]]


def deciding(decide: Decide) -> Work:
    """The mutation that decides on a change request which still waits."""

    async def work(change: Change, given: Any) -> Outcome:
        row, request = await _found(change, given.id)
        _require_may(change.viewer, request, decide)
        reason = given.reason or None
        error = long_text(("reason",), reason) if reason else None
        if error:
            raise Refusal(ValidationFailed.of(error))
        if request.viewer is None:
            return await _decide_there(change, row, request, decide, reason)
        if await expire(change, request):
            return _outcome(row, request, _not_pending(request))
        if request.state is not ChangeRequestState.PENDING:
            raise Refusal(_not_pending(request))
        return await decide(change, row, request, reason)

    return work


async def approve(
    change: Change, row: Experiment, request: ChangeRequest, reason: str | None
) -> Outcome:
    """One more approval; the one that makes up the quorum takes the action as the requester."""
    if request.actor == change.viewer.actor and not request.allow_self_approval:
        message = "You asked for this yourself; somebody else must approve it."
        raise Refusal(Forbidden(message=message, path=("id",), scope=None))
    await _vote(change, request, Decision.APPROVED, reason)
    event = await change.record(request, "APPROVE", {}, {"reason": reason})
    if await _approvals(change, request) < request.quorum:
        return _outcome(row, request, event=event)
    return await _apply(change, row, request)


async def reject(
    change: Change, row: Experiment, request: ChangeRequest, reason: str | None
) -> Outcome:
    """A single rejection is final, and says why."""
    _require_reason(reason)
    await _vote(change, request, Decision.REJECTED, reason)
    values = {"state": ChangeRequestState.REJECTED, "reason": reason}
    return _outcome(row, request, event=await change.update(request, "REJECT", values))


async def cancel(
    change: Change, row: Experiment, request: ChangeRequest, reason: str | None
) -> Outcome:
    """The requester, or an admin, takes the request back."""
    values = {"state": ChangeRequestState.CANCELLED, "reason": reason}
    return _outcome(row, request, event=await change.update(request, "CANCEL", values))


def _require_may(viewer: Viewer, request: ChangeRequest, decide: Decide) -> None:
    """Raises a Refusal for who may not decide so, before anything of the request is moved."""
    if decide is not cancel or request.viewer is None:
        viewer.require(APPROVE)
    elif request.actor != viewer.actor and viewer.lacks(ADMIN):
        message = "Only who asked for this, or an admin, can cancel it."
        raise Refusal(Forbidden(message=message, path=("id",), scope=ADMIN))


async def _decide_there(
    change: Change, row: Experiment, request: ChangeRequest, decide: Decide, reason: str | None
) -> Outcome:
    """Hand the decision on to the platform that asked for it, where it is connected."""
    outgoing = await Outgoing.of(change, row, ())
    if not outgoing.connected or request.external_id is None:
        raise Refusal(_elsewhere(row, request))
    if decide is reject:
        _require_reason(reason)
    verb = decide.__name__.upper()
    event = await change.record(request, verb, {}, {"reason": reason})
    said = {"change_request": request.external_id, "reason": reason}
    delivery_id = await outgoing.send(change, event, verb, said)
    return replace(_outcome(row, request, event=event), delivery_id=delivery_id)


def _require_reason(reason: str | None) -> None:
    error = REASON(("reason",), reason or "")
    if error:
        raise Refusal(ValidationFailed.of(error))


async def _found(change: Change, text: str) -> tuple[Experiment, ChangeRequest]:
    """The request and its experiment, locked in the order in which transitions lock them."""
    change.viewer.require(read_scope(ChangeRequest))
    number = decode_as(ChangeRequest, text)
    statement = visible(ChangeRequest, change.viewer).where(col(ChangeRequest.id) == number)
    seen: ChangeRequest | None = await change.session.scalar(statement)
    if seen is None:
        message = f"There is no ChangeRequest {shorten(text)}."
        raise Refusal(NotFound(message=message, path=("id",)))
    row = await change.locked(Experiment, seen.experiment_id, text, "id")
    return row, await change.locked(ChangeRequest, number, text, "id")


async def _vote(
    change: Change, request: ChangeRequest, decision: Decision, reason: str | None
) -> None:
    """Write a vote down. Raises a Refusal where the viewer has voted already."""
    mine = select(func.count()).where(
        col(Approval.change_request_id) == request.id,
        col(Approval.actor) == change.viewer.actor,
    )
    if await change.session.scalar(mine):
        error = FieldError(("id",), "You have voted on this already.", "one_vote")
        raise Refusal(ValidationFailed.of(error))
    await change.add(
        Approval(
            change_request_id=request.id,
            actor=change.viewer.actor,
            decision=decision,
            reason=reason,
        )
    )


async def _approvals(change: Change, request: ChangeRequest) -> int:
    counted = select(func.count()).where(
        col(Approval.change_request_id) == request.id,
        col(Approval.decision) == Decision.APPROVED,
    )
    return await change.session.scalar(counted) or 0


async def _apply(change: Change, row: Experiment, request: ChangeRequest) -> Outcome:
    """Take the action in the requester's name; where it is no longer valid, say why and keep that.

    What approvers saw is the experiment in one version: in another one the request is STALE.
    """
    try:
        async with change.session.begin_nested():
            taken = await _taken(change, row, request)
    except Refusal as refusal:
        await change.session.refresh(request)
        state = (
            ChangeRequestState.STALE
            if any(isinstance(reason, OVERTAKEN) for reason in refusal.reasons)
            else ChangeRequestState.FAILED
        )
        values = {"state": state, "reason": refusal.message}
        event = await change.update(request, state, values)
        return _outcome(row, request, *refusal.reasons, event=event)
    applied: dict[str, Any] = {"state": ChangeRequestState.APPLIED, "applied_at": change.at}
    await change.update(request, "APPLY", applied)
    return replace(
        taken, row_id=request.id, experiment_id=taken.row_id, change_request_id=request.id
    )


async def _taken(change: Change, row: Experiment, request: ChangeRequest) -> Outcome:
    requester = await viewer_of(change.session, request.viewer, change.at)
    acting = Change(change.session, requester, change.at)
    seen = await acting.locked(Experiment, row.id, row.key, "id")
    if request.action is None:
        raise TypeError("a request of this gateway names its action")
    intent = Intent.stored(request.action, request.intent or {})
    return await move(
        acting, seen, replace(intent, expected_version=request.experiment_version), approved=True
    )


def _outcome(
    row: Experiment, request: ChangeRequest, *errors: Any, event: Event | None = None
) -> Outcome:
    return Outcome(
        errors=errors,
        row_id=request.id,
        experiment_id=row.id,
        change_request_id=request.id,
        event_id=event.id if event else None,
    )


def _not_pending(request: ChangeRequest) -> ValidationFailed:
    message = f"The change request is {request.state}, and no longer PENDING."
    return ValidationFailed.of(FieldError(("id",), message, "pending"))


def _elsewhere(row: Experiment, request: ChangeRequest) -> UnsupportedByPlatform:
    message = f"This was asked on {row.platform}, and can only be decided there."
    return UnsupportedByPlatform(
        message=message, path=("id",), platform=row.platform, action=request.action
    )
