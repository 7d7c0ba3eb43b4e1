"""Teams in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.filters import Direction
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
from schema.node import Sourced


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
