"""Allocations in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from schema import names as n
from schema.fields import column, of_rows, one
from schema.filters import BooleanFilter, FloatFilter, IntFilter, combined, matches, related


@of_rows(m.Allocation, "A rule that gives units to a variant, by weight or by segment.")
class Allocation:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    variant: n.Variant | None = one(r.VARIANT, "The variant that units get.")
    segment: n.Segment | None = one(
        r.ALLOCATION_SEGMENT, "The segment of units, by the segment strategy."
    )
    weight: float | None = column("The share of units in percent, by the percentage strategy.")
    priority: int | None = column("The place in the order of evaluation; 1 is first.")
    is_control: bool = column("Whether the variant is the control.")
    is_fallback: bool = column("Whether it takes the units that no segment matches.")


@strawberry.input(description="Conditions on allocations.")
class AllocationWhere:
    weight: FloatFilter | None = matches("weight", "The share of units in percent.")
    priority: IntFilter | None = matches("priority", "The place in the order of evaluation.")
    is_control: BooleanFilter | None = matches("is_control", "Whether it is the control's.")
    is_fallback: BooleanFilter | None = matches("is_fallback", "Whether it takes the rest.")
    experiment: n.ExperimentWhere | None = related(r.EXPERIMENT, "The experiment.")
    and_: list[n.AllocationWhere] | None = combined("and")
    or_: list[n.AllocationWhere] | None = combined("or")
    not_: n.AllocationWhere | None = combined("not")


@strawberry.input(one_of=True, description="What allocations are ordered by.")
class AllocationOrder:
    weight: Direction | None = matches("weight", "The share of units in percent.")
    priority: Direction | None = matches("priority", "The place in the order of evaluation.")
