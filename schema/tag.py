"""Tags in the graph."""

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
    Filter,
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


@of_rows(m.Tag, "A word put on experiments, goals or metrics.")
class Tag(Sourced):
    tag: str = column("The word.")
    kind: m.TagKind = column("What it may be put on.")
    experiments: Connection[n.Experiment] = connection(
        r.TAG_EXPERIMENTS,
        "The experiments that bear it.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )
    goals: Connection[n.Goal] = connection(
        r.TAG_GOALS, "The goals that bear it.", where=n.GoalWhere, order_by=n.GoalOrder
    )
    metrics: Connection[n.Metric] = connection(
        r.TAG_METRICS, "The metrics that bear it.", where=n.MetricWhere, order_by=n.MetricOrder
    )


@strawberry.input(description="Conditions on tags.")
class TagWhere:
    id: IDFilter | None = matches_id("id", m.Tag, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    tag: StringFilter | None = matches("tag", "The word.")
    kind: Filter[m.TagKind] | None = matches("kind", "What it may be put on.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.TAG_EXPERIMENTS, "The experiments that bear it."
    )
    goals: Each[n.GoalWhere] | None = any_related(r.TAG_GOALS, "The goals that bear it.")
    metrics: Each[n.MetricWhere] | None = any_related(r.TAG_METRICS, "The metrics that bear it.")
    and_: list[n.TagWhere] | None = combined("and")
    or_: list[n.TagWhere] | None = combined("or")
    not_: n.TagWhere | None = combined("not")


@strawberry.input(one_of=True, description="What tags are ordered by.")
class TagOrder:
    tag: Direction | None = matches("tag", "The word.")
    kind: Direction | None = matches("kind", "What it may be put on.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")


@strawberry.input(description="What making a tag takes.")
class CreateTagInput(CreateInput):
    tag: str = required("The word; unique among those of its kind and source.")
    kind: m.TagKind = required("What it may be put on. This cannot be changed later.")


@strawberry.input(description="What changing a tag takes: what is left out stays.")
class UpdateTagInput(RowInput):
    tag: str | None = said("The word; unique among those of its kind and source.")


@strawberry.input(description="What deleting a tag takes.")
class DeleteTagInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new tag.")
class CreateTagPayload(Payload):
    tag: n.Tag | None = subject(m.Tag, "The tag.")


@of_rows(Outcome, "What became of a change of a tag.")
class UpdateTagPayload(Payload):
    tag: n.Tag | None = subject(m.Tag, "The tag as it stands now.")


@of_rows(Outcome, "What became of deleting a tag.")
class DeleteTagPayload(Payload):
    tag: n.Tag | None = subject(m.Tag, "The tag, if it is still there.")
