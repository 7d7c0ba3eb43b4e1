"""Phases, statuses and actions of an experiment: plain Python, no imports of the stack.

One phase, mutually exclusive, and overlays beside it (archived, released, scheduled, deleted).
The status is computed from both and is what lists show.
"""

from datetime import datetime
from enum import StrEnum


class Platform(StrEnum):
    """Where an experiment is kept."""

    LOCAL = "LOCAL"
    ABSMARTLY = "ABSMARTLY"
    POSTHOG = "POSTHOG"
    AUTH0 = "AUTH0"
    CHECKMANGO = "CHECKMANGO"


class Phase(StrEnum):
    """Where an experiment stands; exactly one at a time."""

    DRAFT = "DRAFT"
    READY = "READY"
    DEVELOPMENT = "DEVELOPMENT"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FROZEN = "FROZEN"
    STOPPED = "STOPPED"


class Status(StrEnum):
    """What a list shows: the phase seen through the overlays, in order of precedence."""

    DELETED = "DELETED"
    ARCHIVED = "ARCHIVED"
    FULL_ON = "FULL_ON"
    SCHEDULED = "SCHEDULED"
    DRAFT = "DRAFT"
    READY = "READY"
    DEVELOPMENT = "DEVELOPMENT"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FROZEN = "FROZEN"
    STOPPED = "STOPPED"


class PauseEffect(StrEnum):
    """What a pause does to people who are already in the experiment."""

    DEFAULT_EXPERIENCE = "DEFAULT_EXPERIENCE"
    KEEP_IN_FLIGHT = "KEEP_IN_FLIGHT"


class ReleaseMode(StrEnum):
    """How a winning variant was given to everybody."""

    FULL_ON_RUNNING = "FULL_ON_RUNNING"
    SHIPPED_AND_STOPPED = "SHIPPED_AND_STOPPED"
    TEMPORARY_ROLLOUT = "TEMPORARY_ROLLOUT"


class Action(StrEnum):
    """A verb that changes the lifecycle."""

    MARK_READY = "MARK_READY"
    DEVELOP = "DEVELOP"
    START = "START"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    ADVANCE_RAMP = "ADVANCE_RAMP"
    STOP = "STOP"
    FULL_ON = "FULL_ON"
    ARCHIVE = "ARCHIVE"
    UNARCHIVE = "UNARCHIVE"
    RESTART = "RESTART"
    RESET = "RESET"
    DELETE = "DELETE"
    RESTORE = "RESTORE"


SCHEDULABLE = (Phase.DRAFT, Phase.READY)
"""The phases that a scheduled start turns into the status SCHEDULED."""


def status_of(
    phase: Phase,
    *,
    archived: bool,
    deleted_at: datetime | None,
    full_on_at: datetime | None,
    start_scheduled_at: datetime | None,
) -> Status:
    """The status of an experiment: the first that holds, in the order of `Status`."""
    if deleted_at is not None:
        return Status.DELETED
    if archived:
        return Status.ARCHIVED
    if full_on_at is not None and phase is Phase.RUNNING:
        return Status.FULL_ON
    if start_scheduled_at is not None and phase in SCHEDULABLE:
        return Status.SCHEDULED
    return Status(phase.value)
