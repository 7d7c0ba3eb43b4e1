"""Applications in the graph."""

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


@of_rows(m.Application, "A product surface that shows experiments, such as a web site or an app.")
class Application(Sourced):
    name: str = column("What it is called.")
    description: str | None = column("What it is.")
    archived: bool = column("Whether it is archived.")
    experiments: Connection[n.Experiment] = connection(
        r.APPLICATION_EXPERIMENTS,
        "The experiments that it shows.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )
    metrics: Connection[n.Metric] = connection(
        r.APPLICATION_METRICS,
        "The metrics that are meant for it.",
        where=n.MetricWhere,
        order_by=n.MetricOrder,
    )


@strawberry.input(description="Conditions on applications.")
class ApplicationWhere:
    id: IDFilter | None = matches_id("id", m.Application, "The id.")
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
        r.APPLICATION_EXPERIMENTS, "The experiments that it shows."
    )
    metrics: Each[n.MetricWhere] | None = any_related(
        r.APPLICATION_METRICS, "The metrics that are meant for it."
    )
    and_: list[n.ApplicationWhere] | None = combined("and")
    or_: list[n.ApplicationWhere] | None = combined("or")
    not_: n.ApplicationWhere | None = combined("not")


@strawberry.input(one_of=True, description="What applications are ordered by.")
class ApplicationOrder:
    name: Direction | None = matches("name", "What it is called.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")


@strawberry.input
class ApplicationFields:
    """What an application's creation and change both take."""

    description: str | None = said("What it is.")
    archived: bool | None = said("Whether it is archived.")


@strawberry.input(description="What making an application takes.")
class CreateApplicationInput(ApplicationFields, CreateInput):
    name: str = required("What it is called; unique within its source.")


@strawberry.input(description="What changing an application takes: what is left out stays.")
class UpdateApplicationInput(ApplicationFields, RowInput):
    name: str | None = said("What it is called; unique within its source.")


@strawberry.input(description="What deleting an application takes.")
class DeleteApplicationInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new application.")
class CreateApplicationPayload(Payload):
    application: n.Application | None = subject(m.Application, "The application.")


@of_rows(Outcome, "What became of a change of an application.")
class UpdateApplicationPayload(Payload):
    application: n.Application | None = subject(m.Application, "The application as it stands now.")


@of_rows(Outcome, "What became of deleting an application.")
class DeleteApplicationPayload(Payload):
    application: n.Application | None = subject(
        m.Application, "The application, if it is still there."
    )
