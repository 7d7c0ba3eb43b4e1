"""Allocations in the graph."""

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one


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
