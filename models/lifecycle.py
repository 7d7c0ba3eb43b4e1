"""Phases, statuses and actions of an experiment: plain Python, no imports of the stack.

One phase, mutually exclusive, and overlays beside it (archived, released, scheduled, deleted).
The status is computed from both and is what lists show.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models import readiness
from models.readiness import Blocker, Facts, Guard


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


class Overlay(StrEnum):
    """The overlays that an action can be made under."""

    NONE = "NONE"
    ARCHIVED = "ARCHIVED"
    EITHER = "EITHER"
    DELETED = "DELETED"

    def admits(self, *, archived: bool, deleted: bool) -> bool:
        """Whether an experiment that stands so may take the action."""
        if self is Overlay.DELETED or deleted:
            return self is Overlay.DELETED and deleted
        if self is Overlay.EITHER:
            return True
        return archived == (self is Overlay.ARCHIVED)


ADMITTED = {
    "deleted": "deleted",
    "archived": "archived",
    "neither": "neither archived nor deleted",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a platform's table: the action, where it may start, where it leads.

    ``to`` None leaves the phase as it is. ``scope`` is what a key needs; ``only_if`` are guards.
    """

    action: Action
    sources: frozenset[Phase]
    to: Phase | None
    scope: str
    only_if: tuple[Guard, ...] = ()
    under: Overlay = Overlay.NONE

    def lands(self, phase: Phase) -> Phase:
        """The phase afterwards."""
        return phase if self.to is None else self.to

    def illegal(self, standing: "Standing") -> Blocker | None:
        """Why the action cannot be taken from there, whatever the facts are."""
        overlay = "deleted" if standing.deleted else "archived" if standing.archived else "neither"
        if not self.under.admits(archived=standing.archived, deleted=standing.deleted):
            message = f"{self.action} is not for an experiment that is {ADMITTED[overlay]}."
        elif standing.phase not in self.sources:
            starts = ", ".join(phase for phase in Phase if phase in self.sources)
            message = f"{self.action} starts from {starts}, and this is {standing.phase}."
        else:
            return None
        return Blocker("invalid_transition", message, ("phase",))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an experiment stands: its phase and overlays."""

    phase: Phase
    archived: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Available:
    """An action of a platform, and whether an experiment may take it now."""

    action: Action
    to: Phase
    scope: str
    blockers: tuple[Blocker, ...]


def _row(
    action: Action,
    sources: set[Phase],
    to: Phase | None,
    scope: str,
    *only_if: Guard,
    under: Overlay = Overlay.NONE,
) -> Transition:
    return Transition(action, frozenset(sources), to, f"experiment:{scope}", only_if, under)


DRAFT, READY, DEVELOPMENT, RUNNING, PAUSED, FROZEN, STOPPED = Phase
LAUNCHED = {RUNNING, PAUSED, FROZEN}
BEGUN = set(Phase) - {DRAFT}
ANY = set(Phase)

AUTH0_RULES = (
    readiness.flag_active,
    readiness.allocated,
    readiness.known_variations,
    readiness.one_control_allocation,
    readiness.allocation_weights,
    readiness.one_fallback,
    readiness.only_active,
)
ABSMARTLY_RULES = (readiness.measured, readiness.split)
LOCAL_RULES = (readiness.measured, readiness.two_variants, readiness.split, readiness.one_control)
POSTHOG_RULES = (
    readiness.two_variants,
    readiness.at_most_twenty_variants,
    readiness.weights,
    readiness.named_control,
)
CHECKMANGO_RULES = (readiness.sound_key, readiness.one_control)

# fmt: off
ABSMARTLY = (
    #    action               from                    to           scope    only if
    _row(Action.MARK_READY,   {DRAFT},                READY,       "write", *ABSMARTLY_RULES),
    _row(Action.DEVELOP,      {READY},                DEVELOPMENT, "start", *ABSMARTLY_RULES),
    _row(Action.START,        {READY, DEVELOPMENT},   RUNNING,     "start", *ABSMARTLY_RULES),
    _row(Action.STOP,         {RUNNING, DEVELOPMENT}, STOPPED,     "stop"),
    _row(Action.FULL_ON,      {RUNNING},              None,        "start", readiness.not_released),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write"),
    _row(Action.UNARCHIVE,    {STOPPED},              None,        "write", under=Overlay.ARCHIVED),
    _row(Action.RESTART,      {STOPPED, RUNNING},     RUNNING,     "start"),
)
POSTHOG = (
    _row(Action.START,        {DRAFT},                RUNNING,     "start", *POSTHOG_RULES),
    _row(Action.PAUSE,        {RUNNING},              PAUSED,      "stop"),
    _row(Action.RESUME,       {PAUSED},               RUNNING,     "start"),
    _row(Action.FREEZE,       {RUNNING},              FROZEN,      "stop"),
    _row(Action.UNFREEZE,     {FROZEN},               RUNNING,     "start"),
    _row(Action.STOP,         LAUNCHED,               STOPPED,     "stop"),
    _row(Action.FULL_ON,      LAUNCHED | {STOPPED},   STOPPED,     "start"),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write"),
    _row(Action.UNARCHIVE,    {STOPPED},              None,        "write", under=Overlay.ARCHIVED),
    _row(Action.RESET,        BEGUN,                  DRAFT,       "stop",  under=Overlay.EITHER),
    _row(Action.DELETE,       ANY,                    None,        "delete"),
    _row(Action.RESTORE,      ANY,                    None,        "delete", under=Overlay.DELETED),
)
AUTH0 = (
    _row(Action.START,        {DRAFT},                RUNNING,     "start", *AUTH0_RULES),
    _row(Action.PAUSE,        {RUNNING},              PAUSED,      "stop"),
    _row(Action.RESUME,       {PAUSED},               RUNNING,     "start", *AUTH0_RULES),
    _row(Action.ADVANCE_RAMP, {RUNNING},              None,        "start"),
    _row(Action.STOP,         {RUNNING, PAUSED},      STOPPED,     "stop"),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write"),
    _row(Action.DELETE,       ANY - {RUNNING},        None,        "delete"),
)
CHECKMANGO = (
    _row(Action.START,        {DRAFT},                RUNNING,     "start", *CHECKMANGO_RULES),
    _row(Action.STOP,         {RUNNING},              STOPPED,     "stop"),
    _row(Action.DELETE,       ANY,                    None,        "delete"),
)
LOCAL = (
    _row(Action.MARK_READY,   {DRAFT},                READY,       "write", *LOCAL_RULES),
    _row(Action.DEVELOP,      {READY},                DEVELOPMENT, "start", *LOCAL_RULES),
    _row(Action.START,        {DRAFT, READY, DEVELOPMENT}, RUNNING, "start", *LOCAL_RULES),
    _row(Action.PAUSE,        {RUNNING},              PAUSED,      "stop"),
    _row(Action.RESUME,       {PAUSED},               RUNNING,     "start"),
    _row(Action.FREEZE,       {RUNNING},              FROZEN,      "stop"),
    _row(Action.UNFREEZE,     {FROZEN},               RUNNING,     "start"),
    _row(Action.ADVANCE_RAMP, {RUNNING},              None,        "start"),
    _row(Action.STOP,         LAUNCHED | {DEVELOPMENT}, STOPPED,   "stop"),
    _row(Action.FULL_ON,      {RUNNING},              None,        "start", readiness.not_released),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write"),
    _row(Action.UNARCHIVE,    {STOPPED},              None,        "write", under=Overlay.ARCHIVED),
    _row(Action.RESTART,      {STOPPED, RUNNING},     RUNNING,     "start"),
    _row(Action.RESET,        BEGUN,                  DRAFT,       "stop",  under=Overlay.EITHER),
    _row(Action.DELETE,       ANY,                    None,        "delete"),
    _row(Action.RESTORE,      ANY,                    None,        "delete", under=Overlay.DELETED),
)
# fmt: on

TABLES: dict[Platform, tuple[Transition, ...]] = {
    Platform.LOCAL: LOCAL,
    Platform.ABSMARTLY: ABSMARTLY,
    Platform.POSTHOG: POSTHOG,
    Platform.AUTH0: AUTH0,
    Platform.CHECKMANGO: CHECKMANGO,
}


def available(platform: Platform, standing: Standing, facts: Facts) -> list[Available]:
    """Every action of the platform's table, with everything that is in its way at once."""
    return [
        Available(
            row.action,
            row.lands(standing.phase),
            row.scope,
            tuple(filter(None, [row.illegal(standing), *_blockers(row, facts)])),
        )
        for row in TABLES[platform]
    ]


def ready(platform: Platform, facts: Facts) -> tuple[Blocker, ...]:
    """What is in the way of a start, whatever the phase."""
    [start] = (row for row in TABLES[platform] if row.action is Action.START)
    return _blockers(start, facts)


def _blockers(row: Transition, facts: Facts) -> tuple[Blocker, ...]:
    return tuple(found for guard in row.only_if if (found := guard(facts)))
