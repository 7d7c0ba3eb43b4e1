"""Change requests: transitions that wait for approval."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from models.base import Audited, choice, document, link, owned_by, text
from models.phase import Action


class ChangeRequestState(StrEnum):
    """How a change request stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    STALE = "STALE"
    FAILED = "FAILED"


class Decision(StrEnum):
    """What an approver said."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class ChangeRequest(Audited, table=True):
    """A wanted action, with what is needed before it is applied.

    One of a platform has no ``viewer``, and ``extra`` is what else the platform says of it.

    ``actor`` asked, and ``viewer`` holds what they may do, for applying it in their name.
    ``fingerprint`` is what makes two requests the same. ``experiment_version`` is what approvers
    saw: where the experiment has moved on since, the request is STALE.
    """

    experiment_id: int = owned_by("experiment")
    policy_id: int | None = link("approval_policy")
    external_id: str | None = text()
    action: Action | None = choice(Action)
    native_action: str | None = text()
    state: ChangeRequestState = choice(ChangeRequestState, ChangeRequestState.PENDING)
    quorum: int = 1
    allow_self_approval: bool = False
    intent: dict[str, Any] | None = document()
    actor: str | None = text()
    viewer: dict[str, Any] | None = document()
    fingerprint: str | None = text()
    experiment_version: int | None = None
    reason: str | None = text()
    expires_at: datetime | None = None
    applied_at: datetime | None = None
    extra: dict[str, Any] | None = document()
    position: int = 0


class Approval(Audited, table=True):
    """One person's word on a change request."""

    change_request_id: int = owned_by("change_request")
    actor: str | None = text()
    decision: Decision = choice(Decision)
    reason: str | None = text()
    position: int = 0
