"""What happened to an experiment, and when: counted back from one fixed moment."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.demo.cast import Case, Overlay
from gateway.demo.dice import Dice
from models import Phase, Platform

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""The demo's present. A fixed one, so that the same command makes the same graph on any day."""

BEGINNING = datetime(2021, 3, 1, 9, tzinfo=UTC)
"""When the company began to keep its teams, goals and metrics here."""

GATED = frozenset({Platform.LOCAL, Platform.ABSMARTLY})
"""The platforms on which a draft is marked ready before it starts."""

# fmt: off
OPENINGS: dict[Phase, tuple[str, ...]] = {
    Phase.DRAFT: ("CREATE",),
    Phase.READY: ("CREATE", "MARK_READY"),
    Phase.DEVELOPMENT: ("CREATE", "MARK_READY", "DEVELOP"),
}
"""How a gated experiment came to its phase; later phases have them all."""

TAILS: dict[tuple[Phase, Overlay], tuple[str, ...]] = {
    (Phase.PAUSED, Overlay.NONE): ("PAUSE",),
    (Phase.FROZEN, Overlay.NONE): ("FREEZE",),
    (Phase.RUNNING, Overlay.FULL_ON): ("FULL_ON",),
    (Phase.STOPPED, Overlay.NONE): ("STOP",),
    (Phase.STOPPED, Overlay.FULL_ON): ("FULL_ON", "STOP"),
    (Phase.STOPPED, Overlay.SHIPPED): ("FULL_ON",),
    (Phase.STOPPED, Overlay.ARCHIVED): ("STOP", "ARCHIVE"),
    (Phase.STOPPED, Overlay.DELETED): ("STOP", "DELETE"),
}
"""What came after the start."""

GAPS: dict[str, tuple[int, int]] = {
    "MARK_READY": (1, 6), "DEVELOP": (1, 4), "START": (1, 5), "PAUSE": (3, 20), "RESUME": (1, 4),
    "FREEZE": (5, 20), "ADVANCE_RAMP": (2, 6), "FULL_ON": (10, 30), "STOP": (8, 40),
    "ARCHIVE": (1, 30), "DELETE": (1, 20), "RESTART": (0, 3),
}
"""How many days an action waited for the one before it."""

AGES: dict[Phase, tuple[int, int]] = {
    Phase.DRAFT: (1, 60), Phase.READY: (1, 20), Phase.DEVELOPMENT: (1, 15),
    Phase.RUNNING: (4, 40), Phase.PAUSED: (1, 10), Phase.FROZEN: (1, 10), Phase.STOPPED: (2, 1000),
}
"""How many days ago the last action was."""

AFTER: dict[str, Phase] = {
    "MARK_READY": Phase.READY, "DEVELOP": Phase.DEVELOPMENT,
    "START": Phase.RUNNING, "PAUSE": Phase.PAUSED, "RESUME": Phase.RUNNING,
    "FREEZE": Phase.FROZEN, "ADVANCE_RAMP": Phase.RUNNING, "FULL_ON": Phase.RUNNING,
    "STOP": Phase.STOPPED, "ARCHIVE": Phase.STOPPED, "DELETE": Phase.STOPPED,
    "RESTART": Phase.STOPPED,
}
"""The phase that an action leaves; PostHog's release also stops."""
# fmt: on

RAMP = [5, 25, 50, 100]


@dataclass(frozen=True, slots=True)
class Step:
    """One action; ``before`` is None for the creation."""

    action: str
    at: datetime
    before: Phase | None
    after: Phase


@dataclass(frozen=True, slots=True)
class History:
    """The steps of one experiment, in order."""

    steps: tuple[Step, ...]
    _moments: dict[str, datetime] = field(init=False)

    def __post_init__(self) -> None:
        """Look every action up once; an experiment is asked for its dates again and again."""
        moments = {step.action: step.at for step in self.steps}
        object.__setattr__(self, "_moments", moments)

    @property
    def created(self) -> datetime:
        """When it all began."""
        return self.steps[0].at

    @property
    def last(self) -> datetime:
        """When something happened last."""
        return self.steps[-1].at

    def at(self, action: str) -> datetime | None:
        """When the action was taken last."""
        return self._moments.get(action)

    def count(self, action: str) -> int:
        """How often the action was taken."""
        return sum(step.action == action for step in self.steps)

    @property
    def stopped(self) -> datetime | None:
        """When it entered its phase, if that is STOPPED."""
        return next((step.at for step in self.steps if step.after is Phase.STOPPED), None)


def history(dice: Dice, case: Case, *, restarted: bool, newer: History | None) -> History:
    """The history of one experiment.

    ``restarted`` is one that a restart made: live from its first moment on. ``newer`` is the
    history of the iteration that a restart of this one made.
    """
    actions = [*_opening(dice, case, restarted=restarted), *_tail(dice, case)]
    if newer is not None:
        actions.append("RESTART")
    at = newer.created if newer is not None else _age(dice, case.phase)
    moments: list[datetime] = []
    for position in range(len(actions) - 1, -1, -1):
        moments.insert(0, at)
        at_once = restarted and position == 1
        at -= timedelta(0) if at_once else _gap(dice, actions[position])
    born = Phase.READY if restarted else Phase.DRAFT
    return History(_steps(case, born, actions, moments))


def _opening(dice: Dice, case: Case, *, restarted: bool) -> tuple[str, ...]:
    if restarted:
        return ("CREATE", "DEVELOP" if case.phase is Phase.DEVELOPMENT else "START")
    if case.phase is Phase.DRAFT:
        return ("CREATE",)
    if case.platform not in GATED:
        return ("CREATE", "START")
    if case.phase in OPENINGS:
        return OPENINGS[case.phase]
    return (*OPENINGS[dice.pick((Phase.READY, Phase.DEVELOPMENT))], "START")


def _tail(dice: Dice, case: Case) -> tuple[str, ...]:
    if case.overlay is Overlay.RAMPED:
        return ("ADVANCE_RAMP",) * dice.whole(0, len(RAMP) - 1)
    if case.phase is Phase.RUNNING and case.platform is Platform.LOCAL and dice.chance(0.2):
        return ("PAUSE", "RESUME", *TAILS.get((case.phase, case.overlay), ()))
    return TAILS.get((case.phase, case.overlay), ())


def _age(dice: Dice, phase: Phase) -> datetime:
    fewest, most = AGES[phase]
    square = dice.real(0, 1) * dice.real(0, 1)  # the recent past is busier
    return NOW - timedelta(
        days=fewest + int((most - fewest) * square), minutes=dice.whole(-480, -60)
    )


def _gap(dice: Dice, action: str) -> timedelta:
    fewest, most = GAPS.get(action, (1, 1))
    return timedelta(days=dice.whole(fewest, most), minutes=dice.whole(2, 25))


def _steps(
    case: Case, born: Phase, actions: list[str], moments: list[datetime]
) -> tuple[Step, ...]:
    steps = [Step(actions[0], moments[0], None, born)]
    for action, at in zip(actions[1:], moments[1:], strict=True):
        stops = action == "FULL_ON" and case.overlay is Overlay.SHIPPED
        after = Phase.STOPPED if stops else AFTER[action]
        steps.append(Step(action, at, steps[-1].after, after))
    return tuple(steps)
