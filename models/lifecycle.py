"""Phases, statuses and actions of an experiment: plain Python, no imports of the stack.

One phase, mutually exclusive, and overlays beside it (archived, released, scheduled, deleted).
The status is computed from both and is what lists show. The tables say for each platform which
actions there are, from where, to where, under which conditions, and what they set.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models import arguments as asked
from models import effects, readiness
from models.arguments import Arguments, Demand, FieldError
from models.effects import Changes, Effect
from models.phase import Action, Phase, Platform, Status
from models.readiness import Blocker, Facts, Guard

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
    UNRELEASED = "UNRELEASED"
    ARCHIVED = "ARCHIVED"
    EITHER = "EITHER"
    DELETED = "DELETED"

    def admits(self, standing: "Standing") -> bool:
        """Whether an experiment that stands so may take the action."""
        if self is Overlay.DELETED or standing.deleted:
            return self is Overlay.DELETED and standing.deleted
        if self is Overlay.EITHER:
            return True
        if self is Overlay.UNRELEASED and standing.released:
            return False
        return standing.archived == (self is Overlay.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an experiment stands: its phase and overlays."""

    phase: Phase
    archived: bool = False
    deleted: bool = False
    released: bool = False

    @property
    def overlay(self) -> str:
        """What is in the way of most actions, in a word."""
        if self.deleted:
            return "deleted"
        if self.archived:
            return "archived"
        return "released already" if self.released else "neither archived nor deleted"


def standing(record: Any) -> Standing:
    """Where an experiment stands."""
    return Standing(
        record.phase,
        archived=record.archived,
        deleted=record.deleted_at is not None,
        released=record.full_on_at is not None,
    )


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a platform's table: the action, where it may start, where it leads.

    ``to`` None leaves the phase as it is. ``scope`` is what a key needs; ``only_if`` are guards,
    ``asks`` what the arguments must be, ``sets`` what changes beside the phase.
    """

    action: Action
    sources: frozenset[Phase]
    to: Phase | None
    scope: str
    sets: Effect
    only_if: tuple[Guard, ...] = ()
    asks: tuple[Demand, ...] = ()
    under: Overlay = Overlay.NONE

    def lands(self, phase: Phase) -> Phase:
        """The phase afterwards."""
        return phase if self.to is None else self.to

    def illegal(self, standing: Standing) -> Blocker | None:
        """Why the action cannot be taken from there, whatever the facts are."""
        if not self.under.admits(standing):
            message = f"{self.action} is not for an experiment that is {standing.overlay}."
        elif standing.phase not in self.sources:
            starts = ", ".join(phase for phase in Phase if phase in self.sources)
            message = f"{self.action} starts from {starts}, and this is {standing.phase}."
        else:
            return None
        return Blocker("invalid_transition", message, ("phase",))

    def blockers(self, facts: Facts) -> tuple[Blocker, ...]:
        """Everything that the experiment lacks for the action."""
        return tuple(found for guard in self.only_if if (found := guard(facts)))

    def wrong(self, record: Any, facts: Facts, arguments: Arguments) -> tuple[FieldError, ...]:
        """Everything that is wrong with the arguments."""
        demands = (demand(record, facts, arguments) for demand in self.asks)
        return tuple(error for error in demands if error)

    def changes(self, record: Any, arguments: Arguments, at: datetime) -> Changes:
        """The columns that change, the phase and the platform's own word for it included."""
        changed = {"phase": self.lands(record.phase), **self.sets(record, arguments, at)}
        archived = changed.get("archived", record.archived)
        native = native_state(record.platform, changed["phase"], archived=archived)
        return changed if native is None else {**changed, "native_state": native}


@dataclass(frozen=True, slots=True)
class Available:
    """An action of a platform, and whether an experiment may take it now."""

    action: Action
    to: Phase
    scope: str
    blockers: tuple[Blocker, ...]


def _row(  # noqa: PLR0913  a row of the table has as many columns
    action: Action,
    sources: set[Phase],
    to: Phase | None,
    scope: str,
    sets: Effect,
    *only_if: Guard,
    asks: tuple[Demand, ...] = (),
    under: Overlay = Overlay.NONE,
) -> Transition:
    scope = f"experiment:{scope}"
    return Transition(action, frozenset(sources), to, scope, sets, only_if, asks, under)


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
    #    action               from                    to           scope    sets
    _row(Action.MARK_READY,   {DRAFT},                READY,       "write",
         effects.nothing, *ABSMARTLY_RULES),
    _row(Action.DEVELOP,      {READY},                DEVELOPMENT, "start",
         effects.develops, *ABSMARTLY_RULES),
    _row(Action.START,        {READY, DEVELOPMENT},   RUNNING,     "start",
         effects.starts, *ABSMARTLY_RULES),
    _row(Action.STOP,         {RUNNING, DEVELOPMENT}, STOPPED,     "stop",
         effects.stops, asks=(asked.reason_given,)),
    _row(Action.FULL_ON,      {RUNNING},              None,        "start",
         effects.releases, asks=(asked.treatment,), under=Overlay.UNRELEASED),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write", effects.archives),
    _row(Action.UNARCHIVE,    {STOPPED},              None,        "write",
         effects.unarchives, under=Overlay.ARCHIVED),
    _row(Action.RESTART,      {STOPPED, RUNNING},     RUNNING,     "start",
         effects.begins_anew, *ABSMARTLY_RULES, asks=(asked.reason_given_while_running,)),
)
POSTHOG = (
    _row(Action.START,        {DRAFT},                RUNNING,     "start",
         effects.starts, *POSTHOG_RULES),
    _row(Action.PAUSE,        {RUNNING},              PAUSED,      "stop",
         effects.sends_to_default),
    _row(Action.RESUME,       {PAUSED},               RUNNING,     "start", effects.resumes),
    _row(Action.FREEZE,       {RUNNING},              FROZEN,      "stop",
         effects.nothing, readiness.not_held_out),
    _row(Action.UNFREEZE,     {FROZEN},               RUNNING,     "start", effects.nothing),
    _row(Action.STOP,         LAUNCHED,               STOPPED,     "stop",
         effects.stops, asks=(asked.posthog_conclusion,)),
    _row(Action.FULL_ON,      LAUNCHED | {STOPPED},   STOPPED,     "start",
         effects.ships, asks=(asked.any_variant,)),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write", effects.archives),
    _row(Action.UNARCHIVE,    {STOPPED},              None,        "write",
         effects.unarchives, under=Overlay.ARCHIVED),
    _row(Action.RESET,        BEGUN,                  DRAFT,       "stop",
         effects.resets, under=Overlay.EITHER),
    _row(Action.DELETE,       ANY,                    None,        "delete", effects.deletes),
    _row(Action.RESTORE,      ANY,                    None,        "delete",
         effects.restores, under=Overlay.DELETED),
)
AUTH0 = (
    _row(Action.START,        {DRAFT},                RUNNING,     "start",
         effects.starts, *AUTH0_RULES),
    _row(Action.PAUSE,        {RUNNING},              PAUSED,      "stop",
         effects.keeps_in_flight),
    _row(Action.RESUME,       {PAUSED},               RUNNING,     "start",
         effects.resumes, *AUTH0_RULES),
    _row(Action.ADVANCE_RAMP, {RUNNING},              None,        "start",
         effects.climbs, readiness.level_ahead, asks=(asked.next_level,)),
    _row(Action.STOP,         {RUNNING, PAUSED},      STOPPED,     "stop",  effects.stops),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write", effects.archives),
    _row(Action.DELETE,       ANY - {RUNNING},        None,        "delete", effects.deletes),
)
CHECKMANGO = (
    _row(Action.START,        {DRAFT},                RUNNING,     "start",
         effects.starts, *CHECKMANGO_RULES),
    _row(Action.STOP,         {RUNNING},              STOPPED,     "stop",  effects.stops),
    _row(Action.DELETE,       ANY,                    None,        "delete", effects.deletes),
)
LOCAL = (
    _row(Action.MARK_READY,   {DRAFT},                READY,       "write",
         effects.nothing, *LOCAL_RULES),
    _row(Action.DEVELOP,      {READY},                DEVELOPMENT, "start",
         effects.develops, *LOCAL_RULES),
    _row(Action.START,        {DRAFT, READY, DEVELOPMENT}, RUNNING, "start",
         effects.starts, *LOCAL_RULES),
    _row(Action.PAUSE,        {RUNNING},              PAUSED,      "stop",
         effects.sends_to_default),
    _row(Action.RESUME,       {PAUSED},               RUNNING,     "start", effects.resumes),
    _row(Action.FREEZE,       {RUNNING},              FROZEN,      "stop",  effects.nothing),
    _row(Action.UNFREEZE,     {FROZEN},               RUNNING,     "start", effects.nothing),
    _row(Action.ADVANCE_RAMP, {RUNNING},              None,        "start",
         effects.climbs, readiness.level_ahead, asks=(asked.next_level,)),
    _row(Action.STOP,         LAUNCHED | {DEVELOPMENT}, STOPPED,   "stop",  effects.stops),
    _row(Action.FULL_ON,      {RUNNING},              None,        "start",
         effects.releases, asks=(asked.treatment,), under=Overlay.UNRELEASED),
    _row(Action.ARCHIVE,      {STOPPED},              None,        "write", effects.archives),
    _row(Action.UNARCHIVE,    {STOPPED},              None,        "write",
         effects.unarchives, under=Overlay.ARCHIVED),
    _row(Action.RESTART,      {STOPPED, RUNNING},     RUNNING,     "start",
         effects.begins_anew, *LOCAL_RULES, asks=(asked.reason_given_while_running,)),
    _row(Action.RESET,        BEGUN,                  DRAFT,       "stop",
         effects.resets, under=Overlay.EITHER),
    _row(Action.DELETE,       ANY,                    None,        "delete", effects.deletes),
    _row(Action.RESTORE,      ANY,                    None,        "delete",
         effects.restores, under=Overlay.DELETED),
)
# fmt: on

TABLES: dict[Platform, tuple[Transition, ...]] = {
    Platform.LOCAL: LOCAL,
    Platform.ABSMARTLY: ABSMARTLY,
    Platform.POSTHOG: POSTHOG,
    Platform.AUTH0: AUTH0,
    Platform.CHECKMANGO: CHECKMANGO,
}


NATIVE_STATES: dict[Platform, dict[Phase, str]] = {
    Platform.ABSMARTLY: {
        DRAFT: "created",
        READY: "ready",
        DEVELOPMENT: "development",
        RUNNING: "running",
        STOPPED: "stopped",
    },
    Platform.POSTHOG: {
        DRAFT: "draft",
        RUNNING: "running",
        PAUSED: "paused",
        FROZEN: "exposure_frozen",
        STOPPED: "stopped",
    },
    Platform.AUTH0: {DRAFT: "draft", RUNNING: "active", PAUSED: "paused", STOPPED: "completed"},
    Platform.CHECKMANGO: {DRAFT: "draft", RUNNING: "running", STOPPED: "stopped"},
}
"""The platforms' own words for the phases; LOCAL has none of its own."""


def native_state(platform: Platform, phase: Phase, *, archived: bool) -> str | None:
    """The platform's own word for the state; archived is a state of its own on Auth0 only."""
    if archived and platform is Platform.AUTH0:
        return "archived"
    return NATIVE_STATES.get(platform, {}).get(phase)


def row_of(platform: Platform, action: Action) -> Transition | None:
    """The row of the platform's table; None where the platform has no such action."""
    return next((row for row in TABLES[platform] if row.action is action), None)


def allowed(platform: Platform, standing: Standing) -> tuple[Action, ...]:
    """The actions that start from there, whatever else they need."""
    return tuple(row.action for row in TABLES[platform] if row.illegal(standing) is None)


def scope_of(action: Action) -> str:
    """The scope that a key needs for the action; it is the same on every platform."""
    [scope] = {row.scope for rows in TABLES.values() for row in rows if row.action is action}
    return scope


def available(platform: Platform, standing: Standing, facts: Facts) -> list[Available]:
    """Every action of the platform's table, with everything that is in its way at once."""
    return [
        Available(
            row.action,
            row.lands(standing.phase),
            row.scope,
            tuple(filter(None, [row.illegal(standing), *row.blockers(facts)])),
        )
        for row in TABLES[platform]
    ]


def ready(platform: Platform, facts: Facts) -> tuple[Blocker, ...]:
    """What is in the way of a start, whatever the phase."""
    start = row_of(platform, Action.START)
    return start.blockers(facts) if start else ()


class Target(StrEnum):
    """Where `transitionExperiment` leads, in the words of Auth0's status endpoint."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    ARCHIVED = "ARCHIVED"


TARGETS: dict[Target, dict[Phase, Action]] = {
    Target.ACTIVE: {
        DRAFT: Action.START,
        READY: Action.START,
        DEVELOPMENT: Action.START,
        PAUSED: Action.RESUME,
        FROZEN: Action.UNFREEZE,
    },
    Target.PAUSED: dict.fromkeys(Phase, Action.PAUSE),
    Target.COMPLETED: dict.fromkeys(Phase, Action.STOP),
    Target.ARCHIVED: dict.fromkeys(Phase, Action.ARCHIVE),
}
"""The action that leads from a phase to a target; where none is said, START says why not."""
