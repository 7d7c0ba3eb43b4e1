"""The graph: one line for each edge. The schema names these; one loader follows them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

import models as m
from models import MetricRole
from resolvers.access import Viewer, narrowed
from resolvers.edges import Asked, Linked, Owned, Paired, ToOne


def _pair(parent: Any, child: Any) -> Select[Any]:
    return select(parent.label("parent"), child.label("child"))


def _metric_experiments(asked: Asked) -> Sequence[Select[Any]]:
    role: MetricRole | None = asked.arguments.get("role")
    primary: Any = aliased(m.Experiment)
    link: Any = aliased(m.ExperimentMetric)
    by_primary = _pair(primary.primary_metric_id, primary.id)
    by_link = _pair(link.metric_id, link.experiment_id)
    if role is None:
        return [by_primary, by_link]
    by_role = by_link.where(link.role == role)
    return [by_primary, by_role] if role is MetricRole.PRIMARY else [by_role]


def _experiment_metrics(asked: Asked) -> Sequence[Select[Any]]:
    del asked
    primary: Any = aliased(m.Experiment)
    link: Any = aliased(m.ExperimentMetric)
    return [
        _pair(primary.id, primary.primary_metric_id),
        _pair(link.experiment_id, link.metric_id),
    ]


def _goal_metrics(asked: Asked) -> Sequence[Select[Any]]:
    del asked
    metrics: list[Any] = [aliased(m.Metric) for _ in GOAL_COLUMNS]
    return [
        _pair(getattr(metric, column), metric.id)
        for metric, column in zip(metrics, GOAL_COLUMNS, strict=True)
    ]


def _measured_goals(viewer: Viewer, *, of_goals: bool) -> Sequence[Select[Any]]:
    """(goal, experiment), or the reverse, by any goal that any metric of the experiment reads."""
    arms = []
    for column in GOAL_COLUMNS:
        metric: Any = aliased(m.Metric)
        experiment: Any = aliased(m.Experiment)
        other: Any = aliased(m.Metric)
        link: Any = aliased(m.ExperimentMetric)
        by_primary = (getattr(metric, column), experiment.id)
        by_link = (getattr(other, column), link.experiment_id)
        primary = (
            _pair(*(by_primary if of_goals else reversed(by_primary)))
            .select_from(metric)
            .join(experiment, experiment.primary_metric_id == metric.id)
            .where(by_primary[0].is_not(None))
        )
        further = (
            _pair(*(by_link if of_goals else reversed(by_link)))
            .select_from(other)
            .join(link, link.metric_id == other.id)
            .where(by_link[0].is_not(None))
        )
        arms += [narrowed(primary, metric, viewer), narrowed(further, other, viewer)]
    return arms


def _goal_experiments(asked: Asked) -> Sequence[Select[Any]]:
    return _measured_goals(asked.viewer, of_goals=True)


def _experiment_goals(asked: Asked) -> Sequence[Select[Any]]:
    return _measured_goals(asked.viewer, of_goals=False)


def _experiment_segments(asked: Asked) -> Sequence[Select[Any]]:
    del asked
    allocation: Any = aliased(m.Allocation)
    return [
        _pair(allocation.experiment_id, allocation.segment_id).where(
            allocation.segment_id.is_not(None)
        )
    ]


def _segment_experiments(asked: Asked) -> Sequence[Select[Any]]:
    del asked
    allocation: Any = aliased(m.Allocation)
    return [_pair(allocation.segment_id, allocation.experiment_id)]


def _saved_metric_experiments(asked: Asked) -> Sequence[Select[Any]]:
    del asked
    link: Any = aliased(m.ExperimentSavedMetric)
    return [_pair(link.saved_metric_id, link.experiment_id)]


GOAL_COLUMNS = ("goal_id", "denominator_goal_id", "cancellation_goal_id", "relation_goal_id")
"""The columns by which a metric reads a goal."""

# fmt: off
SOURCE           = ToOne(m.Source, "source_id")
CREATED_BY       = ToOne(m.User, "created_by_id")
UPDATED_BY       = ToOne(m.User, "updated_by_id")
EXPERIMENT       = ToOne(m.Experiment, "experiment_id")  # of whatever belongs to an experiment
METRIC           = ToOne(m.Metric, "metric_id")
VARIANT          = ToOne(m.Variant, "variant_id")
USER             = ToOne(m.User, "user_id")

EXPERIMENT_FAMILY           = ToOne(m.Family, "family_id")
EXPERIMENT_UNIT_TYPE        = ToOne(m.UnitType, "unit_type_id")
EXPERIMENT_HOLDOUT          = ToOne(m.Holdout, "holdout_id")
EXPERIMENT_FEATURE_FLAG     = ToOne(m.FeatureFlag, "feature_flag_id")
EXPERIMENT_TEMPLATE         = ToOne(m.Experiment, "template_id")
EXPERIMENT_COPIES           = Owned(m.Experiment, "template_id")
EXPERIMENT_PRIMARY_METRIC   = ToOne(m.Metric, "primary_metric_id")
EXPERIMENT_SAMPLE_SIZE      = ToOne(m.SampleSize, "id", "experiment_id")
EXPERIMENT_VARIANTS         = Owned(m.Variant, "experiment_id", ("index",))
EXPERIMENT_SCREENSHOTS      = Owned(m.Screenshot, "experiment_id", ("position",))
EXPERIMENT_ALLOCATIONS      = Owned(m.Allocation, "experiment_id", ("position",))
EXPERIMENT_EXPOSURES        = Owned(m.Exposure, "experiment_id", ("position",))
EXPERIMENT_RESULTS          = Owned(m.Result, "experiment_id", ("position",))
EXPERIMENT_ALERTS           = Owned(m.Alert, "experiment_id", ("created_at",))
EXPERIMENT_SCHEDULE         = Owned(m.ScheduledAction, "experiment_id", ("at",))
EXPERIMENT_CHANGE_REQUESTS  = Owned(m.ChangeRequest, "experiment_id")
EXPERIMENT_CUSTOM_FIELDS    = Owned(m.CustomFieldValue, "experiment_id", ("position",))
EXPERIMENT_NOTES            = Owned(m.Note, "experiment_id")
EXPERIMENT_PREDECESSOR_NOTES = Owned(m.Note, "new_experiment_id", ("created_at",))
EXPERIMENT_EVENTS           = Owned(m.Event, "experiment_id")
EXPERIMENT_OWNERS           = Linked(m.User, m.ExperimentOwner, "experiment_id", "user_id")
EXPERIMENT_TEAMS            = Linked(m.Team, m.ExperimentTeam, "experiment_id", "team_id")
EXPERIMENT_TAGS             = Linked(m.Tag, m.ExperimentTag, "experiment_id", "tag_id")
EXPERIMENT_APPLICATIONS     = Owned(m.ExperimentApplication, "experiment_id", ("position",))
EXPERIMENT_METRICS          = Owned(m.ExperimentMetric, "experiment_id", ("role", "position"))
EXPERIMENT_SAVED_METRICS    = Owned(m.ExperimentSavedMetric, "experiment_id", ("position",))
EXPERIMENT_SHOWN_IN         = Linked(
    m.Application, m.ExperimentApplication, "experiment_id", "application_id"
)
EXPERIMENT_ALL_METRICS      = Paired(m.Metric, _experiment_metrics)
EXPERIMENT_USED_SAVED_METRICS = Linked(
    m.SavedMetric, m.ExperimentSavedMetric, "experiment_id", "saved_metric_id"
)
EXPERIMENT_GOALS            = Paired(m.Goal, _experiment_goals)
EXPERIMENT_SEGMENTS         = Paired(m.Segment, _experiment_segments)
EXPERIMENT_FAVORITES        = Owned(m.Favorite, "experiment_id", ("position",))

FAMILY_EXPERIMENTS          = Owned(m.Experiment, "family_id")
VARIANT_SCREENSHOTS         = Owned(m.Screenshot, "variant_id", ("position",))
VARIANT_RESULTS             = Owned(m.Result, "variant_id", ("position",))
VARIANT_ALLOCATIONS         = Owned(m.Allocation, "variant_id", ("position",))
SCREENSHOT_FILE             = ToOne(m.File, "file_id")
FILE_SCREENSHOTS            = Owned(m.Screenshot, "file_id")
FILE_USERS                  = Owned(m.User, "avatar_id")
ALLOCATION_SEGMENT          = ToOne(m.Segment, "segment_id")
SEGMENT_ALLOCATIONS         = Owned(m.Allocation, "segment_id")
SEGMENT_EXPERIMENTS         = Paired(m.Experiment, _segment_experiments)
NOTE_REPLY_TO               = ToOne(m.Note, "reply_to_id")
NOTE_REPLIES                = Owned(m.Note, "reply_to_id", ("created_at",))
NOTE_NEW_EXPERIMENT         = ToOne(m.Experiment, "new_experiment_id")
EVENT_DELIVERY              = ToOne(m.Delivery, "id", "event_id")
DELIVERY_EVENT              = ToOne(m.Event, "event_id")
EVENT_ACTOR                 = ToOne(m.User, "actor_id")
CUSTOM_VALUE_FIELD          = ToOne(m.CustomField, "field_id")
CUSTOM_FIELD_VALUES         = Owned(m.CustomFieldValue, "field_id")
CHANGE_REQUEST_POLICY       = ToOne(m.ApprovalPolicy, "policy_id")
CHANGE_REQUEST_APPROVALS    = Owned(m.Approval, "change_request_id")
APPROVAL_CHANGE_REQUEST     = ToOne(m.ChangeRequest, "change_request_id")
POLICY_CHANGE_REQUESTS      = Owned(m.ChangeRequest, "policy_id")
POLICY_TEAM                 = ToOne(m.Team, "team_id")

METRIC_GOAL                 = ToOne(m.Goal, "goal_id")
METRIC_DENOMINATOR_GOAL     = ToOne(m.Goal, "denominator_goal_id")
METRIC_CANCELLATION_GOAL    = ToOne(m.Goal, "cancellation_goal_id")
METRIC_RELATION_GOAL        = ToOne(m.Goal, "relation_goal_id")
METRIC_CATEGORY             = ToOne(m.MetricCategory, "category_id")
METRIC_TAGS                 = Linked(m.Tag, m.MetricTag, "metric_id", "tag_id")
METRIC_OWNERS               = Linked(m.User, m.MetricOwner, "metric_id", "user_id")
METRIC_TEAMS                = Linked(m.Team, m.MetricTeam, "metric_id", "team_id")
METRIC_APPLICATIONS         = Linked(
    m.Application, m.MetricApplication, "metric_id", "application_id"
)
METRIC_UNIT_TYPES           = Linked(m.UnitType, m.MetricUnitType, "metric_id", "unit_type_id")
METRIC_EXPERIMENTS          = Paired(m.Experiment, _metric_experiments)
METRIC_RESULTS              = Owned(m.Result, "metric_id")
CATEGORY_METRICS            = Owned(m.Metric, "category_id")
GOAL_TAGS                   = Linked(m.Tag, m.GoalTag, "goal_id", "tag_id")
GOAL_OWNERS                 = Linked(m.User, m.GoalOwner, "goal_id", "user_id")
GOAL_TEAMS                  = Linked(m.Team, m.GoalTeam, "goal_id", "team_id")
GOAL_METRICS                = Paired(m.Metric, _goal_metrics)
GOAL_EXPERIMENTS            = Paired(m.Experiment, _goal_experiments)
SAVED_METRIC                = ToOne(m.SavedMetric, "saved_metric_id")
SAVED_METRIC_EXPERIMENTS    = Paired(m.Experiment, _saved_metric_experiments)

TEAM_PARENT                 = ToOne(m.Team, "parent_id")
TEAM_CHILDREN               = Owned(m.Team, "parent_id", ("name",))
TEAM_USERS                  = Linked(m.User, m.TeamMember, "team_id", "user_id")
TEAM_EXPERIMENTS            = Linked(m.Experiment, m.ExperimentTeam, "team_id", "experiment_id")
TEAM_GOALS                  = Linked(m.Goal, m.GoalTeam, "team_id", "goal_id")
TEAM_METRICS                = Linked(m.Metric, m.MetricTeam, "team_id", "metric_id")
TEAM_POLICIES               = Owned(m.ApprovalPolicy, "team_id")
TEAM_API_KEYS               = Linked(m.ApiKey, m.ApiKeyTeam, "team_id", "api_key_id")
USER_AVATAR                 = ToOne(m.File, "avatar_id")
USER_TEAMS                  = Linked(m.Team, m.TeamMember, "user_id", "team_id")
USER_EXPERIMENTS            = Linked(m.Experiment, m.ExperimentOwner, "user_id", "experiment_id")
USER_GOALS                  = Linked(m.Goal, m.GoalOwner, "user_id", "goal_id")
USER_METRICS                = Linked(m.Metric, m.MetricOwner, "user_id", "metric_id")
USER_FAVORITES              = Owned(m.Favorite, "user_id", ("created_at",))
USER_EVENTS                 = Owned(m.Event, "actor_id")
USER_API_KEYS               = Owned(m.ApiKey, "user_id")
API_KEY_TEAMS               = Linked(m.Team, m.ApiKeyTeam, "api_key_id", "team_id")
VIEWER_API_KEY              = ToOne(m.ApiKey, "api_key_id")
TAG_EXPERIMENTS             = Linked(m.Experiment, m.ExperimentTag, "tag_id", "experiment_id")
TAG_GOALS                   = Linked(m.Goal, m.GoalTag, "tag_id", "goal_id")
TAG_METRICS                 = Linked(m.Metric, m.MetricTag, "tag_id", "metric_id")
APPLICATION                 = ToOne(m.Application, "application_id")
APPLICATION_EXPERIMENTS     = Linked(
    m.Experiment, m.ExperimentApplication, "application_id", "experiment_id"
)
APPLICATION_METRICS         = Linked(m.Metric, m.MetricApplication, "application_id", "metric_id")
UNIT_TYPE_EXPERIMENTS       = Owned(m.Experiment, "unit_type_id")
UNIT_TYPE_METRICS           = Linked(m.Metric, m.MetricUnitType, "unit_type_id", "metric_id")
HOLDOUT_EXPERIMENTS         = Owned(m.Experiment, "holdout_id")
FEATURE_FLAG_EXPERIMENTS    = Owned(m.Experiment, "feature_flag_id")
SOURCE_EXPERIMENTS          = Owned(m.Experiment, "source_id")
SOURCE_METRICS              = Owned(m.Metric, "source_id")
SOURCE_GOALS                = Owned(m.Goal, "source_id")
SOURCE_TEAMS                = Owned(m.Team, "source_id")
SOURCE_USERS                = Owned(m.User, "source_id")
SOURCE_TAGS                 = Owned(m.Tag, "source_id")
SOURCE_APPLICATIONS         = Owned(m.Application, "source_id")
SOURCE_UNIT_TYPES           = Owned(m.UnitType, "source_id")
SOURCE_SEGMENTS             = Owned(m.Segment, "source_id")
SOURCE_HOLDOUTS             = Owned(m.Holdout, "source_id")
SOURCE_SAVED_METRICS        = Owned(m.SavedMetric, "source_id")
SOURCE_FEATURE_FLAGS        = Owned(m.FeatureFlag, "source_id")
# fmt: on
