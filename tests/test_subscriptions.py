"""What is told of changes, to whom, and from where on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate
from sqlalchemy import delete, update

import models as m
from gateway.app import graph
from gateway.operations import Operation, Operations
from models.base import now
from models.database import Database
from resolvers.access import Viewer
from tests.following import AUTHORIZED, BEGINNING, Gateway, happen, serving
from tests.making import add, experiment, id_of, key

ONE = f"""subscription($id: ID!, $after: String = "{BEGINNING}") {{
  experimentChanged(id: $id, after: $after) {{
    cursor event {{ action }} experiment {{ key }} }} }}"""
SOME = f"""subscription(
  $where: ExperimentWhere, $after: String = "{BEGINNING}", $unmatched: Boolean! = false
) {{
  experimentsChanged(where: $where, after: $after, unmatched: $unmatched) {{
    cursor matches event {{ action }} experiment {{ key phase version }} }} }}"""
ALL = f"""subscription($where: EventWhere, $after: String = "{BEGINNING}") {{
  events(where: $where, after: $after) {{ cursor event {{ action experiment {{ key }} }} }} }}"""
START = "mutation($id: ID!) { startExperiment(input: {id: $id}) { ok errors { message } } }"
RENAME = """mutation($id: ID!, $name: String!) {
  updateExperiment(input: {id: $id, name: $name}) { ok errors { message } } }"""
END = "{ eventsCursor }"
NOBODY = "RXhwZXJpbWVudDo5OTk"


@pytest.fixture
async def gateway(database_url: str) -> AsyncIterator[Gateway]:
    async with serving(database_url, keep_alive_seconds=0.3) as served:
        yield served


async def team(database: Database, *experiments: m.Experiment) -> m.Team:
    """A team that owns experiments."""
    made = m.Team(source_id=experiments[0].source_id, name="theirs")
    await add(database, made)
    await add(
        database, *(m.ExperimentTeam(experiment_id=row.id, team_id=made.id) for row in experiments)
    )
    return made


async def bound_key(database: Database, theirs: m.Team) -> dict[str, str]:
    """A key that sees what a team owns."""
    headers = await key(database, "bound", "experiment:read")
    async with database.write() as session:
        [row] = (
            await session.scalars(update(m.ApiKey).values(team_bound=True).returning(m.ApiKey))
        ).all()
        session.add(m.ApiKeyTeam(api_key_id=row.id, team_id=theirs.id))
    return headers


async def test_an_experiment_s_events_are_told_as_they_happen_with_how_it_is_then(
    gateway: Gateway, database: Database
) -> None:
    """On one socket: what was read before the change is not what is told after it."""
    row = await experiment(database)
    async with gateway.socket() as socket:
        await socket.subscribe("s", SOME)
        await socket.subscribe(
            "q", "query($id: ID!) { experiment(id: $id) { phase } }", id=id_of(row)
        )
        assert await socket.data("q") == {"phase": "DRAFT"}
        assert await socket.receive() == {"id": "q", "type": "complete"}
        await socket.subscribe("m", START, id=id_of(row))
        told, done, complete = sorted(
            [await socket.receive() for _ in range(3)],
            key=lambda each: (each["type"], each["id"]),
            reverse=True,
        )
    change = told["payload"]["data"]["experimentsChanged"]

    assert done["payload"] == {"data": {"startExperiment": {"ok": True, "errors": []}}}
    assert complete == {"id": "m", "type": "complete"}
    assert change["event"] == {"action": "START"}
    assert change["experiment"] == {"key": row.key, "phase": "RUNNING", "version": 2}
    assert change["matches"] is True


async def test_the_events_of_other_experiments_are_not_told(
    gateway: Gateway, database: Database
) -> None:
    mine, other = await experiment(database, key="mine"), await experiment(database, key="other")
    async with gateway.socket() as socket:
        await socket.subscribe("s", ONE, id=id_of(mine))
        await happen(database, other, "OTHER")
        await happen(database, mine, "MINE")
        told = await socket.data("s")
        silent = await socket.silent()

    assert (told["event"], told["experiment"]) == ({"action": "MINE"}, {"key": "mine"})
    assert silent


async def test_only_what_satisfies_the_condition_is_told(
    gateway: Gateway, database: Database
) -> None:
    draft = await experiment(database, key="draft")
    running = await experiment(database, phase=m.Phase.RUNNING, key="running")
    async with gateway.socket() as socket:
        await socket.subscribe("s", SOME, where={"phase": {"eq": "RUNNING"}})
        await happen(database, draft, "UNTOLD")
        await happen(database, running, "TOLD")
        told = await socket.data("s")

    assert told["event"] == {"action": "TOLD"}


async def test_what_leaves_the_condition_is_told_to_who_asks_for_it(
    gateway: Gateway, database: Database
) -> None:
    row = await experiment(database)
    where = {"phase": {"eq": "DRAFT"}}
    async with gateway.socket() as socket:
        await socket.subscribe("matching", SOME, where=where)
        await socket.subscribe("all", SOME, where=where, unmatched=True)
        await gateway.ask(RENAME, id=id_of(row), name="renamed")
        both = [await socket.receive() for _ in range(2)]
        await gateway.ask(START, id=id_of(row))
        left = await socket.data("all")
        silent = await socket.silent()

    assert {each["id"] for each in both} == {"matching", "all"}
    assert all(each["payload"]["data"]["experimentsChanged"]["matches"] for each in both)
    assert (left["event"], left["matches"]) == ({"action": "START"}, False)
    assert silent


async def test_events_of_everything_are_told_and_can_be_chosen(
    gateway: Gateway, database: Database
) -> None:
    row = await experiment(database)
    async with gateway.socket() as socket:
        await socket.subscribe("s", ALL, where={"subjectType": {"eq": "Tag"}})
        await happen(database, row, "UNTOLD")
        await gateway.ask('mutation { createTag(input: {tag: "new", kind: GOAL}) { ok } }')
        told = await socket.data("s")

    assert told["event"] == {"action": "CREATE", "experiment": None}


async def test_who_resumes_behind_a_cursor_is_told_each_event_once(
    gateway: Gateway, database: Database
) -> None:
    row = await experiment(database)
    cursor = await gateway.ask(END)
    await happen(database, row, "1", "2", "3")
    seen = []
    for _ in range(2):
        async with gateway.socket() as socket:
            await socket.subscribe("s", ONE, id=id_of(row), after=cursor)
            for _ in range(2):
                told = await socket.data("s")
                seen.append(told["event"]["action"])
                cursor = told["cursor"]
        await happen(database, row, *("4", "5")[: 5 - len(seen)])

    assert seen == ["1", "2", "3", "4"]


REFUSED: tuple[tuple[str, dict[str, object], str, str], ...] = (
    (ALL, {"after": "x"}, "after is not a cursor of the event log: 'x'.", "BAD_USER_INPUT"),
    (ONE, {"id": "x"}, "'x' is not an id of this graph.", "BAD_USER_INPUT"),
    (ONE, {"id": NOBODY}, f"There is no Experiment '{NOBODY}'.", "NOT_FOUND"),
    (SOME, {"where": {"id": {"eq": "x"}}}, "'x' is not an id of this graph.", "BAD_USER_INPUT"),
    (
        SOME,
        {"where": {"key": {"eq": None}}},
        "key.eq is null: ask with isNull.",
        "BAD_USER_INPUT",
    ),
)


async def test_what_cannot_be_followed_is_refused_and_the_socket_lives_on(
    gateway: Gateway,
) -> None:
    async with gateway.socket() as socket:
        for query, variables, message, code in REFUSED:
            await socket.subscribe("s", query, **variables)
            refused = await socket.receive()
            [error] = refused["payload"]
            assert (refused["type"], error["message"]) == ("error", message)
            assert error["extensions"]["code"] == code
        await socket.subscribe("s", "query { eventsCursor }")
        assert await socket.data("s") == await gateway.ask(END)


# --- Sight


async def test_a_key_that_is_bound_to_teams_hears_of_theirs_only(
    gateway: Gateway, database: Database
) -> None:
    mine, other = await experiment(database, key="mine"), await experiment(database, key="other")
    headers = await bound_key(database, await team(database, mine))
    async with gateway.socket(headers) as socket:
        await socket.subscribe("some", SOME, unmatched=True)
        await socket.subscribe("all", ALL)
        await happen(database, other, "OTHER")
        await happen(database, mine, "MINE")
        told = [await socket.receive() for _ in range(2)]
        silent = await socket.silent()
        await socket.subscribe("one", ONE, id=id_of(other))
        refused = await socket.receive()

    assert {each["id"] for each in told} == {"some", "all"}
    assert all("MINE" in str(each) for each in told)
    assert silent
    assert refused["payload"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_what_went_out_of_sight_before_it_is_told_is_not_told(
    gateway: Gateway, database: Database
) -> None:
    row = await experiment(database)
    headers = await bound_key(database, await team(database, row))
    async with gateway.socket(headers) as socket:
        await socket.subscribe("s", ONE, id=id_of(row))
        await happen(database, row, "SEEN")
        seen = await socket.data("s")
        async with database.write() as session:
            await session.execute(delete(m.ExperimentTeam))
        await happen(database, row, "UNSEEN")
        silent = await socket.silent(1.0)

    assert seen["event"] == {"action": "SEEN"}
    assert silent


@pytest.mark.parametrize("query", [SOME, ALL])
async def test_without_the_scope_nothing_is_told_of_experiments(
    gateway: Gateway, database: Database, query: str
) -> None:
    row = await experiment(database)
    async with gateway.socket(await key(database, "tags", "tag:read")) as socket:
        await socket.subscribe("s", query)
        if query is SOME:
            refused = await socket.receive()
            extensions = {"code": "FORBIDDEN", "scope": "experiment:read"}
            assert (refused["type"], refused["payload"][0]["extensions"]) == ("error", extensions)
        await happen(database, row, "UNTOLD")
        assert await socket.silent()


async def test_a_scope_that_is_taken_away_ends_what_needed_it(
    gateway: Gateway, database: Database
) -> None:
    row = await experiment(database)
    async with gateway.socket(await key(database, "reader", "experiment:read")) as socket:
        await socket.subscribe("s", ONE, id=id_of(row))
        await happen(database, row, "SEEN")
        await socket.data("s")
        async with database.write() as session:
            await session.execute(update(m.ApiKey).values(scopes=["tag:read"]))
        await asyncio.sleep(1.1)
        await happen(database, row, "UNSEEN")
        ended = await socket.receive()

    assert (ended["id"], ended["type"]) == ("s", "error")
    [error] = ended["payload"]
    assert error["message"] == "The scope experiment:read is missing."
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_a_key_that_is_revoked_closes_its_sockets(
    gateway: Gateway, database: Database
) -> None:
    row = await experiment(database)
    async with gateway.socket(await key(database, "reader", "experiment:read")) as socket:
        await socket.subscribe("s", ONE, id=id_of(row))
        async with database.write() as session:
            await session.execute(update(m.ApiKey).values(revoked_at=now()))
        assert await socket.closed() == (4403, "The API key was revoked.")


async def test_a_key_that_expires_closes_its_sockets(gateway: Gateway, database: Database) -> None:
    async with gateway.socket(await key(database, "reader", "experiment:read")) as socket:
        await socket.subscribe("s", SOME)
        until = now() + timedelta(seconds=0.7)
        async with database.write() as session:
            await session.execute(update(m.ApiKey).values(expires_at=until))
        closed = await socket.closed()

    assert closed in {
        (4403, "The credential has expired."),
        (4403, "The API key has expired."),
    }
    assert now() >= until


async def test_an_event_does_not_say_what_its_follower_may_not_see(
    gateway: Gateway, database: Database
) -> None:
    row = await experiment(database)
    headers = await key(database, "reader", "experiment:read")
    query = f"""subscription {{ events(after: "{BEGINNING}") {{ event {{ action
      experiment {{ primaryMetric {{ name }} owners {{ email }} }} }} }} }}"""
    async with gateway.socket(headers) as socket:
        await socket.subscribe("s", query)
        await happen(database, row, "TOLD")
        told = await socket.data("s")

    assert told["event"] == {"action": "TOLD", "experiment": {"primaryMetric": None, "owners": []}}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_asks_the_same_is_answered_by_one_run_and_who_does_not_is_not(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer of one key is no other key's, and neither is that of other variables."""
    runs: list[str] = []
    run = Operations.tell

    async def counted(self: Operations, operation: Operation, viewer: Viewer, event: Any) -> Any:
        runs.append(viewer.name)
        return await run(self, operation, viewer, event)

    monkeypatch.setattr(Operations, "tell", counted)
    row = await experiment(database)
    reader = await key(database, "reader", "experiment:read")
    named = f"""subscription($n: Boolean!) {{ events(after: "{BEGINNING}") {{
      event {{ experiment {{ name @include(if: $n) key }} }} }} }}"""
    async with serving(database_url) as served, AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(served.socket(headers))
            for headers in (AUTHORIZED, AUTHORIZED, AUTHORIZED, reader)
        ]
        for socket, wanted in zip(sockets, (True, True, False, True), strict=True):
            await socket.subscribe("s", named, n=wanted)
        await asyncio.sleep(0.3)
        await happen(database, row, "ONCE")
        told = [(await socket.data("s"))["event"]["experiment"] for socket in sockets]

    whole = {"name": row.name, "key": row.key}
    assert told == [whole, whole, {"key": row.key}, whole]
    assert sorted(runs) == ["reader", "the bootstrap key", "the bootstrap key"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_each_event_is_paid_for_and_who_has_spent_everything_goes_on_later(
    database_url: str, database: Database
) -> None:
    row = await experiment(database)
    reader = await key(database, "reader", "experiment:read")
    async with serving(database_url, rate_limit=100) as served:
        cursor = await served.ask(END)
        names = [str(number) for number in range(200)]
        await happen(database, row, *names)
        seen = []
        async with served.socket(reader) as socket:
            await socket.subscribe("s", ALL, after=cursor)
            while (message := await socket.receive())["type"] == "next":
                told = message["payload"]["data"]["events"]
                cursor = told["cursor"]
                seen.append(told["event"]["action"])
    async with serving(database_url) as served, served.socket(reader) as socket:
        await socket.subscribe("s", ALL, after=cursor)
        rest = [(await socket.data("s"))["event"]["action"] for _ in names[len(seen) :]]

    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert 0 < len(seen) < 100
    assert seen + rest == names


def test_the_subscription_that_is_explained_can_be_asked() -> None:
    page = Path("docs/subscriptions.md").read_text()
    explained = page.partition("```graphql\n")[2].partition("```")[0]

    assert "subscription Board" in explained
    assert validate(graph()._schema, parse(explained)) == []  # noqa: SLF001
