"""Results in the graph."""

from datetime import datetime
from decimal import Decimal

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from schema import names as n
from schema.fields import column, of_rows, one
from schema.filters import (
    BigIntFilter,
    FloatFilter,
    IntFilter,
    StringFilter,
    combined,
    matches,
    related,
)
from schema.scalars import JSON, BigInt


@of_rows(
    m.Result,
    "One metric of one variant; impacts are fractions of the control's mean.",
)
class Result:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    variant: n.Variant | None = one(r.VARIANT, "The variant, where the experiment lists it.")
    variant_index: int = column("The variant's index, as its platform counts.")
    metric: n.Metric | None = one(r.METRIC, "The metric.")
    environment: str | None = column("The type of environment, such as production.")
    unit_count: BigInt | None = column("How many units were counted.")
    first_exposure_at: datetime | None = column("When the first of them met the experiment.")
    last_exposure_at: datetime | None = column("When the last of them did.")
    value: Decimal | None = column("The total.")
    mean: Decimal | None = column("The mean per unit.")
    stdev: Decimal | None = column("The standard deviation per unit.")
    variance: Decimal | None = column("The variance per unit.")
    p_value: float | None = column(
        "The probability of such a difference by chance; null for the control."
    )
    impact: float | None = column(
        "The mean divided by the control's mean, less 1; null for the control."
    )
    impact_lower: float | None = column("The lower bound of the impact's interval.")
    impact_upper: float | None = column("The upper bound of the impact's interval.")
    extra: JSON | None = column("What the platform said and no other field takes, verbatim.")


@strawberry.input(description="Conditions on results.")
class ResultWhere:
    variant_index: IntFilter | None = matches("variant_index", "The variant's index.")
    environment: StringFilter | None = matches("environment", "The type of environment.")
    unit_count: BigIntFilter | None = matches("unit_count", "How many units were counted.")
    p_value: FloatFilter | None = matches("p_value", "The p-value.")
    impact: FloatFilter | None = matches("impact", "The relative impact.")
    experiment: n.ExperimentWhere | None = related(r.EXPERIMENT, "The experiment.")
    metric: n.MetricWhere | None = related(r.METRIC, "The metric.")
    and_: list[n.ResultWhere] | None = combined("and")
    or_: list[n.ResultWhere] | None = combined("or")
    not_: n.ResultWhere | None = combined("not")


@strawberry.input(one_of=True, description="What results are ordered by.")
class ResultOrder:
    variant_index: Direction | None = matches("variant_index", "The variant's index.")
    unit_count: Direction | None = matches("unit_count", "How many units were counted.")
    p_value: Direction | None = matches("p_value", "The p-value.")
    impact: Direction | None = matches("impact", "The relative impact.")
    experiment: n.ExperimentOrder | None = related(r.EXPERIMENT, "The experiment.")
