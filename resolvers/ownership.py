"""Whose a row is: what some teams own, what belongs to that, and what belongs to no team.

A rule answers, for a model or an alias of it, which of its rows are within reach. It names them by
row numbers of fresh aliases, so that it can stand in any statement.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, not_, or_, select
from sqlalchemy.orm import aliased

import models as m
from resolvers.keys import keyed_by


@dataclass(frozen=True, slots=True)
class Reach:
    """Some teams, those below them included, and whether what nobody owns counts as theirs."""

    teams: tuple[int, ...]
    include_unowned: bool

    def holds(self, column: Any) -> Any:
        """Whether a column names one of the teams; they are one parameter."""
        return keyed_by(column, self.teams)


Rule = Callable[[Any, Reach], ColumnElement[bool]]
"""What a row must satisfy to be within reach."""

Owners = Callable[[], tuple[Any, Any, Select[Any]]]
"""A column of things, a column of teams that own them, and a statement over both."""


def _linked(link: type[Any], thing: str) -> Owners:
    """Things that a link table gives to teams."""

    def owners() -> tuple[Any, Any, Select[Any]]:
        row: Any = aliased(link)
        return getattr(row, thing), row.team_id, select(literal(1)).select_from(row)

    return owners


def _used(user: type[Any], thing: str, experiment: str = "experiment_id") -> Owners:
    """Things that are owned by the teams of the experiments that use them."""

    def owners() -> tuple[Any, Any, Select[Any]]:
        row: Any = aliased(user)
        owner: Any = aliased(m.ExperimentTeam)
        joined = owner.experiment_id == getattr(row, experiment)
        statement = select(literal(1)).select_from(row).join(owner, joined)
        used = getattr(row, thing)
        return used, owner.team_id, statement.where(used.is_not(None))

    return owners


OWNERS: Mapping[type[Any], Owners] = {
    m.Experiment: _linked(m.ExperimentTeam, "experiment_id"),
    m.Metric: _linked(m.MetricTeam, "metric_id"),
    m.Goal: _linked(m.GoalTeam, "goal_id"),
    m.Segment: _used(m.Allocation, "segment_id"),
    m.Holdout: _used(m.Experiment, "holdout_id", "id"),
    m.FeatureFlag: _used(m.Experiment, "feature_flag_id", "id"),
    m.SavedMetric: _used(m.ExperimentSavedMetric, "saved_metric_id"),
}


def _owned(model: type[Any], entity: Any, reach: Reach) -> ColumnElement[bool]:
    """Owned by one of the teams, or by none where that counts."""
    thing, team, statement = OWNERS[model]()
    theirs = statement.with_only_columns(thing, maintain_column_froms=True)
    owned: ColumnElement[bool] = entity.id.in_(theirs.where(reach.holds(team)))
    if not reach.include_unowned:
        return owned
    thing, _, statement = OWNERS[model]()
    return or_(owned, not_(statement.where(thing == entity.id).correlate(entity).exists()))


def experiments(reach: Reach, column: str = "id") -> Select[Any]:
    """What a column of the experiments within reach holds."""
    experiment: Any = aliased(m.Experiment)
    return select(getattr(experiment, column)).where(_owned(m.Experiment, experiment, reach))


def _of_experiment(entity: Any, reach: Reach) -> ColumnElement[bool]:
    within: ColumnElement[bool] = entity.experiment_id.in_(experiments(reach))
    return within


def _family(entity: Any, reach: Reach) -> ColumnElement[bool]:
    within: ColumnElement[bool] = entity.id.in_(experiments(reach, "family_id"))
    return within


def _approval(entity: Any, reach: Reach) -> ColumnElement[bool]:
    request: Any = aliased(m.ChangeRequest)
    asked = select(request.id).where(_of_experiment(request, reach))
    within: ColumnElement[bool] = entity.change_request_id.in_(asked)
    return within


def _team(entity: Any, reach: Reach) -> ColumnElement[bool]:
    """The teams, and those that were put below them since the key was looked at."""
    return or_(reach.holds(entity.id), reach.holds(entity.parent_id))


def _user(entity: Any, reach: Reach) -> ColumnElement[bool]:
    member: Any = aliased(m.TeamMember)
    members = select(member.user_id).where(reach.holds(member.team_id))
    within: ColumnElement[bool] = entity.id.in_(members)
    return within


def _policy(entity: Any, reach: Reach) -> ColumnElement[bool]:
    return or_(entity.team_id.is_(None), reach.holds(entity.team_id))


def _api_key(entity: Any, reach: Reach) -> ColumnElement[bool]:
    """A key that is bound to some of the teams and to no other."""
    inside: Any = aliased(m.ApiKeyTeam)
    outside: Any = aliased(m.ApiKeyTeam)
    foreign = select(outside.api_key_id).where(not_(reach.holds(outside.team_id)))
    return and_(
        entity.team_bound,
        entity.id.in_(select(inside.api_key_id).where(reach.holds(inside.team_id))),
        entity.id.not_in(foreign),
    )


WITH_EXPERIMENT = (
    m.Alert,
    m.Allocation,
    m.ChangeRequest,
    m.CustomFieldValue,
    m.Delivery,
    m.ExperimentApplication,
    m.ExperimentMetric,
    m.ExperimentSavedMetric,
    m.Exposure,
    m.Favorite,
    m.Note,
    m.Result,
    m.SampleSize,
    m.ScheduledAction,
    m.Screenshot,
    m.Variant,
)
"""What belongs to one experiment each, which ``experiment_id`` names."""

SHARED = (m.Application, m.CustomField, m.MetricCategory, m.Source, m.Tag, m.UnitType)
"""What a whole company shares: within everybody's reach."""

RULES: Mapping[type[Any], Rule] = {
    **dict.fromkeys(WITH_EXPERIMENT, _of_experiment),
    **{model: partial(_owned, model) for model in OWNERS},
    m.Approval: _approval,
    m.ApiKey: _api_key,
    m.ApprovalPolicy: _policy,
    m.Family: _family,
    m.Team: _team,
    m.User: _user,
}
"""The rule of each model that is not shared."""
