"""Who may ask: credentials in real headers, each way to be let in and each way to be refused."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select, update

import gateway.auth
import models as m
from gateway.app import create_app
from gateway.settings import Settings
from models.base import now
from models.database import Database
from resolvers.access import Viewer
from resolvers.api_key import Made, Wanted, holder, make, revoke
from resolvers.context import Context
from resolvers.scopes import ADMIN

SECRET = "sixteen letters!"  # noqa: S105  of these tests only
ME = Viewer("me", "me", frozenset({ADMIN}))
WHO = "{ viewer { actor name scopes teamBound includeUnowned } }"
INTROSPECTION = [
    "{ __typename }",
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Query") { name } }',
    """query Q { a: __typename ...F } fragment F on Query { ... on Query { ...G } }
       fragment G on Query { __schema { types { name } } }""",
]
NO_KEY = "This takes a key: send the header 'Authorization: Api-Key KEY'."
UNKNOWN = "The API key is not known."
MALFORMED = "The header Authorization must be 'Api-Key KEY' or 'Bearer TOKEN', once."

Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
def connect(database: Database) -> Connect:
    """Gives a client, without any header, of the app with some settings."""

    def opened(**settings: Any) -> httpx.AsyncClient:
        app = create_app(Settings(**settings), database)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://gateway.example")

    return opened


@pytest.fixture
async def stranger(connect: Connect) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a credential, of a gateway in development."""
    async with connect(bootstrap_key=SecretStr(SECRET)) as opened:
        yield opened


async def ask(http: httpx.AsyncClient, query: str, given: str | None = None) -> httpx.Response:
    headers = {} if given is None else {"Authorization": given}
    return await http.post("/graphql", json={"query": query}, headers=headers)


async def made(database: Database, **wanted: Any) -> Made:
    async with Context(database, ME).transaction() as change:
        return await make(change, Wanted(**{"name": "ci", "scopes": ["experiment:read"], **wanted}))


def refused_with(answer: httpx.Response, message: str) -> bool:
    """Whether the answer is a refusal in HTTP's words and in GraphQL's, and nothing else."""
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == (
        'Api-Key realm="trialgraph", Bearer realm="trialgraph"'
    )
    assert answer.json() == {
        "errors": [{"message": message, "extensions": {"code": "UNAUTHENTICATED"}}]
    }
    return True


# --- Without a credential


@pytest.mark.parametrize("query", INTROSPECTION)
async def test_in_development_whoever_has_no_key_may_ask_for_the_schema(
    stranger: httpx.AsyncClient, query: str
) -> None:
    answer = await ask(stranger, query)
    assert answer.status_code == 200
    assert "errors" not in answer.json()


@pytest.mark.parametrize(
    "query",
    [
        WHO,
        "{ experiments { totalCount } }",
        "{ __typename lifecycle(platform: LOCAL) { action } }",
        "{ __typename ...F } fragment F on Query { __typename viewer { name } }",
        "{ __typename ... on Query { viewer { name } } }",
        "{ __schema: viewer { name } }",
        "{",
        "",
        "{ unknown }",
        "{ __schema { unknown } }",
    ],
)
async def test_in_development_whoever_has_no_key_is_told_nothing_else(
    stranger: httpx.AsyncClient, query: str
) -> None:
    assert refused_with(await ask(stranger, query), NO_KEY)


async def test_a_document_is_judged_by_the_operation_that_is_run(
    stranger: httpx.AsyncClient,
) -> None:
    query = f"query A {{ __typename }} query B {WHO}"
    body = {"query": query, "operationName": "A"}
    answer = await stranger.post("/graphql", json=body)
    assert answer.json() == {"data": {"__typename": "Query"}}
    answer = await stranger.post("/graphql", json={**body, "operationName": "B"})
    assert refused_with(answer, NO_KEY)


@pytest.mark.parametrize("query", [*INTROSPECTION, WHO, "{", ""])
async def test_in_production_whoever_has_no_key_is_told_nothing(
    connect: Connect, query: str
) -> None:
    async with connect(environment="production", bootstrap_key=SecretStr(SECRET)) as http:
        assert refused_with(await ask(http, query), NO_KEY)
        answer = await http.get("/graphql", params={"query": query})
        assert refused_with(answer, NO_KEY)


async def test_in_production_nothing_is_read_of_a_request_without_a_key(connect: Connect) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append("the body")
        yield b"{}"

    async with connect(environment="production") as http:
        assert refused_with(await http.post("/graphql", content=body()), NO_KEY)
    assert read == []


@pytest.mark.parametrize("environment", ["development", "production"])
async def test_the_explorer_and_the_probes_need_no_key(connect: Connect, environment: str) -> None:
    async with connect(environment=environment) as http:
        for path in ("/", "/livez", "/readyz"):
            assert (await http.get(path)).status_code == 200


# --- Every way in


@pytest.mark.parametrize("scheme", ["Api-Key", "api-key", "API-KEY", "Bearer", "bearer", "BEARER "])
async def test_a_key_is_taken_under_either_scheme_in_any_case(
    stranger: httpx.AsyncClient, database: Database, scheme: str
) -> None:
    key = await made(database, scopes=["goal:write", "experiment:read"])
    answer = await ask(stranger, WHO, f"{scheme} {key.secret}")
    assert answer.json()["data"]["viewer"] == {
        "actor": f"key:{key.key.id}",
        "name": "ci",
        "scopes": ["experiment:read", "goal:write"],
        "teamBound": False,
        "includeUnowned": False,
    }
    answer = await ask(stranger, WHO, f"{scheme} {SECRET}")
    assert answer.json()["data"]["viewer"] == {
        "actor": "bootstrap",
        "name": "the bootstrap key",
        "scopes": ["admin"],
        "teamBound": False,
        "includeUnowned": False,
    }


@pytest.mark.parametrize(
    "secret",
    [
        "sixteen  letters",
        "three.parts.like.a.token"[:16],
        "head.body.signature",
        "tg_" + "x" * 43,
        "schlüssel für alle",
        'a key: with, "marks" = in it',
        " white space around it \n",
    ],
)
async def test_a_bootstrap_key_may_be_any_text(connect: Connect, secret: str) -> None:
    async with connect(bootstrap_key=SecretStr(secret)) as http:
        for scheme in ("Api-Key", "Bearer"):
            given = f"{scheme} {secret.strip()}".encode()
            headers = [(b"authorization", given), (b"content-type", b"application/json")]
            content = b'{"query": "{ viewer { actor } }"}'
            answer = await http.post("/graphql", content=content, headers=headers)
            assert answer.json() == {"data": {"viewer": {"actor": "bootstrap"}}}


async def test_an_api_key_costs_one_statement_however_many_teams_it_has(
    connect: Connect, database: Database, statements: Any
) -> None:
    teams = await tree(database)
    keys = [await made(database), await made(database, teams=teams)]
    async with connect() as http:
        for key in keys:
            await ask(http, WHO, f"Api-Key {key.secret}")
            statements.clear()
            await ask(http, WHO, f"Api-Key {key.secret}")
            assert len(statements.seen) == 1


async def tree(database: Database) -> list[int]:
    """The two roots of two trees of teams; one of them is a circle."""
    async with database.write() as session:
        source = m.Source(name="s", platform=m.Platform.LOCAL)
        session.add(source)
        await session.flush()
        teams = [m.Team(name=name, source_id=source.id) for name in "abcdefg"]
        session.add_all(teams)
        await session.flush()
        a, b, c, d, e, _, g = teams
        b.parent_id = c.parent_id = a.id
        d.parent_id = c.id
        g.parent_id, e.parent_id = e.id, g.id
    return [a.id, e.id]


async def test_a_key_sees_its_teams_with_all_teams_below_them(
    connect: Connect, database: Database
) -> None:
    key = await made(database, scopes=["team:read"], teams=await tree(database))
    async with connect() as http:
        query = "{ teams(orderBy: [{name: ASC}]) { nodes { name } } viewer { teams { name } } }"
        data = (await ask(http, query, f"Api-Key {key.secret}")).json()["data"]
    found = [{"name": name} for name in "abcdeg"]
    assert data == {"teams": {"nodes": found}, "viewer": {"teams": found}}


# --- Every way to be refused


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (f"Basic {SECRET}", MALFORMED),
        (SECRET, MALFORMED),
        ("", MALFORMED),
        ("Bearer", MALFORMED),
        ("Api-Key  ", MALFORMED),
        (f"Api-Key: {SECRET}", MALFORMED),
        (f"Api-Key {SECRET}!", UNKNOWN),
        (f"Api-Key {SECRET[:-1]}", UNKNOWN),
        ("Api-Key " + SECRET.upper(), UNKNOWN),
        ("Api-Key tg_" + "x" * 43, UNKNOWN),
        ("Api-Key a.b.c", UNKNOWN),
        ("Bearer a.b.c", "Tokens are not taken here: only API keys are."),
        ("Bearer " + "x" * 5000, UNKNOWN),
    ],
)
async def test_a_wrong_credential_is_refused_even_for_the_schema(
    stranger: httpx.AsyncClient, given: str, message: str
) -> None:
    for query in ("{ __typename }", WHO, "{"):
        assert refused_with(await ask(stranger, query, given), message)


async def test_two_credentials_are_one_too_many(stranger: httpx.AsyncClient) -> None:
    given = [("Authorization", f"Api-Key {SECRET}")] * 2
    answer = await stranger.post("/graphql", json={"query": WHO}, headers=given)
    assert refused_with(answer, MALFORMED)


async def test_the_bootstrap_key_is_good_only_while_it_is_set(connect: Connect) -> None:
    async with connect() as http:
        assert refused_with(await ask(http, WHO, f"Api-Key {SECRET}"), UNKNOWN)


async def test_a_key_is_refused_from_the_moment_that_it_is_revoked(
    stranger: httpx.AsyncClient, database: Database
) -> None:
    key = await made(database)
    given = f"Api-Key {key.secret}"
    assert (await ask(stranger, WHO, given)).status_code == 200
    async with Context(database, ME).transaction() as change:
        row = await change.locked(m.ApiKey, key.key.id, "")
        assert await revoke(change, row) is not None
        assert await revoke(change, row) is None
    assert refused_with(await ask(stranger, WHO, given), "The API key was revoked.")


async def test_a_key_that_another_process_revokes_is_refused_within_a_second(
    stranger: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100.0
    monkeypatch.setattr(gateway.auth, "monotonic", lambda: clock)
    key = await made(database)
    given = f"Api-Key {key.secret}"
    assert (await ask(stranger, WHO, given)).status_code == 200  # and that it was used is written
    assert (await ask(stranger, WHO, given)).status_code == 200
    elsewhere = Database(database.url.render_as_string(hide_password=False))
    async with Context(elsewhere, ME).transaction() as change:
        await revoke(change, await change.locked(m.ApiKey, key.key.id, ""))
    await elsewhere.dispose()
    clock += 0.999
    assert (await ask(stranger, WHO, given)).status_code == 200
    clock += 0.001
    assert refused_with(await ask(stranger, WHO, given), "The API key was revoked.")


async def test_a_key_that_is_revoked_while_it_is_looked_up_is_not_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await made(database)
    holders = gateway.auth.Holders(database)

    async def late(session: AsyncSession, secret: str) -> tuple[m.ApiKey, Viewer] | None:
        found = await holder(session, secret)
        async with Context(database, ME).transaction() as change:
            await revoke(change, await change.locked(m.ApiKey, key.key.id, ""))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(gateway.auth, "holder", late)
        found = await holders.of(key.secret)
        assert found is not None
        assert found[0].revoked_at is None
    found = await holders.of(key.secret)
    assert found is not None
    assert found[0].revoked_at is not None


async def test_a_key_is_refused_from_the_moment_that_it_expires(
    stranger: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    expires = now() + timedelta(days=1)
    key = await made(database, expires_at=expires)
    given = f"Api-Key {key.secret}"
    monkeypatch.setattr(gateway.auth, "now", lambda: expires - timedelta(microseconds=1))
    assert (await ask(stranger, WHO, given)).status_code == 200
    monkeypatch.setattr(gateway.auth, "now", lambda: expires)
    assert refused_with(await ask(stranger, WHO, given), "The API key has expired.")


async def test_a_refusal_is_in_the_media_type_that_is_asked_for(
    stranger: httpx.AsyncClient,
) -> None:
    kind = "application/graphql-response+json"
    answer = await stranger.post("/graphql", json={"query": WHO}, headers={"Accept": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (401, f"{kind}; charset=utf-8")


async def test_no_answer_and_no_event_tells_a_secret_or_what_is_kept_of_it(
    stranger: httpx.AsyncClient, database: Database
) -> None:
    key = await made(database)
    said = ""
    every = "{ apiKeys { nodes { id name prefix } } events { nodes { before after } } }"
    for secret in (key.secret, SECRET, key.secret[:-1] + "!", "tg_" + "s3cret_" * 6 + "x"):
        answer = await ask(stranger, every, f"Api-Key {secret}")
        said += answer.text + str(answer.headers)
    async with database.read() as session:
        events = await session.scalars(select(m.Event))
        said += "".join(str((event.before, event.after)) for event in events)

    assert key.key.prefix == key.secret[:11]
    assert key.key.prefix in said
    for hidden in (key.secret[11:], key.key.digest, SECRET, "s3cret"):
        assert hidden not in said


# --- Last use


async def last_use(database: Database, key: Made) -> datetime | None:
    async with database.read() as session:
        statement = select(m.ApiKey.last_used_at).where(col(m.ApiKey.id) == key.key.id)
        return await session.scalar(statement)


async def test_the_last_use_of_a_key_is_written_at_most_once_a_minute(
    stranger: httpx.AsyncClient,
    database: Database,
    statements: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = await made(database)
    start = now()
    written = []
    for seconds in (0, 1, 59, 60, 61, 119, 120):
        at = start + timedelta(seconds=seconds)
        monkeypatch.setattr(gateway.auth, "now", lambda at=at: at)
        statements.clear()
        assert (await ask(stranger, WHO, f"Api-Key {key.secret}")).status_code == 200
        if [line for line in statements.seen if line.startswith("UPDATE")]:
            written.append(seconds)
            assert await last_use(database, key) == at

    assert written == [0, 60, 120]
    assert await last_use(database, key) == start + timedelta(seconds=120)


async def test_processes_agree_on_the_minute_in_which_a_use_was_written(
    connect: Connect, database: Database
) -> None:
    key = await made(database)
    async with connect() as first, connect() as second:
        await ask(first, WHO, f"Api-Key {key.secret}")
        noted = await last_use(database, key)
        await ask(second, WHO, f"Api-Key {key.secret}")
        assert await last_use(database, key) == noted is not None


async def test_a_use_that_cannot_be_written_fails_no_request(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await made(database)
    captured = structlog.testing.LogCapture()
    monkeypatch.setattr(gateway.auth, "log", structlog.wrap_logger(None, processors=[captured]))
    hurried = Database(database_url, patience=0.1)
    transport = httpx.ASGITransport(create_app(Settings(), hurried))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://gateway.example") as http,
        database.write() as session,
    ):
        held = update(m.ApiKey).where(col(m.ApiKey.id) == key.key.id)
        await session.execute(held.values(name="held"))
        answer = await ask(http, WHO, f"Api-Key {key.secret}")
    await hurried.dispose()

    assert answer.json()["data"]["viewer"]["name"] == "ci"
    assert await last_use(database, key) is None
    assert captured.entries == [
        {
            "event": "use of a key not noted",
            "key": key.key.id,
            "reason": "DatabaseBusy",
            "log_level": "warning",
        }
    ]
