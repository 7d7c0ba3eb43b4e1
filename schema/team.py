"""Teams in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.connection import Connection
from schema.fields import column, connection, many, of_rows, one
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


@of_rows(m.Team, "A team of a company; teams form a tree.")
class Team(Sourced):
    name: str = column("What the team is called.")
    initials: str | None = column("Its short sign.")
    color: str | None = column("The colour it is shown in.")
    description: str | None = column("What it does.")
    directory_id: str | None = column(
        "The id in the company's own directory (external_id in ABsmartly's payloads)."
    )
    is_global: bool = column("Whether it is the root to which everybody belongs.")
    archived: bool = column("Whether it is archived.")
    parent: n.Team | None = one(r.TEAM_PARENT, "The team above it.")
    children: list[n.Team] = many(r.TEAM_CHILDREN, "The teams below it, by name.")
    users: list[n.User] = many(r.TEAM_USERS, "Its members.")
    experiments: Connection[n.Experiment] = connection(
        r.TEAM_EXPERIMENTS,
        "The experiments that it owns.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )
    goals: Connection[n.Goal] = connection(
        r.TEAM_GOALS, "The goals that it owns.", where=n.GoalWhere, order_by=n.GoalOrder
    )
    metrics: Connection[n.Metric] = connection(
        r.TEAM_METRICS, "The metrics that it owns.", where=n.MetricWhere, order_by=n.MetricOrder
    )
    approval_policies: list[n.ApprovalPolicy] = many(
        r.TEAM_POLICIES, "The approval policies that apply to it."
    )
    api_keys: Connection[n.ApiKey] = connection(
        r.TEAM_API_KEYS,
        "The keys that are bound to it.",
        where=n.ApiKeyWhere,
        order_by=n.ApiKeyOrder,
    )


@strawberry.input(description="Conditions on teams.")
class TeamWhere:
    id: IDFilter | None = matches_id("id", m.Team, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    name: StringFilter | None = matches("name", "What the team is called.")
    description: StringFilter | None = matches("description", "What it does.")
    directory_id: StringFilter | None = matches(
        "directory_id", "The id in the company's own directory."
    )
    is_global: BooleanFilter | None = matches("is_global", "Whether it is the root.")
    archived: BooleanFilter | None = matches("archived", "Whether it is archived.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    parent: n.TeamWhere | None = related(r.TEAM_PARENT, "The team above it.")
    children: Each[n.TeamWhere] | None = any_related(r.TEAM_CHILDREN, "The teams below it.")
    users: Each[n.UserWhere] | None = any_related(r.TEAM_USERS, "Its members.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.TEAM_EXPERIMENTS, "The experiments that it owns."
    )
    goals: Each[n.GoalWhere] | None = any_related(r.TEAM_GOALS, "The goals that it owns.")
    metrics: Each[n.MetricWhere] | None = any_related(r.TEAM_METRICS, "The metrics that it owns.")
    and_: list[n.TeamWhere] | None = combined("and")
    or_: list[n.TeamWhere] | None = combined("or")
    not_: n.TeamWhere | None = combined("not")


@strawberry.input(one_of=True, description="What teams are ordered by.")
class TeamOrder:
    name: Direction | None = matches("name", "What the team is called.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")
    parent: n.TeamOrder | None = related(r.TEAM_PARENT, "The team above it.")


@strawberry.input
class TeamFields:
    """What a team's creation and change both take."""

    initials: str | None = said("Its short sign.")
    color: str | None = said("The colour it is shown in.")
    description: str | None = said("What it does.")
    directory_id: str | None = said("The id in the company's own directory.")
    archived: bool | None = said("Whether it is archived.")
    parent: strawberry.ID | None = said(
        "The team above it. A key that is bound to teams must name one of them."
    )
    users: list[strawberry.ID] | None = said("Its members.")


@strawberry.input(description="What making a team takes.")
class CreateTeamInput(TeamFields, CreateInput):
    name: str = required("What the team is called; unique within its source.")


@strawberry.input(description="What changing a team takes: what is left out stays.")
class UpdateTeamInput(TeamFields, RowInput):
    name: str | None = said("What the team is called; unique within its source.")


@strawberry.input(description="What deleting a team takes.")
class DeleteTeamInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new team.")
class CreateTeamPayload(Payload):
    team: n.Team | None = subject(m.Team, "The team.")


@of_rows(Outcome, "What became of a change of a team.")
class UpdateTeamPayload(Payload):
    team: n.Team | None = subject(m.Team, "The team as it stands now.")


@of_rows(Outcome, "What became of deleting a team.")
class DeleteTeamPayload(Payload):
    team: n.Team | None = subject(m.Team, "The team, if it is still there.")
