"""What may be done to experiments now, and why not the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Float,
    Select,
    and_,
    cast,
    exists,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models import (
    Action,
    Allocation,
    AllocationStrategy,
    ApprovalPolicy,
    Experiment,
    ExperimentTeam,
    ExperimentType,
    FeatureFlag,
    Phase,
    Platform,
    Variant,
)
from models.arguments import levels_ahead
from models.base import TEXT_BY_CODE_POINT
from models.lifecycle import TABLES, Transition, available, ready, standing
from models.readiness import AllocationFacts, Blocker, Facts, VariantFacts
from resolvers.context import Context
from resolvers.keys import keyed_by

# Made once: an alias is a hundred columns, and to make these anew took 12 ms for each mutation.
variant: Any = aliased(Variant)
allocation: Any = aliased(Allocation)
experiment: Any = aliased(Experiment)
other: Any = aliased(Experiment)
flag: Any = aliased(FeatureFlag)
policy: Any = aliased(ApprovalPolicy)
team: Any = aliased(ExperimentTeam)


@dataclass(frozen=True, slots=True)
class AvailableTransition:
    """An action of the platform's table, as it stands for one experiment."""

    action: Action
    to: Phase
    blockers: tuple[Blocker, ...]
    requires_approval: bool
    missing_scope: str | None

    @property
    def allowed(self) -> bool:
        """Whether nothing is in the way; an approval may still be asked for."""
        return not self.blockers and self.missing_scope is None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an experiment has everything that a start needs."""

    blockers: tuple[Blocker, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing is missing."""
        return not self.blockers


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of one experiment, with the actions that a policy gates (None is any)."""

    facts: Facts
    gated: frozenset[Action | None]


async def available_transitions(
    context: Context, rows: Sequence[Experiment]
) -> Sequence[list[AvailableTransition]]:
    """Every action of each experiment's platform, with all blockers at once, in one statement."""
    async with context.database.read() as session:
        gathered = await gather(session, rows)
    return [
        [
            AvailableTransition(
                found.action,
                found.to,
                found.blockers,
                requires_approval=bool({found.action, None} & gathered[row.id].gated),
                missing_scope=context.viewer.lacks(found.scope),
            )
            for found in available(row.platform, standing(row), gathered[row.id].facts)
        ]
        for row in rows
    ]


async def readiness(context: Context, rows: Sequence[Experiment]) -> Sequence[Readiness]:
    """Whether each experiment has what a start needs, in one statement."""
    async with context.database.read() as session:
        gathered = await gather(session, rows)
    return [Readiness(ready(row.platform, gathered[row.id].facts)) for row in rows]


async def table(_: Context, platform: Platform) -> tuple[Transition, ...]:
    """The lifecycle of a platform, as data."""
    return TABLES[platform]


async def gather(session: AsyncSession, rows: Iterable[Experiment]) -> dict[int, Gathered]:
    """The facts of experiments, by their number, in one statement."""
    by_number = {row.id: row for row in rows}
    said: dict[int, dict[str, list[Any]]] = {number: {} for number in by_number}
    for found in await session.execute(_facts(), {"numbers": list(by_number)}):
        said[found.experiment].setdefault(found.kind, []).append(found)
    return {number: _gathered(row, said[number]) for number, row in by_number.items()}


def _gathered(row: Experiment, said: dict[str, list[Any]]) -> Gathered:
    facts = Facts(
        key=row.key,
        is_feature=row.type is ExperimentType.FEATURE,
        has_primary_metric=row.primary_metric_id is not None,
        variant_count=row.variant_count,
        percentages=row.percentages,
        variants=tuple(
            VariantFacts(found.text, found.control, found.weight)
            for found in said.get("variant", [])
        ),
        by_segment=row.allocation_strategy is AllocationStrategy.SEGMENT,
        allocations=tuple(
            AllocationFacts(found.yes, found.control, found.fallback, found.weight)
            for found in said.get("allocation", [])
        ),
        has_holdout=row.holdout_id is not None,
        levels_ahead=levels_ahead(row),
        flag_is_active=any(found.yes for found in said.get("flag", [])),
        another_is_active="other" in said,
    )
    gated = (found.text for found in said.get("policy", []))
    return Gathered(facts, frozenset(None if text is None else Action(text) for text in gated))


@cache  # one statement for every change: to make it anew took longer than to run it
def _facts() -> Any:
    return union_all(
        _fact(
            variant.experiment_id,
            "variant",
            text=variant.key,
            control=variant.is_control,
            weight=variant.weight,
        ).where(keyed_by(variant.experiment_id, "numbers")),
        _fact(
            allocation.experiment_id,
            "allocation",
            control=allocation.is_control,
            weight=allocation.weight,
            fallback=allocation.is_fallback,
            yes=allocation.variant_id.is_not(None),
        ).where(keyed_by(allocation.experiment_id, "numbers")),
        _fact(experiment.id, "flag", yes=flag.active)
        .join(flag, flag.id == experiment.feature_flag_id)
        .where(keyed_by(experiment.id, "numbers")),
        _others(),
        _fact(experiment.id, "policy", text=policy.action)
        .join(policy, and_(policy.enabled, gates(policy, experiment)))
        .where(keyed_by(experiment.id, "numbers")),
    )


def _others() -> Select[Any]:
    return _fact(experiment.id, "other").where(
        keyed_by(experiment.id, "numbers"),
        experiment.platform == Platform.AUTH0,
        exists().where(
            other.source_id == experiment.source_id,
            other.id != experiment.id,
            other.phase == Phase.RUNNING,
        ),
    )


def gates(policy: Any, experiment: Any) -> Any:
    """Whether a policy of this gateway is about an experiment, whatever the action.

    A platform's own policies hold there: what they gate is asked for there, and answered.
    """
    owns = exists().where(team.experiment_id == experiment.id, team.team_id == policy.team_id)
    return and_(
        policy.external_id.is_(None),
        or_(policy.platform.is_(None), policy.platform == experiment.platform),
        or_(policy.team_id.is_(None), owns),
    )


COLUMNS: dict[str, Any] = {
    "text": TEXT_BY_CODE_POINT,
    "control": Boolean(),
    "weight": Float(),
    "fallback": Boolean(),
    "yes": Boolean(),
}
"""What a fact may say, whatever kind it is of."""


def _fact(number: Any, kind: str, **said: Any) -> Select[Any]:
    columns: Any = (
        cast(said.get(name, null()), column_type).label(name)
        for name, column_type in COLUMNS.items()
    )
    return select(number.label("experiment"), literal(kind).label("kind"), *columns)
