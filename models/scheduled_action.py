"""Scheduled actions: transitions that will be made later."""

from datetime import datetime
from enum import StrEnum

from models.base import Audited, choice, owned_by, text
from models.lifecycle import Action


class ScheduleOrigin(StrEnum):
    """Who will make the transition."""

    GATEWAY = "GATEWAY"
    UPSTREAM = "UPSTREAM"


class ScheduleState(StrEnum):
    """How a scheduled action stands."""

    PENDING = "PENDING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class ScheduledAction(Audited, table=True):
    """A transition with the moment at which it is due."""

    experiment_id: int = owned_by("experiment")
    external_id: str | None = text()
    action: Action | None = choice(Action)
    native_action: str | None = text()
    at: datetime | None = None
    origin: ScheduleOrigin = choice(ScheduleOrigin, ScheduleOrigin.GATEWAY)
    state: ScheduleState = choice(ScheduleState, ScheduleState.PENDING)
    note: str | None = text()
    reason: str | None = text()
    executed_at: datetime | None = None
    position: int = 0
