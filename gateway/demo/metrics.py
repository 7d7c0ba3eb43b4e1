"""The metrics that experiments are judged by, and their rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from math import sqrt
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from gateway.demo.company import Company
from gateway.demo.dice import Dice
from gateway.demo.goals import DENOMINATOR, SUBJECTS, CountedGoal
from gateway.demo.history import BEGINNING
from gateway.demo.ledger import Ledger, Values
from gateway.demo.names import DOMAIN
from gateway.demo.patterns import Pattern, title
from gateway.demo.shelves import Shelf
from models import (
    Metric,
    MetricApplication,
    MetricEffect,
    MetricOwner,
    MetricTag,
    MetricTeam,
    MetricType,
    MetricUnitType,
    Platform,
    TagKind,
)

CANCELLATION = [subject.event for subject in SUBJECTS].index("booking_cancelled")
"""The number of the goal that takes a booking back, on the first surface of every platform."""

EFFECTS = {1: MetricEffect.POSITIVE, -1: MetricEffect.NEGATIVE, 0: MetricEffect.UNKNOWN}

MARGIN = "SELECT unit_id, SUM(margin) FROM {} GROUP BY unit_id"

NO_FILTER = json.dumps({"filter": {"and": []}})


@dataclass(frozen=True, slots=True, eq=False)
class Yardstick:
    """A metric as results need it: how it behaves in the population.

    ``better`` is 1 where more is better, -1 where less is, 0 where nobody knows. ``definition``
    is what PostHog says of it.
    """

    id: int
    name: str
    goal: CountedGoal
    better: int
    mean: float
    deviation: float
    is_share: bool
    definition: Values | None


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """What a metric is made from; ``goals`` are all of its platform."""

    platform: Platform
    number: int
    pattern: Pattern
    goal: CountedGoal
    goals: Sequence[CountedGoal]
    shelf: Shelf

    @property
    def better(self) -> int:
        """1 where more is better, -1 where less is, 0 where nobody knows."""
        return self.pattern.sign if self.goal.subject.good else -self.pattern.sign

    @property
    def is_first_goal(self) -> bool:
        """Whether this is about the company's main goal."""
        return self.goal is self.goals[0]


def note_metric(ledger: Ledger, plan: MetricPlan) -> Yardstick:
    """Note one metric."""
    dice = Dice("metric", plan.platform, plan.number)
    definition = DEFINITIONS[plan.pattern.type](plan) if plan.platform is Platform.POSTHOG else None
    native = plan.pattern.type.value.lower()
    row = ledger.add(
        Metric,
        source_id=plan.shelf.source_id,
        external_id=_external_id(plan, definition),
        name=title(plan.pattern, plan.goal),
        description=f"{title(plan.pattern, plan.goal)}, as everybody in the company counts it.",
        type=plan.pattern.type,
        native_type=None if plan.platform is Platform.LOCAL else native,
        effect=EFFECTS[plan.better],
        archived=plan.number > len(SUBJECTS) and dice.chance(0.05),
        goal_id=None if plan.pattern.type is MetricType.CUSTOM_SQL else plan.goal.id,
        definition=definition,
        created_at=BEGINNING + timedelta(days=plan.number),
        **(_product_columns(dice, plan) if plan.shelf.categories else {}),
    )
    return _yardstick(dice, plan, row, definition)


def claim_metric(ledger: Ledger, company: Company, shelf: Shelf, metric: Yardstick) -> None:
    """Note who owns a metric, and what it is meant for."""
    dice = Dice("owner of metric", metric.name)
    note = partial(ledger.add, metric_id=metric.id)
    for position, person in enumerate(dice.several(company.people, dice.whole(1, 2))):
        note(MetricOwner, user_id=person.id, position=position)
    note(MetricTeam, team_id=dice.popular(company.teams))
    for position, tag in enumerate(dice.several(shelf.tags[TagKind.METRIC], dice.whole(0, 3))):
        note(MetricTag, tag_id=tag, position=position)
    for position, application in enumerate(dice.several(shelf.applications, dice.whole(0, 2))):
        note(MetricApplication, application_id=application, position=position)
    note(MetricUnitType, unit_type_id=dice.pick(shelf.unit_types))


def _external_id(plan: MetricPlan, definition: Values | None) -> str | None:
    if definition is not None:
        return str(definition["uuid"])
    if plan.platform is Platform.CHECKMANGO:
        return f"{plan.goal.key}:{plan.pattern.type.value.lower()}"
    return str(300 + plan.number) if plan.platform is Platform.ABSMARTLY else None


def _product_columns(dice: Dice, plan: MetricPlan) -> Values:
    """What ABsmartly's metrics say beside their type."""
    guarded = dice.chance(0.3)
    shape = {
        "format": plan.pattern.format,
        "scale": 1.0,
        "precision": 2,
        "outlier_limit_method": "unlimited",
        **dict(plan.pattern.columns),
    }
    if shape["outlier_limit_method"] == "quantile":
        shape |= {"outlier_limit_lower_arg": Decimal(0), "outlier_limit_upper_arg": Decimal("0.99")}
    return shape | {
        "mean_format": shape["format"],
        "mean_scale": shape["scale"],
        "mean_precision": shape["precision"],
        "category_id": dice.pick(plan.shelf.categories),
        "property_filter": NO_FILTER,
        "impact_alert_threshold_lower": Decimal("-0.03") if guarded else None,
        "impact_alert_threshold_upper": Decimal("0.2") if guarded else None,
        "metric_version": 1,
        "lifecycle_status": "active",
        **_relations(plan),
    }


def _relations(plan: MetricPlan) -> Values:
    """The second goal, where a metric has one."""
    if plan.pattern.type is MetricType.GOAL_RATIO:
        below = plan.goals[DENOMINATOR]
        return {
            "denominator_goal_id": below.id,
            "denominator": {"goal": below.key, "outlier_limit_method": "unlimited"},
        }
    if plan.pattern.type is MetricType.CUSTOM_SQL:
        return {"custom_sql": MARGIN.format(plan.goal.key)}
    if not plan.is_first_goal:
        return {}
    back = plan.goals[CANCELLATION].id
    if plan.pattern.type is MetricType.GOAL_PROPERTY:
        return {
            "relation_kind": "refund",
            "relation_goal_id": back,
            "relation_key_path": "booking_id",
            "relation_foreign_key_path": "booking_id",
            "relation_foreign_value_path": "amount",
            "relation_foreign_duplicate_operation": "sum",
            "relation_refund_operation": "subtract",
        }
    return {
        "cancellation_goal_id": back,
        "cancellation_key_path": "booking_id",
        "cancellation_foreign_key_path": "booking_id",
    }


def _yardstick(dice: Dice, plan: MetricPlan, row: int, definition: Values | None) -> Yardstick:
    spread = plan.pattern.spread
    mean = dice.real(*plan.pattern.means)
    return Yardstick(
        id=row,
        name=title(plan.pattern, plan.goal),
        goal=plan.goal,
        better=plan.better,
        mean=mean,
        deviation=sqrt(mean * (1 - mean)) if spread is None else mean * dice.real(*spread),
        is_share=spread is None,
        definition=definition,
    )


def _definition(plan: MetricPlan, kind: str, **parts: Any) -> Values:
    identity = uuid5(NAMESPACE_DNS, f"{plan.number}.metric.{DOMAIN}")
    return {
        "kind": "ExperimentMetric",
        "metric_type": kind,
        "uuid": str(identity),
        "name": title(plan.pattern, plan.goal),
        "goal": "increase" if plan.better > 0 else "decrease",
        **parts,
    }


def _event(plan: MetricPlan, **more: str) -> Values:
    return {"kind": "EventsNode", "event": plan.goal.key, **more}


DEFINITIONS = {
    MetricType.FUNNEL: lambda plan: _definition(
        plan,
        "funnel",
        series=[_event(plan)],
        funnel_order_type="ordered",
        conversion_window=14,
        conversion_window_unit="day",
    ),
    MetricType.MEAN: lambda plan: _definition(plan, "mean", source=_event(plan, math="total")),
    MetricType.RATIO: lambda plan: _definition(
        plan,
        "ratio",
        numerator=_event(plan, math="total"),
        denominator={"kind": "EventsNode", "event": "$pageview", "math": "unique_session"},
    ),
    MetricType.RETENTION: lambda plan: _definition(
        plan,
        "retention",
        start_event=_event(plan),
        completion_event=_event(plan),
        retention_window_start=1,
        retention_window_end=7,
        retention_window_unit="day",
        start_handling="first_seen",
    ),
}
"""How PostHog writes each type of metric down."""
