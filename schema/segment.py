"""Segments in the graph."""

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
from schema.scalars import JSON


@of_rows(m.Segment, "A group of units, by one attribute (ABsmartly) or by rules (Auth0).")
class Segment(Sourced):
    name: str = column("What it is called.")
    description: str | None = column("What it is.")
    value_source_attribute: str | None = column(
        "The attribute whose values make the segments (ABsmartly)."
    )
    native_type: str | None = column("The platform's own word for its type.")
    rules: JSON | None = column("The rules, any of which may match (Auth0).")
    archived: bool = column("Whether it is archived.")
    allocations: Connection[n.Allocation] = connection(
        r.SEGMENT_ALLOCATIONS,
        "The allocations that name it.",
        where=n.AllocationWhere,
        order_by=n.AllocationOrder,
    )
    experiments: Connection[n.Experiment] = connection(
        r.SEGMENT_EXPERIMENTS,
        "The experiments that allocate by it.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )


@strawberry.input(description="Conditions on segments.")
class SegmentWhere:
    id: IDFilter | None = matches_id("id", m.Segment, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    name: StringFilter | None = matches("name", "What it is called.")
    description: StringFilter | None = matches("description", "What it is.")
    value_source_attribute: StringFilter | None = matches(
        "value_source_attribute", "The attribute."
    )
    archived: BooleanFilter | None = matches("archived", "Whether it is archived.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.SEGMENT_EXPERIMENTS, "The experiments that allocate by it."
    )
    and_: list[n.SegmentWhere] | None = combined("and")
    or_: list[n.SegmentWhere] | None = combined("or")
    not_: n.SegmentWhere | None = combined("not")


@strawberry.input(one_of=True, description="What segments are ordered by.")
class SegmentOrder:
    name: Direction | None = matches("name", "What it is called.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")


@strawberry.input
class SegmentFields:
    """What a segment's creation and change both take."""

    description: str | None = said("What it is.")
    value_source_attribute: str | None = said(
        "The attribute whose values make the segments (ABsmartly)."
    )
    rules: JSON | None = said(
        "A list of rules, any of which may match. On Auth0 it must be given: each rule has match, "
        "not_match or both, with 1 to 10 of Auth0's conditions."
    )
    archived: bool | None = said("Whether it is archived; on Auth0 for good.")


@strawberry.input(description="What making a segment takes.")
class CreateSegmentInput(SegmentFields, CreateInput):
    name: str = required("What it is called; unique within its source.")


@strawberry.input(description="What changing a segment takes: what is left out stays.")
class UpdateSegmentInput(SegmentFields, RowInput):
    name: str | None = said("What it is called; unique within its source.")


@strawberry.input(description="What deleting a segment takes.")
class DeleteSegmentInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new segment.")
class CreateSegmentPayload(Payload):
    segment: n.Segment | None = subject(m.Segment, "The segment.")


@of_rows(Outcome, "What became of a change of a segment.")
class UpdateSegmentPayload(Payload):
    segment: n.Segment | None = subject(m.Segment, "The segment as it stands now.")


@of_rows(Outcome, "What became of deleting a segment.")
class DeleteSegmentPayload(Payload):
    segment: n.Segment | None = subject(m.Segment, "The segment, if it is still there.")
