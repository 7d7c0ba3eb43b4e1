"""Goals in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.connection import Connection
from schema.fields import column, connection, many, of_rows
from schema.filters import (
    BooleanFilter,
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


@of_rows(m.Goal, "An event worth measuring, from which metrics are computed.")
class Goal(Sourced):
    name: str = column("What it is called.")
    description: str | None = column("What it stands for.")
    type: m.GoalType | None = column("How achievements are counted, where the platform says so.")
    native_type: str | None = column("The platform's own word for the type.")
    archived: bool = column("Whether it is archived.")
    tags: list[n.Tag] = many(r.GOAL_TAGS, "The words put on it.")
    teams: list[n.Team] = many(r.GOAL_TEAMS, "The teams that own it.")
    owners: list[n.User] = many(r.GOAL_OWNERS, "The users who own it.")
    metrics: Connection[n.Metric] = connection(
        r.GOAL_METRICS,
        "The metrics that read it, as goal, denominator, cancellation or relation.",
        where=n.MetricWhere,
        order_by=n.MetricOrder,
    )
    experiments: Connection[n.Experiment] = connection(
        r.GOAL_EXPERIMENTS,
        "The experiments that measure it, by any of their metrics.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )


@strawberry.input(description="Conditions on goals.")
class GoalWhere:
    id: IDFilter | None = matches_id("id", m.Goal, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    name: StringFilter | None = matches("name", "What it is called.")
    description: StringFilter | None = matches("description", "What it stands for.")
    type: Filter[m.GoalType] | None = matches("type", "How achievements are counted.")
    archived: BooleanFilter | None = matches("archived", "Whether it is archived.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    tags: Each[n.TagWhere] | None = any_related(r.GOAL_TAGS, "The words put on it.")
    teams: Each[n.TeamWhere] | None = any_related(r.GOAL_TEAMS, "The teams that own it.")
    owners: Each[n.UserWhere] | None = any_related(r.GOAL_OWNERS, "The users who own it.")
    metrics: Each[n.MetricWhere] | None = any_related(r.GOAL_METRICS, "The metrics that read it.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.GOAL_EXPERIMENTS, "The experiments that measure it."
    )
    and_: list[n.GoalWhere] | None = combined("and")
    or_: list[n.GoalWhere] | None = combined("or")
    not_: n.GoalWhere | None = combined("not")


@strawberry.input(one_of=True, description="What goals are ordered by.")
class GoalOrder:
    name: Direction | None = matches("name", "What it is called.")
    type: Direction | None = matches("type", "How achievements are counted.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")


@strawberry.input
class GoalFields:
    """What a goal's creation and change both take."""

    description: str | None = said("What it stands for.")
    type: m.GoalType | None = said(
        "How achievements are counted; on Checkmango UNIQUE or COUNT must be said."
    )
    archived: bool | None = said("Whether it is archived.")
    owners: list[strawberry.ID] | None = said("The users who own it.")
    teams: list[strawberry.ID] | None = said("The teams that own it.")
    tags: list[strawberry.ID] | None = said("The words put on it, of the kind GOAL.")


@strawberry.input(description="What making a goal takes.")
class CreateGoalInput(GoalFields, CreateInput):
    name: str = required(
        "What it is called; unique within its source. On Checkmango letters and digits, joined by "
        "single underscores."
    )


@strawberry.input(description="What changing a goal takes: what is left out stays.")
class UpdateGoalInput(GoalFields, RowInput):
    name: str | None = said("What it is called; unique within its source.")


@strawberry.input(description="What deleting a goal takes.")
class DeleteGoalInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new goal.")
class CreateGoalPayload(Payload):
    goal: n.Goal | None = subject(m.Goal, "The goal.")


@of_rows(Outcome, "What became of a change of a goal.")
class UpdateGoalPayload(Payload):
    goal: n.Goal | None = subject(m.Goal, "The goal as it stands now.")


@of_rows(Outcome, "What became of deleting a goal.")
class DeleteGoalPayload(Payload):
    goal: n.Goal | None = subject(m.Goal, "The goal, if it is still there.")
