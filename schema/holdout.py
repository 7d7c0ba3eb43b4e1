"""Holdouts in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.connection import Connection
from schema.fields import column, connection, of_rows
from schema.filters import (
    DateTimeFilter,
    Each,
    FloatFilter,
    IDFilter,
    StringFilter,
    any_related,
    combined,
    matches,
    matches_id,
    related,
)
from schema.inputs import CreateInput, RowInput, required, said
from schema.node import Sourced
from schema.payloads import Payload, subject
from schema.scalars import JSON


@of_rows(m.Holdout, "Units that several experiments leave alone.")
class Holdout(Sourced):
    name: str = column("What it is called.")
    description: str | None = column("What it is for.")
    filters: JSON | None = column("Who is held out, in the platform's own words.")
    exclusion_percentage: float | None = column("The share of units held out, in percent.")
    experiments: Connection[n.Experiment] = connection(
        r.HOLDOUT_EXPERIMENTS,
        "The experiments that respect it.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )


@strawberry.input(description="Conditions on holdouts.")
class HoldoutWhere:
    id: IDFilter | None = matches_id("id", m.Holdout, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    name: StringFilter | None = matches("name", "What it is called.")
    description: StringFilter | None = matches("description", "What it is for.")
    exclusion_percentage: FloatFilter | None = matches(
        "exclusion_percentage", "The share of units held out, in percent."
    )
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.HOLDOUT_EXPERIMENTS, "The experiments that respect it."
    )
    and_: list[n.HoldoutWhere] | None = combined("and")
    or_: list[n.HoldoutWhere] | None = combined("or")
    not_: n.HoldoutWhere | None = combined("not")


@strawberry.input(one_of=True, description="What holdouts are ordered by.")
class HoldoutOrder:
    name: Direction | None = matches("name", "What it is called.")
    exclusion_percentage: Direction | None = matches(
        "exclusion_percentage", "The share of units held out."
    )
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")


@strawberry.input
class HoldoutFields:
    """What a holdout's creation and change both take."""

    description: str | None = said("What it is for; at most 400 characters.")
    filters: JSON | None = said(
        "Who is held out, in PostHog's words: a list whose first element has properties and the "
        "rollout_percentage that is excluded, 0 to 100. The others do not count."
    )
    exclusion_percentage: float | None = said(
        "The share of units held out, in percent; instead of filters, which are made from it."
    )


@strawberry.input(description="What making a holdout takes.")
class CreateHoldoutInput(HoldoutFields, CreateInput):
    name: str = required("What it is called; unique within its source.")


@strawberry.input(description="What changing a holdout takes: what is left out stays.")
class UpdateHoldoutInput(HoldoutFields, RowInput):
    name: str | None = said("What it is called; unique within its source.")


@strawberry.input(description="What deleting a holdout takes.")
class DeleteHoldoutInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new holdout.")
class CreateHoldoutPayload(Payload):
    holdout: n.Holdout | None = subject(m.Holdout, "The holdout.")


@of_rows(Outcome, "What became of a change of a holdout.")
class UpdateHoldoutPayload(Payload):
    holdout: n.Holdout | None = subject(m.Holdout, "The holdout as it stands now.")


@of_rows(Outcome, "What became of deleting a holdout.")
class DeleteHoldoutPayload(Payload):
    holdout: n.Holdout | None = subject(m.Holdout, "The holdout, if it is still there.")
