"""The lifecycle in the graph: the table as data, and what may be done to an experiment now."""

from collections.abc import Callable, Iterable, Sequence

import models as m
from models import lifecycle, readiness
from resolvers import lifecycle as resolved
from schema.fields import column, computed, of_rows


@of_rows(readiness.Blocker, "One thing that is in the way of an action.")
class Blocker:
    code: str = column("What is wrong, for programs; Auth0's rules have Auth0's codes.")
    message: str = column("What is wrong, for people.")
    path: list[str] = column("The field to mend.")


@of_rows(resolved.AvailableTransition, "An action, and whether it may be taken now.")
class AvailableTransition:
    action: m.Action = column("The action.")
    to: m.Phase = column("The phase that it leads to.")
    allowed: bool = column("Whether nothing is in the way.")
    blockers: list[Blocker] = column("Everything that is in the way, all at once.")
    requires_approval: bool = column("Whether a policy asks for approval first.")
    missing_scope: str | None = column("The scope that the key lacks, if it lacks it.")


@of_rows(resolved.Readiness, "Whether an experiment has everything that a start needs.")
class Readiness:
    valid: bool = column("Whether nothing is missing.")
    blockers: list[Blocker] = column("Everything that is missing.")


def _said(functions: Iterable[Callable[..., object]]) -> list[str]:
    return [" ".join((function.__doc__ or "").split()) for function in functions]


def _rules(row: lifecycle.Transition) -> list[str]:
    return _said(row.only_if)


def _asks(row: lifecycle.Transition) -> list[str]:
    return _said(row.asks)


def _sets(row: lifecycle.Transition) -> str:
    return _said([row.sets])[0]


def _sources(row: lifecycle.Transition) -> Sequence[m.Phase]:
    return [phase for phase in m.Phase if phase in row.sources]


@of_rows(lifecycle.Transition, "One row of a platform's lifecycle.")
class LifecycleTransition:
    action: m.Action = column("The action.")
    from_: list[m.Phase] = computed(
        _sources, ["sources"], "The phases that it starts from.", name="from"
    )
    to: m.Phase | None = column("The phase that it leads to; null leaves it as it is.")
    scope: str = column("The scope that a key needs.")
    only_if: list[str] = computed(_rules, ["only_if"], "What else must hold.")
    asks: list[str] = computed(_asks, ["asks"], "What its arguments must be.")
    sets: str = computed(_sets, ["sets"], "What it sets beside the phase.")
    under: lifecycle.Overlay = column("The overlays that it can be made under.")
