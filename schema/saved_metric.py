"""Saved metrics in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
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
from schema.inputs import CreateInput, RowInput, required, said
from schema.node import Sourced
from schema.payloads import Payload, subject
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


@strawberry.input
class SavedMetricFields:
    """What a saved metric's creation and change both take."""

    description: str | None = said("What it measures; at most 400 characters.")
    tags: list[str] | None = said("The words put on it.")


@strawberry.input(description="What making a saved metric takes.")
class CreateSavedMetricInput(SavedMetricFields, CreateInput):
    name: str = required("What it is called; unique within its source, whatever its case.")
    query: JSON = required(
        "The definition: PostHog's ExperimentMetric, of the metric_type mean, funnel, ratio or "
        "retention."
    )


@strawberry.input(description="What changing a saved metric takes: what is left out stays.")
class UpdateSavedMetricInput(SavedMetricFields, RowInput):
    name: str | None = said("What it is called; unique within its source, whatever its case.")
    query: JSON | None = said("The definition, as when it was made. It cannot be cleared.")


@strawberry.input(description="What deleting a saved metric takes.")
class DeleteSavedMetricInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new saved metric.")
class CreateSavedMetricPayload(Payload):
    saved_metric: n.SavedMetric | None = subject(m.SavedMetric, "The saved metric.")


@of_rows(Outcome, "What became of a change of a saved metric.")
class UpdateSavedMetricPayload(Payload):
    saved_metric: n.SavedMetric | None = subject(
        m.SavedMetric, "The saved metric as it stands now."
    )


@of_rows(Outcome, "What became of deleting a saved metric.")
class DeleteSavedMetricPayload(Payload):
    saved_metric: n.SavedMetric | None = subject(
        m.SavedMetric, "The saved metric, if it is still there."
    )
