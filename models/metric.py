"""Metrics: what experiments are judged by."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.base import Link, Sourced, choice, decimal, document, link, owned_by, text


class MetricType(StrEnum):
    """How a value per unit is computed; the words of every platform side by side."""

    GOAL_COUNT = "GOAL_COUNT"
    GOAL_UNIQUE_COUNT = "GOAL_UNIQUE_COUNT"
    GOAL_TIME_TO_ACHIEVEMENT = "GOAL_TIME_TO_ACHIEVEMENT"
    GOAL_PROPERTY = "GOAL_PROPERTY"
    GOAL_PROPERTY_UNIQUE_COUNT = "GOAL_PROPERTY_UNIQUE_COUNT"
    GOAL_RETENTION = "GOAL_RETENTION"
    GOAL_ACTIVITY_PERIOD_COUNT = "GOAL_ACTIVITY_PERIOD_COUNT"
    GOAL_RATIO = "GOAL_RATIO"
    CUSTOM_SQL = "CUSTOM_SQL"
    MEAN = "MEAN"
    FUNNEL = "FUNNEL"
    RATIO = "RATIO"
    RETENTION = "RETENTION"
    UNIQUE = "UNIQUE"
    COUNT = "COUNT"
    OTHER = "OTHER"


class MetricEffect(StrEnum):
    """The direction that is good."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    UNKNOWN = "UNKNOWN"


class MetricCategory(Sourced, table=True):
    """A heading under which metrics are listed."""

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    color: str | None = text()
    archived: bool = False


class Metric(Sourced, table=True):
    """A number computed for every unit and compared between variants.

    The columns named ``denominator_*`` belong to ratios, ``retention_*`` to retention,
    ``cancellation_*`` and ``relation_*`` to goals that take back or change earlier ones.
    """

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    type: MetricType = choice(MetricType, MetricType.OTHER)
    native_type: str | None = text()
    effect: MetricEffect = choice(MetricEffect, MetricEffect.UNKNOWN)
    archived: bool = False
    goal_id: int | None = link("goal")
    category_id: int | None = link("metric_category")

    format: str | None = text()
    scale: float | None = None
    precision: int | None = None
    mean_format: str | None = text()
    mean_scale: float | None = None
    mean_precision: int | None = None

    value_source_property: str | None = text()
    property_filter: str | None = text()
    outlier_limit_method: str | None = text()
    outlier_limit_lower_arg: Decimal | None = decimal()
    outlier_limit_upper_arg: Decimal | None = decimal()
    impact_alert_threshold_lower: Decimal | None = decimal()
    impact_alert_threshold_upper: Decimal | None = decimal()

    numerator_type: str | None = text()
    denominator_type: str | None = text()
    denominator_goal_id: int | None = link("goal")
    denominator: dict[str, Any] | None = document()
    ratio_condition: str | None = text()

    retention_time: str | None = text()
    retention_time_reference: str | None = text()
    activity_interval: str | None = text()
    time_filter_earliest: str | None = text()
    time_filter_latest: str | None = text()

    cancellation_goal_id: int | None = link("goal")
    cancellation_key_path: str | None = text()
    cancellation_foreign_key_path: str | None = text()
    relation_kind: str | None = text()
    relation_goal_id: int | None = link("goal")
    relation_key_path: str | None = text()
    relation_foreign_key_path: str | None = text()
    relation_foreign_value_path: str | None = text()
    relation_foreign_duplicate_operation: str | None = text()
    relation_refund_operation: str | None = text()

    custom_sql: str | None = text()
    custom_statistics_type: str | None = text()
    lookback_interval: str | None = text()
    metric_version: int | None = None
    lifecycle_status: str | None = text()
    usage: dict[str, Any] | None = document()
    definition: dict[str, Any] | None = document()


class MetricTag(Link, table=True):
    """A tag on a metric."""

    metric_id: int = owned_by("metric", primary_key=True, index=False)
    tag_id: int = owned_by("tag", primary_key=True)


class MetricTeam(Link, table=True):
    """A team that owns a metric."""

    metric_id: int = owned_by("metric", primary_key=True, index=False)
    team_id: int = owned_by("team", primary_key=True)


class MetricOwner(Link, table=True):
    """A user who owns a metric."""

    metric_id: int = owned_by("metric", primary_key=True, index=False)
    user_id: int = owned_by("user", primary_key=True)


class MetricApplication(Link, table=True):
    """An application that a metric is meant for."""

    metric_id: int = owned_by("metric", primary_key=True, index=False)
    application_id: int = owned_by("application", primary_key=True)


class MetricUnitType(Link, table=True):
    """A unit type that a metric is meant for."""

    metric_id: int = owned_by("metric", primary_key=True, index=False)
    unit_type_id: int = owned_by("unit_type", primary_key=True)
