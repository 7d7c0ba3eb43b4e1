"""The words of the lifecycle: platforms, phases, statuses, actions. Plain Python."""

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
