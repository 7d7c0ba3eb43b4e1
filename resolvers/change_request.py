"""Change requests: actions that wait until enough people have approved them."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from models import Action, ApprovalPolicy, ChangeRequest, ChangeRequestState, Experiment
from models.errors import ApprovalRequired
from resolvers.change import Change
from resolvers.delegation import document_of
from resolvers.lifecycle import gates
from resolvers.outcome import PENDING, Outcome


async def ask_approval(
    change: Change, row: Experiment, action: Action, intent: dict[str, Any]
) -> Outcome:
    """A change request for the action, or the one that waits for the same already."""
    wanted = _fingerprint(row, action, intent)
    request = await _waiting(change, wanted)
    event_id = None
    if request is None:
        request = await _made(change, row, action, intent, wanted)
        await change.add(request)
        event = await change.created(request, action="REQUEST")
        event_id = event.id
    reason = ApprovalRequired(message=PENDING, path=("id",), change_request_id=request.id)
    return Outcome(errors=(reason,), row_id=row.id, event_id=event_id, change_request_id=request.id)


async def expire(change: Change, request: ChangeRequest) -> bool:
    """Write down that a waiting request is past its time; whether it was."""
    past = request.expires_at is not None and request.expires_at <= change.at
    if past and request.state is ChangeRequestState.PENDING:
        await change.update(request, "EXPIRE", {"state": ChangeRequestState.EXPIRED})
    return past


async def _waiting(change: Change, wanted: str) -> ChangeRequest | None:
    statement = select(ChangeRequest).where(
        col(ChangeRequest.fingerprint) == wanted,
        col(ChangeRequest.state) == ChangeRequestState.PENDING,
    )
    for request in await change.session.scalars(statement):
        if not await expire(change, request):
            return request
    return None


async def _made(
    change: Change, row: Experiment, action: Action, intent: dict[str, Any], wanted: str
) -> ChangeRequest:
    policies = await _policies(change, row, action)
    strictest = policies[0]
    hours = [policy.expires_after_hours for policy in policies if policy.expires_after_hours]
    return ChangeRequest(
        experiment_id=row.id,
        policy_id=strictest.id,
        action=action,
        quorum=strictest.quorum,
        allow_self_approval=all(policy.allow_self_approval for policy in policies),
        intent=intent,
        actor=change.viewer.actor,
        viewer=document_of(change.viewer),
        fingerprint=wanted,
        experiment_version=row.version,
        expires_at=change.at + timedelta(hours=min(hours)) if hours else None,
    )


async def _policies(change: Change, row: Experiment, action: Action) -> list[ApprovalPolicy]:
    """The policies that gate the action, the one with the highest quorum first."""
    policy: Any = aliased(ApprovalPolicy)
    experiment: Any = aliased(Experiment)
    statement = (
        select(policy)
        .join(experiment, experiment.id == row.id)
        .where(
            policy.enabled,
            or_(policy.action.is_(None), policy.action == action),
            gates(policy, experiment),
        )
        .order_by(policy.quorum.desc(), policy.id)
    )
    return list(await change.session.scalars(statement))


def _fingerprint(row: Experiment, action: Action, intent: dict[str, Any]) -> str:
    """The same for the same action with the same arguments, whatever note goes with it."""
    said = {name: value for name, value in intent.items() if name != "note"}
    wanted = json.dumps([row.id, action, said], sort_keys=True)
    return hashlib.sha256(wanted.encode()).hexdigest()


async def expire_due(change: Change) -> int:
    """Mark every waiting request that is past its time as EXPIRED; how many there were."""
    statement = (
        select(ChangeRequest)
        .where(
            col(ChangeRequest.state) == ChangeRequestState.PENDING,
            col(ChangeRequest.viewer).is_not(None),
            col(ChangeRequest.expires_at) <= change.at,
        )
        .with_for_update(skip_locked=True)
    )
    past = (await change.session.scalars(statement)).all()
    for request in past:
        await expire(change, request)
    return len(past)
