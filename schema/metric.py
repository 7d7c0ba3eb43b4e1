"""Metrics in the graph."""

from decimal import Decimal

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.connection import Connection
from schema.fields import Argument, column, connection, many, of_rows, one
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    Each,
    Filter,
    IDFilter,
    StringFilter,
    any_related,
    combined,
    matches,
    matches_id,
    related,
)
from schema.inputs import CreateInput, RowInput, required, said
from schema.node import Audited, Sourced
from schema.payloads import Payload, subject
from schema.scalars import JSON

ROLE = Argument("role", m.MetricRole | None, "Only the experiments to which it is this.")


@of_rows(m.MetricCategory, "A heading under which metrics are listed.")
class MetricCategory(Audited):
    external_id: str | None = column("The id by which its source knows it, where that was said.")
    extra: JSON | None = column("What the source said and no other field takes, verbatim.")
    name: str = column("What it is called.")
    description: str | None = column("What belongs under it.")
    color: str | None = column("The colour it is shown in.")
    archived: bool = column("Whether it is archived.")
    metrics: Connection[n.Metric] = connection(
        r.CATEGORY_METRICS, "The metrics under it.", where=n.MetricWhere, order_by=n.MetricOrder
    )


@of_rows(m.Metric, "A number computed for every unit and compared between variants.")
class Metric(Sourced):
    name: str = column("What it is called.")
    description: str | None = column("What it measures.")
    type: m.MetricType = column("How a value per unit is computed.")
    native_type: str | None = column("The platform's own word for the type, verbatim.")
    effect: m.MetricEffect = column("The direction that is good.")
    archived: bool = column("Whether it is archived.")
    format: str | None = column("How a value is written; {} stands for the number.")
    scale: float | None = column("What a value is multiplied by before it is shown.")
    precision: int | None = column("How many decimals a value is shown with.")
    mean_format: str | None = column("How a mean is written; {} stands for the number.")
    mean_scale: float | None = column("What a mean is multiplied by before it is shown.")
    mean_precision: int | None = column("How many decimals a mean is shown with.")
    value_source_property: str | None = column("The property of the goal's events that is read.")
    property_filter: JSON | None = column("Which of the goal's events count.")
    outlier_limit_method: str | None = column(
        "How outliers are limited: unlimited, quantile, stdev or fixed."
    )
    outlier_limit_lower_arg: Decimal | None = column("The lower argument of that method.")
    outlier_limit_upper_arg: Decimal | None = column("The upper argument of that method.")
    impact_alert_threshold_lower: Decimal | None = column(
        "The relative impact below which an alert is raised."
    )
    impact_alert_threshold_upper: Decimal | None = column(
        "The relative impact above which an alert is raised."
    )
    goal: n.Goal | None = one(r.METRIC_GOAL, "The goal that it is computed from.")
    numerator_type: str | None = column("The metric type of a ratio's numerator.")
    denominator_type: str | None = column("The metric type of a ratio's denominator.")
    denominator_goal: n.Goal | None = one(
        r.METRIC_DENOMINATOR_GOAL, "The goal of a ratio's denominator."
    )
    denominator: JSON | None = column("What else is said of a ratio's denominator.")
    ratio_condition: str | None = column("Which units a ratio counts.")
    retention_time: str | None = column(
        "The window within which a unit must come back, such as 7d."
    )
    retention_time_reference: str | None = column("The event from which that window counts.")
    activity_interval: str | None = column("The length of a period of activity.")
    time_filter_earliest: str | None = column("The earliest time after first exposure that counts.")
    time_filter_latest: str | None = column("The latest time after first exposure that counts.")
    cancellation_goal: n.Goal | None = one(
        r.METRIC_CANCELLATION_GOAL, "The goal whose events take earlier ones back."
    )
    cancellation_key_path: str | None = column("The property that names the event in the goal.")
    cancellation_foreign_key_path: str | None = column(
        "The property that names the event in the cancellation."
    )
    relation_kind: str | None = column(
        "How related events change earlier ones: refund or replacement."
    )
    relation_goal: n.Goal | None = one(
        r.METRIC_RELATION_GOAL, "The goal whose events change earlier ones."
    )
    relation_key_path: str | None = column("The property that names the event in the goal.")
    relation_foreign_key_path: str | None = column(
        "The property that names the event in the related goal."
    )
    relation_foreign_value_path: str | None = column("The property that holds the related value.")
    relation_foreign_duplicate_operation: str | None = column(
        "What is done with several related events."
    )
    relation_refund_operation: str | None = column("How a refund changes the value.")
    custom_sql: str | None = column("The query of a custom metric.")
    custom_statistics_type: str | None = column(
        "How a custom metric is tested: continuous or binomial."
    )
    lookback_interval: str | None = column("How far variance reduction looks back; null is off.")
    metric_version: int | None = column("The version of its definition on the platform.")
    lifecycle_status: str | None = column(
        "Whether the definition is a draft, active or superseded."
    )
    usage: JSON | None = column(
        "How often experiments used it, by role and period, as the platform counts."
    )
    definition: JSON | None = column("The definition in the platform's own words (PostHog).")
    category: n.MetricCategory | None = one(
        r.METRIC_CATEGORY, "The heading under which it is listed."
    )
    tags: list[n.Tag] = many(r.METRIC_TAGS, "The words put on it.")
    owners: list[n.User] = many(r.METRIC_OWNERS, "The users who own it.")
    teams: list[n.Team] = many(r.METRIC_TEAMS, "The teams that own it.")
    applications: list[n.Application] = many(
        r.METRIC_APPLICATIONS, "The applications that it is meant for."
    )
    unit_types: list[n.UnitType] = many(r.METRIC_UNIT_TYPES, "The unit types that it is meant for.")
    experiments: Connection[n.Experiment] = connection(
        r.METRIC_EXPERIMENTS,
        "The experiments that measure it, in any role or in one.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
        arguments=[ROLE],
    )
    results: Connection[n.Result] = connection(
        r.METRIC_RESULTS,
        "What it came out as, in every experiment.",
        where=n.ResultWhere,
        order_by=n.ResultOrder,
    )


@strawberry.input(description="Conditions on metrics.")
class MetricWhere:
    id: IDFilter | None = matches_id("id", m.Metric, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    name: StringFilter | None = matches("name", "What it is called.")
    description: StringFilter | None = matches("description", "What it measures.")
    type: Filter[m.MetricType] | None = matches("type", "How a value per unit is computed.")
    native_type: StringFilter | None = matches(
        "native_type", "The platform's own word for the type."
    )
    effect: Filter[m.MetricEffect] | None = matches("effect", "The direction that is good.")
    archived: BooleanFilter | None = matches("archived", "Whether it is archived.")
    outlier_limit_method: StringFilter | None = matches(
        "outlier_limit_method", "How outliers are limited."
    )
    lookback_interval: StringFilter | None = matches(
        "lookback_interval", "How far variance reduction looks back."
    )
    lifecycle_status: StringFilter | None = matches(
        "lifecycle_status", "Whether the definition is a draft, active or superseded."
    )
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    goal: n.GoalWhere | None = related(r.METRIC_GOAL, "The goal that it is computed from.")
    denominator_goal: n.GoalWhere | None = related(
        r.METRIC_DENOMINATOR_GOAL, "The goal of a ratio's denominator."
    )
    tags: Each[n.TagWhere] | None = any_related(r.METRIC_TAGS, "The words put on it.")
    owners: Each[n.UserWhere] | None = any_related(r.METRIC_OWNERS, "The users who own it.")
    teams: Each[n.TeamWhere] | None = any_related(r.METRIC_TEAMS, "The teams that own it.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.METRIC_EXPERIMENTS, "The experiments that measure it."
    )
    and_: list[n.MetricWhere] | None = combined("and")
    or_: list[n.MetricWhere] | None = combined("or")
    not_: n.MetricWhere | None = combined("not")


@strawberry.input(one_of=True, description="What metrics are ordered by.")
class MetricOrder:
    name: Direction | None = matches("name", "What it is called.")
    type: Direction | None = matches("type", "How a value per unit is computed.")
    effect: Direction | None = matches("effect", "The direction that is good.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")
    goal: n.GoalOrder | None = related(r.METRIC_GOAL, "The goal that it is computed from.")


@strawberry.input
class MetricFields:
    """What a metric's creation and change both take."""

    description: str | None = said("What it measures.")
    type: m.MetricType | None = said("How a value per unit is computed.")
    effect: m.MetricEffect | None = said("The direction that is good.")
    archived: bool | None = said("Whether it is archived.")
    goal: strawberry.ID | None = said("The goal that it is computed from.")
    category: strawberry.ID | None = said("The heading under which it is listed.")
    format: str | None = said("How values are written.")
    scale: float | None = said("What values are multiplied by before they are written.")
    precision: int | None = said("How many decimals are written.")
    mean_format: str | None = said("How means are written.")
    mean_scale: float | None = said("What means are multiplied by before they are written.")
    mean_precision: int | None = said("How many decimals of a mean are written.")
    value_source_property: str | None = said("The property of the goal that is summed.")
    property_filter: str | None = said("Which achievements count, as JSON.")
    denominator_goal: strawberry.ID | None = said("The goal of a ratio's denominator.")
    cancellation_goal: strawberry.ID | None = said("The goal that takes back earlier ones.")
    relation_goal: strawberry.ID | None = said("The goal that changes earlier ones.")
    owners: list[strawberry.ID] | None = said("The users who own it.")
    teams: list[strawberry.ID] | None = said("The teams that own it.")
    tags: list[strawberry.ID] | None = said("The words put on it.")


@strawberry.input(description="What making a metric takes.")
class CreateMetricInput(MetricFields, CreateInput):
    name: str = required("What it is called; unique within its source.")


@strawberry.input(description="What changing a metric takes: what is left out stays.")
class UpdateMetricInput(MetricFields, RowInput):
    name: str | None = said("What it is called; unique within its source.")


@strawberry.input(description="What deleting a metric takes.")
class DeleteMetricInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new metric.")
class CreateMetricPayload(Payload):
    metric: n.Metric | None = subject(m.Metric, "The metric.")


@of_rows(Outcome, "What became of a change of a metric.")
class UpdateMetricPayload(Payload):
    metric: n.Metric | None = subject(m.Metric, "The metric as it stands now.")


@of_rows(Outcome, "What became of deleting a metric.")
class DeleteMetricPayload(Payload):
    metric: n.Metric | None = subject(m.Metric, "The metric, if it is still there.")
