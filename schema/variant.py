"""Variants in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, many, of_rows, one
from schema.filters import BooleanFilter, FloatFilter, StringFilter, combined, matches
from schema.node import Audited
from schema.scalars import JSON


@of_rows(m.Variant, "One arm of an experiment: what its units are shown.")
class Variant(Audited):
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    external_id: str | None = column("The id by which its platform knows it.")
    index: int = column("Its place; 0 is the control where a platform counts its arms.")
    key: str | None = column("The name in code.")
    name: str | None = column("The name for people.")
    description: str | None = column("What is different.")
    is_control: bool = column("Whether it is what others are compared with.")
    weight: float | None = column("Its share of the units, in percent.")
    config: JSON | None = column("What the code is told.")
    screenshots: list[n.Screenshot] = many(r.VARIANT_SCREENSHOTS, "Pictures of it.")
    results: list[n.Result] = many(r.VARIANT_RESULTS, "How it came out.")
    allocations: list[n.Allocation] = many(
        r.VARIANT_ALLOCATIONS, "The rules that give units to it."
    )


@strawberry.input(description="Conditions on variants.")
class VariantWhere:
    key: StringFilter | None = matches("key", "The name in code.")
    name: StringFilter | None = matches("name", "The name for people.")
    is_control: BooleanFilter | None = matches("is_control", "Whether it is the control.")
    weight: FloatFilter | None = matches("weight", "Its share of the units, in percent.")
    and_: list[n.VariantWhere] | None = combined("and")
    or_: list[n.VariantWhere] | None = combined("or")
    not_: n.VariantWhere | None = combined("not")
