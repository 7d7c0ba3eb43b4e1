"""Scheduled actions: transitions that will be made later."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from models.base import Audited, choice, document, owned_by, text
from models.phase import Action


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
    """A transition with the moment at which it is due.

    ``arguments`` are those of the transition; ``actor`` asked for it, and ``viewer`` holds what
    they may do, for making it in their name. ``failure`` is why it could not be made.
    """

    experiment_id: int = owned_by("experiment")
    external_id: str | None = text()
    action: Action | None = choice(Action)
    native_action: str | None = text()
    at: datetime | None = None
    origin: ScheduleOrigin = choice(ScheduleOrigin, ScheduleOrigin.GATEWAY)
    state: ScheduleState = choice(ScheduleState, ScheduleState.PENDING)
    arguments: dict[str, Any] | None = document()
    actor: str | None = text()
    viewer: dict[str, Any] | None = document()
    note: str | None = text()
    reason: str | None = text()
    failure: str | None = text()
    executed_at: datetime | None = None
    position: int = 0
