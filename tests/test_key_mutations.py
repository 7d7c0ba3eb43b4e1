"""API keys made and revoked through the graph: a secret is shown once, and nobody gives more."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

import models as m
from models.base import now
from models.database import Database
from resolvers.identity import decode, encode
from tests.making import add, ask, everything, id_of, key, rows_of, source
from tests.nouns import REASON

CREATE = (
    """mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  ok replayed secret errors { ...Reason } event { action subjectId before after }
  apiKey { id name prefix scopes teamBound includeUnowned rateLimit expiresAt revokedAt createdBy
    teams { id } user { id } } } } """
    + REASON
)
REVOKE = (
    """mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) {
  ok errors { ...Reason } event { action before after } apiKey { id revokedAt } } } """
    + REASON
)


async def viewer(client: httpx.AsyncClient, secret: str) -> Any:
    body = {"query": "{ viewer { name scopes } }"}
    headers = {"Authorization": f"Api-Key {secret}"}
    return (await client.post("/graphql", json=body, headers=headers)).json()


async def test_a_key_is_made_used_and_revoked_and_its_secret_is_shown_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    team, user = m.Team(source_id=ours, name="x"), m.User(source_id=ours, email="a@example.com")
    await add(database, team, user)
    given: dict[str, Any] = {
        "name": "deploys",
        "scopes": ["experiment:read", "goal:write"],
        "teams": [id_of(team)],
        "includeUnowned": True,
        "user": id_of(user),
        "rateLimit": 500,
        "expiresAt": "2099-01-01T00:00:00.000Z",
        "idempotencyKey": "once",
    }
    made = await ask(client, CREATE, input=given)
    secret = made["secret"]
    assert (made["ok"], made["errors"], made["event"]["action"]) == (True, [], "CREATE")
    assert made["apiKey"] == {
        "id": made["apiKey"]["id"],
        "name": "deploys",
        "prefix": secret[:11],
        "scopes": given["scopes"],
        "teamBound": True,
        "includeUnowned": True,
        "rateLimit": 500,
        "expiresAt": given["expiresAt"],
        "revokedAt": None,
        "createdBy": "the bootstrap key",
        "teams": [{"id": id_of(team)}],
        "user": {"id": id_of(user)},
    }
    seen = await viewer(client, secret)
    assert seen["data"]["viewer"] == {"name": "deploys", "scopes": sorted(given["scopes"])}

    again = await ask(client, CREATE, input=given)
    assert again == {**made, "replayed": True, "secret": None}
    assert len(await rows_of(database, m.ApiKey)) == 1
    written = json.dumps(await everything(database), default=str)
    assert secret not in written
    for event in (await rows_of(database, m.Event)).values():
        assert event["after"].keys().isdisjoint({"digest", "secret"})

    revoked = await ask(client, REVOKE, input={"id": made["apiKey"]["id"]})
    assert (revoked["ok"], revoked["event"]["action"]) == (True, "REVOKE")
    assert revoked["event"]["before"] == {"revokedAt": None}
    assert revoked["apiKey"]["revokedAt"] is not None
    assert "errors" in await viewer(client, secret)
    before = await everything(database)
    twice = await ask(client, REVOKE, input={"id": made["apiKey"]["id"]})
    assert (twice["ok"], twice["event"]) == (True, None)
    assert await everything(database) == before


PAST = (now() - timedelta(seconds=1)).isoformat()
SOUND = {"name": "x", "scopes": ["goal:read"]}
UNSOUND: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({**SOUND, "name": " "}, [("name", "required")]),
    ({**SOUND, "scopes": []}, [("scopes", "required")]),
    ({**SOUND, "scopes": ["goal:fly"]}, [("scopes", "known")]),
    ({**SOUND, "includeUnowned": True}, [("includeUnowned", "teams")]),
    ({**SOUND, "expiresAt": PAST}, [("expiresAt", "future")]),
    ({**SOUND, "rateLimit": 0}, [("rateLimit", "range")]),
    ({**SOUND, "rateLimit": 9}, [("rateLimit", "range")]),
]


async def test_a_key_that_cannot_be_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    before = await everything(database)
    for given, expected in UNSOUND:
        [error] = (await ask(client, CREATE, input=given))["errors"]
        assert [(each["path"][0], each["rule"]) for each in error["fields"]] == expected
    missing = {**SOUND, "teams": [encode("Team", 9)], "user": encode("User", 9)}
    refused = await ask(client, CREATE, input=missing)
    tried = await ask(client, CREATE, input={**SOUND, "dryRun": True})

    assert refused["errors"] == [
        {"__typename": "NotFound", "path": ["teams"]},
        {"__typename": "NotFound", "path": ["user"]},
    ]
    assert (tried["ok"], tried["secret"], tried["apiKey"]) == (True, None, None)
    assert await everything(database) == before


async def test_nobody_gives_away_more_than_they_have(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    user = m.User(source_id=ours, email="a@example.com")
    mine, other = m.Team(source_id=ours, name="mine"), m.Team(source_id=ours, name="other")
    await add(database, user, mine, other)
    maker = await key(database, "maker", "api_key:write", "goal:write", "user:read", "team:read")
    [number] = await rows_of(database, m.ApiKey)
    reader = await key(database, "reader", "api_key:read", "goal:write")
    before = await everything(database)

    async def lacking(headers: dict[str, str], **given: Any) -> list[Any]:
        payload = await ask(client, CREATE, headers, input={**SOUND, **given})
        return [(error["__typename"], error.get("scope")) for error in payload["errors"]]

    assert await lacking(reader) == [("Forbidden", "api_key:write")]
    for scope in ("metric:read", "admin", "experiment:start"):
        assert await lacking(maker, scopes=["goal:read", scope]) == [("Forbidden", scope)]
    assert await lacking(maker, user=id_of(user)) == [("Forbidden", "admin")]
    assert await lacking(maker, rateLimit=10**6) == [("Forbidden", "admin")]
    assert await everything(database) == before
    assert await lacking(maker, scopes=["goal:write"], teams=[id_of(mine)]) == []

    async with database.write() as session:
        held = await session.get_one(m.ApiKey, number)
        held.team_bound = True
        session.add(m.ApiKeyTeam(api_key_id=number, team_id=mine.id))
    bounds = await everything(database)
    assert await lacking(maker) == [("Forbidden", None)]
    assert await lacking(maker, teams=[id_of(other)]) == [("NotFound", None)]
    assert await lacking(maker, teams=[id_of(mine)], includeUnowned=True) == [("Forbidden", None)]
    assert await everything(database) == bounds
    assert await lacking(maker, teams=[id_of(mine)]) == []


async def test_a_key_that_is_not_seen_is_not_revoked(
    client: httpx.AsyncClient, database: Database
) -> None:
    made = await ask(client, CREATE, input=SOUND)
    reader = await key(database, "reader", "api_key:read")
    before = await everything(database)
    refused = await ask(client, REVOKE, reader, input={"id": made["apiKey"]["id"]})
    missing = await ask(client, REVOKE, input={"id": encode("ApiKey", 99)})
    number = decode(made["apiKey"]["id"])[1]

    assert refused["errors"] == [{"__typename": "Forbidden", "path": [], "scope": "api_key:write"}]
    assert missing["errors"] == [{"__typename": "NotFound", "path": ["id"]}]
    assert await everything(database) == before
    assert (await rows_of(database, m.ApiKey))[number]["revoked_at"] is None


@pytest.mark.parametrize("teams", [[], None])
async def test_no_teams_are_none_and_null_is_all(
    client: httpx.AsyncClient, teams: list[str] | None
) -> None:
    made = await ask(client, CREATE, input={**SOUND, "teams": teams})

    assert made["apiKey"]["teamBound"] is (teams is not None)
