"""What a caller says beside an action, and what an action demands of it. Plain Python.

A demand is a pure function: it answers None, or what is wrong with the argument.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.phase import Phase
from models.readiness import Facts


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of an input; ``rule`` is for programs."""

    path: tuple[str, ...]
    message: str
    rule: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of all actions; each action reads its own.

    ``variant_index`` counts from 0, the control; ``level`` is a share in percent; ``into`` is the
    phase that a restart leads to, RUNNING or DEVELOPMENT.
    """

    reason: str | None = None
    conclusion: str | None = None
    comment: str | None = None
    variant_index: int | None = None
    level: float | None = None
    reshuffle: bool = True
    into: Phase = Phase.RUNNING


Demand = Callable[[Any, Facts, Arguments], FieldError | None]

CONCLUSIONS = ("won", "lost", "inconclusive", "stopped_early", "invalid")
"""PostHog's words for how an experiment came out."""


def reason_given(_: Any, __: Facts, arguments: Arguments) -> FieldError | None:
    """A reason is given."""
    if arguments.reason:
        return None
    return FieldError(("reason",), "A reason must be given.", "required")


def reason_given_while_running(record: Any, _: Facts, arguments: Arguments) -> FieldError | None:
    """A reason is given where the experiment is still running, since it is stopped by this."""
    if record.phase is not Phase.RUNNING or arguments.reason:
        return None
    message = "A reason must be given: the experiment is running, and is stopped by this."
    return FieldError(("reason",), message, "required")


def posthog_conclusion(_: Any, __: Facts, arguments: Arguments) -> FieldError | None:
    """The conclusion, if given, is one of PostHog's words."""
    if arguments.conclusion is None or arguments.conclusion in CONCLUSIONS:
        return None
    message = f"{arguments.conclusion!r} is not one of {', '.join(CONCLUSIONS)}."
    return FieldError(("conclusion",), message, "conclusion")


def treatment(_: Any, facts: Facts, arguments: Arguments) -> FieldError | None:
    """The variant is one of the experiment's, and not the control (index 0)."""
    return _variant(facts, arguments, 1)


def any_variant(_: Any, facts: Facts, arguments: Arguments) -> FieldError | None:
    """The variant is one of the experiment's."""
    return _variant(facts, arguments, 0)


def next_level(_: Any, facts: Facts, arguments: Arguments) -> FieldError | None:
    """The level is exactly the next one of the ramp, if there is one."""
    ahead = facts.levels_ahead
    if not ahead or arguments.level == ahead[0]:
        return None
    wanted = "none" if arguments.level is None else f"{arguments.level:g}"
    message = f"The level is {wanted}; the next one is {ahead[0]:g}."
    return FieldError(("level",), message, "next_level")


def levels_ahead(record: Any) -> tuple[float, ...]:
    """The levels of a record's ramp that it has not reached, in percent."""
    now = record.ramp_current_level
    return tuple(level for level in levels_of(record) if now is None or int(level) > now)


def levels_of(record: Any) -> list[float]:
    """The levels of a record's ramp, in percent; what is no number there is none."""
    return [level for level in record.ramp_levels or () if isinstance(level, int | float)]


def _variant(facts: Facts, arguments: Arguments, least: int) -> FieldError | None:
    count = facts.variant_count or len(facts.variants)
    index = arguments.variant_index
    if index is not None and least <= index < count:
        return None
    message = f"The variant {index} cannot be given to everybody; {least} to {count - 1} can."
    if count <= least:
        message = f"The variant {index} cannot be given to everybody: there are {count} variants."
    return FieldError(("variantIndex",), message, "variant_index")
