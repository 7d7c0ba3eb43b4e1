"""API keys in the graph. Their secrets are not."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.fields import column, many, of_rows, one
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
from schema.inputs import ChangeInput, required, said
from schema.node import Node
from schema.payloads import Payload, subject


@of_rows(m.ApiKey, "A key that somebody, or a program, asks with.")
class ApiKey(Node):
    name: str = column("What it is called.")
    prefix: str = column("How its secret begins, to recognise it by.")
    scopes: list[str] = column("What it may do; admin is everything.")
    team_bound: bool = column("Whether it sees the rows of its teams only.")
    teams: list[n.Team] = many(
        r.API_KEY_TEAMS, "The teams that it is bound to; it sees those below them too."
    )
    include_unowned: bool = column(
        "Whether it sees what belongs to no team, if it is bound to teams."
    )
    user: n.User | None = one(r.USER, "The user in whose name it acts.")
    rate_limit: int | None = column(
        "How many points a minute it may spend; null is what everybody may."
    )
    expires_at: datetime | None = column("When it expires; null is never.")
    last_used_at: datetime | None = column("When it was last used, to the minute.")
    revoked_at: datetime | None = column("When it was revoked; null while it is good.")
    created_at: datetime = column("When it was made.")
    created_by: str | None = column("Who made it, by the name of their key.")


@strawberry.input(description="Conditions on API keys.")
class ApiKeyWhere:
    id: IDFilter | None = matches_id("id", m.ApiKey, "The id.")
    name: StringFilter | None = matches("name", "What it is called.")
    prefix: StringFilter | None = matches("prefix", "How its secret begins.")
    team_bound: BooleanFilter | None = matches(
        "team_bound", "Whether it sees the rows of its teams only."
    )
    expires_at: DateTimeFilter | None = matches("expires_at", "When it expires.")
    last_used_at: DateTimeFilter | None = matches("last_used_at", "When it was last used.")
    revoked_at: DateTimeFilter | None = matches("revoked_at", "When it was revoked.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    created_by: StringFilter | None = matches("created_by", "Who made it.")
    user: n.UserWhere | None = related(r.USER, "The user in whose name it acts.")
    teams: Each[n.TeamWhere] | None = any_related(r.API_KEY_TEAMS, "The teams that it is bound to.")
    and_: list[n.ApiKeyWhere] | None = combined("and")
    or_: list[n.ApiKeyWhere] | None = combined("or")
    not_: n.ApiKeyWhere | None = combined("not")


@strawberry.input(one_of=True, description="What API keys are ordered by.")
class ApiKeyOrder:
    name: Direction | None = matches("name", "What it is called.")
    expires_at: Direction | None = matches("expires_at", "When it expires.")
    last_used_at: Direction | None = matches("last_used_at", "When it was last used.")
    created_at: Direction | None = matches("created_at", "When it was made.")


@strawberry.input(description="What making an API key takes.")
class CreateApiKeyInput(ChangeInput):
    name: str = required("What it is called.")
    scopes: list[str] = required(
        "What it may do, such as experiment:read; admin is everything. You cannot give away more "
        "than you have."
    )
    teams: list[strawberry.ID] | None = said(
        "The teams that it is bound to: it sees only what they and the teams below them own. "
        "Without them it sees everything."
    )
    include_unowned: bool | None = said(
        "Whether a key that is bound to teams sees what belongs to no team, too."
    )
    user: strawberry.ID | None = said(
        "The user in whose name it acts; only an admin names somebody else."
    )
    rate_limit: int | None = said(
        "How many points a minute it may spend; what everybody may, unless said. Only an admin "
        "says it."
    )
    expires_at: datetime | None = said("When it expires; never unless said.")


@of_rows(Outcome, "What became of a new API key.")
class CreateApiKeyPayload(Payload):
    api_key: n.ApiKey | None = subject(m.ApiKey, "The API key.")
    secret: str | None = column(
        "What to send as the credential. It is shown this once, and never to a second call with "
        "the same idempotency key."
    )


@strawberry.input(description="What revoking an API key takes.")
class RevokeApiKeyInput(ChangeInput):
    id: strawberry.ID = required("The id of the API key.")


@of_rows(Outcome, "What became of revoking an API key.")
class RevokeApiKeyPayload(Payload):
    api_key: n.ApiKey | None = subject(m.ApiKey, "The API key as it stands now.")
