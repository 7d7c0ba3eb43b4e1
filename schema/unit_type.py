"""Unit types in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.connection import Connection
from schema.fields import column, connection, of_rows
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    Each,
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


@of_rows(m.UnitType, "What is randomised, such as user_id.")
class UnitType(Sourced):
    name: str = column("What it is called.")
    description: str | None = column("What it is.")
    archived: bool = column("Whether it is archived.")
    experiments: Connection[n.Experiment] = connection(
        r.UNIT_TYPE_EXPERIMENTS,
        "The experiments that randomise it.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )
    metrics: Connection[n.Metric] = connection(
        r.UNIT_TYPE_METRICS,
        "The metrics that are meant for it.",
        where=n.MetricWhere,
        order_by=n.MetricOrder,
    )


@strawberry.input(description="Conditions on unit types.")
class UnitTypeWhere:
    id: IDFilter | None = matches_id("id", m.UnitType, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    name: StringFilter | None = matches("name", "What it is called.")
    description: StringFilter | None = matches("description", "What it is.")
    archived: BooleanFilter | None = matches("archived", "Whether it is archived.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.UNIT_TYPE_EXPERIMENTS, "The experiments that randomise it."
    )
    metrics: Each[n.MetricWhere] | None = any_related(
        r.UNIT_TYPE_METRICS, "The metrics that are meant for it."
    )
    and_: list[n.UnitTypeWhere] | None = combined("and")
    or_: list[n.UnitTypeWhere] | None = combined("or")
    not_: n.UnitTypeWhere | None = combined("not")


@strawberry.input(one_of=True, description="What unit types are ordered by.")
class UnitTypeOrder:
    name: Direction | None = matches("name", "What it is called.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")


@strawberry.input
class UnitTypeFields:
    """What a unit type's creation and change both take."""

    description: str | None = said("What it is.")
    archived: bool | None = said("Whether it is archived.")


@strawberry.input(description="What making a unit type takes.")
class CreateUnitTypeInput(UnitTypeFields, CreateInput):
    name: str = required("What it is called; unique within its source.")


@strawberry.input(description="What changing a unit type takes: what is left out stays.")
class UpdateUnitTypeInput(UnitTypeFields, RowInput):
    name: str | None = said("What it is called; unique within its source.")


@strawberry.input(description="What deleting a unit type takes.")
class DeleteUnitTypeInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new unit type.")
class CreateUnitTypePayload(Payload):
    unit_type: n.UnitType | None = subject(m.UnitType, "The unit type.")


@of_rows(Outcome, "What became of a change of a unit type.")
class UpdateUnitTypePayload(Payload):
    unit_type: n.UnitType | None = subject(m.UnitType, "The unit type as it stands now.")


@of_rows(Outcome, "What became of deleting a unit type.")
class DeleteUnitTypePayload(Payload):
    unit_type: n.UnitType | None = subject(m.UnitType, "The unit type, if it is still there.")
