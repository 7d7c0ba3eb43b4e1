"""Saved metrics in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.filters import Direction
from resolvers.saved_metric import tags
from schema import names as n
from schema.connection import Connection
from schema.fields import column, computed, connection, of_rows
from schema.filters import (
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
from schema.node import Sourced
from schema.scalars import JSON


@of_rows(m.SavedMetric, "A metric definition that several experiments share (PostHog).")
class SavedMetric(Sourced):
    name: str = column("What it is called.")
    description: str | None = column("What it measures.")
    query: JSON | None = column("The definition, in the platform's own words.")
    tags: list[str] = computed(tags, ["tags"], "The words put on it.")
    experiments: Connection[n.Experiment] = connection(
        r.SAVED_METRIC_EXPERIMENTS,
        "The experiments that use it.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )


@strawberry.input(description="Conditions on saved metrics.")
class SavedMetricWhere:
    id: IDFilter | None = matches_id("id", m.SavedMetric, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    name: StringFilter | None = matches("name", "What it is called.")
    description: StringFilter | None = matches("description", "What it measures.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.SAVED_METRIC_EXPERIMENTS, "The experiments that use it."
    )
    and_: list[n.SavedMetricWhere] | None = combined("and")
    or_: list[n.SavedMetricWhere] | None = combined("or")
    not_: n.SavedMetricWhere | None = combined("not")


@strawberry.input(one_of=True, description="What saved metrics are ordered by.")
class SavedMetricOrder:
    name: Direction | None = matches("name", "What it is called.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")
