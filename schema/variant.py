"""Variants in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.outcome import Outcome
from schema import names as n
from schema.experiment_inputs import VariantFields
from schema.fields import column, many, of_rows, one
from schema.filters import BooleanFilter, FloatFilter, StringFilter, combined, matches
from schema.inputs import ChangeInput, RowInput, required, said
from schema.node import Audited
from schema.payloads import EXPERIMENT, Payload, subject
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
    extra: JSON | None = column("What the platform said and no other field takes, verbatim.")
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


OF_EXPERIMENT = "The experiment's version that you know; another one now is refused."


@strawberry.input(description="What adding a variant to an experiment takes.")
class CreateVariantInput(VariantFields, ChangeInput):
    experiment: strawberry.ID = required("The experiment.")
    expected_version: int | None = said(OF_EXPERIMENT)
    index: int | None = said("Its place; the next free one unless said.")


@strawberry.input(description="What changing a variant takes: what is left out stays.")
class UpdateVariantInput(VariantFields, RowInput):
    expected_version: int | None = said(OF_EXPERIMENT)


@strawberry.input(
    description="What taking a variant away takes. On ABsmartly, PostHog and here, where variants "
    "are known by their place, those behind it move up."
)
class DeleteVariantInput(RowInput):
    expected_version: int | None = said(OF_EXPERIMENT)


@strawberry.interface(description="What every change of a variant answers.")
class VariantPayload(Payload):
    variant: n.Variant | None = subject(
        m.Variant, "The variant as it stands now; null where there is none."
    )
    experiment: n.Experiment | None = one(
        EXPERIMENT, "Its experiment, which changes with it; null where an update was refused."
    )


@of_rows(Outcome, "What became of a new variant.")
class CreateVariantPayload(VariantPayload):
    pass


@of_rows(Outcome, "What became of a change of a variant.")
class UpdateVariantPayload(VariantPayload):
    pass


@of_rows(Outcome, "What became of taking a variant away.")
class DeleteVariantPayload(VariantPayload):
    pass
