"""Users in the graph."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from resolvers.user import name
from schema import names as n
from schema.connection import Connection
from schema.fields import column, computed, connection, many, of_rows, one
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


@of_rows(m.User, "A person as one source knows them.")
class User(Sourced):
    email: str | None = column("The mail address.")
    name: str | None = computed(name, ["first_name", "last_name"], "First and last name.")
    first_name: str | None = column("The first name.")
    last_name: str | None = column("The last name.")
    department: str | None = column("The department.")
    job_title: str | None = column("The job title.")
    directory_id: str | None = column("The id in the company's own directory.")
    archived: bool = column("Whether the account is archived.")
    avatar_url: str | None = column("Where a small picture is served.")
    avatar: n.File | None = one(r.USER_AVATAR, "The picture.")
    last_login_at: datetime | None = column("When the person last logged in to the platform.")
    last_login_failure_at: datetime | None = column("When a login last failed.")
    consecutive_login_failures: int | None = column(
        "How many logins failed since the last that succeeded."
    )
    demo_user: bool | None = column("Whether the platform made the account for a demonstration.")
    teams: list[n.Team] = many(r.USER_TEAMS, "The teams that the person belongs to.")
    favorites: list[n.Favorite] = many(r.USER_FAVORITES, "The experiments that the person follows.")
    experiments: Connection[n.Experiment] = connection(
        r.USER_EXPERIMENTS,
        "The experiments that the person owns.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )
    metrics: Connection[n.Metric] = connection(
        r.USER_METRICS,
        "The metrics that the person owns.",
        where=n.MetricWhere,
        order_by=n.MetricOrder,
    )
    goals: Connection[n.Goal] = connection(
        r.USER_GOALS, "The goals that the person owns.", where=n.GoalWhere, order_by=n.GoalOrder
    )
    events: Connection[n.Event] = connection(
        r.USER_EVENTS, "What the person did here.", where=n.EventWhere, order_by=n.EventOrder
    )
    api_keys: Connection[n.ApiKey] = connection(
        r.USER_API_KEYS,
        "The keys that act in the person's name.",
        where=n.ApiKeyWhere,
        order_by=n.ApiKeyOrder,
    )


@strawberry.input(description="Conditions on users.")
class UserWhere:
    id: IDFilter | None = matches_id("id", m.User, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    email: StringFilter | None = matches("email", "The mail address.")
    first_name: StringFilter | None = matches("first_name", "The first name.")
    last_name: StringFilter | None = matches("last_name", "The last name.")
    department: StringFilter | None = matches("department", "The department.")
    job_title: StringFilter | None = matches("job_title", "The job title.")
    archived: BooleanFilter | None = matches("archived", "Whether the account is archived.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    teams: Each[n.TeamWhere] | None = any_related(
        r.USER_TEAMS, "The teams that the person belongs to."
    )
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.USER_EXPERIMENTS, "The experiments that the person owns."
    )
    metrics: Each[n.MetricWhere] | None = any_related(
        r.USER_METRICS, "The metrics that the person owns."
    )
    goals: Each[n.GoalWhere] | None = any_related(r.USER_GOALS, "The goals that the person owns.")
    and_: list[n.UserWhere] | None = combined("and")
    or_: list[n.UserWhere] | None = combined("or")
    not_: n.UserWhere | None = combined("not")


@strawberry.input(one_of=True, description="What users are ordered by.")
class UserOrder:
    email: Direction | None = matches("email", "The mail address.")
    first_name: Direction | None = matches("first_name", "The first name.")
    last_name: Direction | None = matches("last_name", "The last name.")
    department: Direction | None = matches("department", "The department.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")


@strawberry.input
class UserFields:
    """What a user's creation and change both take."""

    first_name: str | None = said("The first name.")
    last_name: str | None = said("The last name.")
    department: str | None = said("The department.")
    job_title: str | None = said("The job title.")
    directory_id: str | None = said("The id in the company's own directory.")
    archived: bool | None = said("Whether the account is archived.")
    avatar_url: str | None = said("Where a small picture is served, by http or https.")
    avatar: strawberry.ID | None = said("The picture, a file that was imported.")


@strawberry.input(description="What making a user takes.")
class CreateUserInput(UserFields, CreateInput):
    email: str = required("The mail address; unique within its source, whatever its case.")


@strawberry.input(description="What changing a user takes: what is left out stays.")
class UpdateUserInput(UserFields, RowInput):
    email: str | None = said(
        "The mail address; unique within its source, whatever its case. It cannot be cleared."
    )


@strawberry.input(description="What deleting a user takes.")
class DeleteUserInput(RowInput):
    pass


@of_rows(Outcome, "What became of a new user.")
class CreateUserPayload(Payload):
    user: n.User | None = subject(m.User, "The user.")


@of_rows(Outcome, "What became of a change of a user.")
class UpdateUserPayload(Payload):
    user: n.User | None = subject(m.User, "The user as it stands now.")


@of_rows(Outcome, "What became of deleting a user.")
class DeleteUserPayload(Payload):
    user: n.User | None = subject(m.User, "The user, if it is still there.")
