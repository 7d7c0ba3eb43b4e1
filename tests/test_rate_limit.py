"""What callers may spend: in one process, between several, and as they see it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

import models as m
from gateway.app import create_app
from gateway.rate_limit import RateLimited, RateLimits
from gateway.settings import Settings
from models.base import now
from models.database import Database
from models.errors import DatabaseBusy
from resolvers.access import ANYBODY, Viewer
from resolvers.rate_limit import forget, settled
from tests.conftest import AUTHORIZED, KEY
from tests.making import ask, key

ME, YOU = Viewer("me", "me"), Viewer("you", "you")


class Clock:
    """Moves only when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limits(database: Database, clock: Clock, limit: int = 600) -> RateLimits:
    """The limits of a process of its own."""
    return RateLimits(database, limit, clock)


async def test_a_caller_may_spend_the_limit_and_not_a_point_more(
    database: Database, clock: Clock
) -> None:
    process = limits(database, clock)
    process.spend(ME, 599)
    process.spend(ME, 1)
    with pytest.raises(RateLimited) as caught:
        process.spend(ME, 1)
    assert caught.value.status == 429
    assert caught.value.code == "RATE_LIMITED"
    assert caught.value.headers == {"Retry-After": "1"}
    facts = {
        name: caught.value.facts[name] for name in ("cost", "limit", "remaining", "retryAfter")
    }
    assert facts == {"cost": 1, "limit": 600, "remaining": 0, "retryAfter": 1}
    assert process.spend(YOU, 600).used == 600


async def test_what_is_refused_takes_nothing_and_says_when_it_will_be_there(
    database: Database, clock: Clock
) -> None:
    process = limits(database, clock)
    process.spend(ME, 550)
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            process.spend(ME, 250)
        assert caught.value.headers == {"Retry-After": "20"}
    clock.seconds += 19.5
    with pytest.raises(RateLimited):
        process.spend(ME, 250)
    clock.seconds += 0.5
    assert process.spend(ME, 250).used == pytest.approx(600)


async def test_points_come_back_steadily_and_no_more_than_all_of_them(
    database: Database, clock: Clock
) -> None:
    process = limits(database, clock)
    bucket = process.spend(ME, 300)
    before = now()
    standing = process.standing(bucket, 300, 7)
    assert (standing.cost, standing.node_count) == (300, 7)
    assert (standing.limit, standing.remaining) == (600, 300)
    assert timedelta(0) <= standing.reset_at - before - timedelta(seconds=30) < timedelta(seconds=9)
    clock.seconds += 7
    assert process.standing(bucket, 0, 0).remaining == 370
    clock.seconds += 3600
    assert process.standing(bucket, 0, 0).remaining == 600


async def test_a_key_may_have_a_limit_of_its_own(database: Database, clock: Clock) -> None:
    process = limits(database, clock)
    rich = Viewer("key:1", "rich", rate_limit=6000)
    assert process.spend(rich, 6000).limit == 6000
    with pytest.raises(RateLimited):
        process.spend(rich, 1)


async def test_all_strangers_share_one_limit(database: Database, clock: Clock) -> None:
    process = limits(database, clock)
    process.spend(ANYBODY, 600)
    with pytest.raises(RateLimited):
        process.spend(Viewer(ANYBODY.actor, "another"), 1)


async def test_processes_learn_from_each_other_what_was_used(
    database: Database, clock: Clock
) -> None:
    one, two = limits(database, clock), limits(database, clock)
    one.spend(ME, 400)
    two.spend(ME, 300)  # neither knows of the other yet: together they let in more than the limit
    await one.settle()
    await two.settle()
    with pytest.raises(RateLimited):
        two.spend(ME, 1)
    one.spend(ME, 200)  # it has not heard of the others' yet
    await one.settle()
    with pytest.raises(RateLimited) as caught:
        one.spend(ME, 100)
    assert 20 <= int(caught.value.headers["Retry-After"]) <= 40
    async with database.read() as session:
        [row] = (await session.scalars(select(m.RateLimitUse))).all()
    assert row.actor == "me"
    assert 700 < row.used <= 900  # some has run off since


async def test_what_was_let_in_beyond_the_limit_is_paid_back_first(
    database: Database,
) -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    limit = {"me": 600}
    async with database.write() as session:
        assert await settled(session, {"me": 600.0}, limit, at) == {"me": 600}
    async with database.write() as session:
        assert await settled(session, {"me": 600.0}, limit, at) == {"me": 1200}
    async with database.write() as session:
        later = await settled(session, {"me": 10.0}, limit, at + timedelta(seconds=30))
    assert later == {"me": pytest.approx(910)}
    async with database.write() as session:
        behind = await settled(session, {"me": 10.0}, limit, at + timedelta(seconds=20))
    assert behind == {"me": pytest.approx(920)}  # a clock that is behind takes nothing back
    async with database.write() as session:
        await forget(session, at + timedelta(minutes=60))
        assert (await session.scalars(select(m.RateLimitUse.actor))).all() == ["me"]
        await forget(session, at + timedelta(minutes=61))
        assert (await session.scalars(select(m.RateLimitUse.actor))).all() == []


async def test_little_is_not_worth_a_write(
    database: Database, clock: Clock, statements: Any
) -> None:
    process = limits(database, clock, 1000)
    process.spend(ME, 9)
    await process.settle()
    assert statements.seen == []
    process.spend(ME, 1)
    await process.settle()
    assert [statement.split()[0] for statement in statements.seen] == ["SELECT", "INSERT"]
    statements.clear()
    await process.settle()
    assert statements.seen == []


async def test_what_could_not_be_told_is_told_the_next_time(
    database: Database, clock: Clock
) -> None:
    hurried = Database(str(database.url.render_as_string(hide_password=False)), patience=0.1)
    process = limits(hurried, clock)
    process.spend(ME, 100)
    async with database.write() as session:
        session.add(m.RateLimitUse(actor="me", used=50.0))
        await session.flush()
        with pytest.raises(DatabaseBusy):
            await process.settle()
    assert process.spend(ME, 10).untold == 110
    await process.settle()
    await hurried.dispose()
    assert 110 < process.spend(ME, 0).used <= 160


async def test_many_processes_that_settle_at_once_lose_nothing(
    database: Database, clock: Clock
) -> None:
    processes = [limits(database, clock, 10**9) for _ in range(5)]
    for process in processes:
        process.spend(ME, 10**8)
        await process.settle()
        process.spend(ME, 10**8)
    await asyncio.gather(*(process.settle() for process in processes))
    async with database.read() as session:
        used = (await session.scalars(select(m.RateLimitUse.used))).one()
    assert 10**9 - 10**9 / 60 * 30 < used <= 10**9


def served(database: Database, **settings: Any) -> httpx.AsyncClient:
    """A client of the app with these settings."""
    chosen = Settings(**{"bootstrap_key": SecretStr(KEY), "show_cost": True, **settings})
    transport = httpx.ASGITransport(create_app(chosen, database))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=AUTHORIZED)


QUERY = (
    "{ teams(first: 40) { nodes { name } } rateLimit { cost limit remaining resetAt nodeCount } }"
)


async def test_the_numbers_are_shown_beside_the_answer_and_in_the_graph(database: Database) -> None:
    before = now()
    async with served(database, rate_limit=100) as client:
        answer = (await client.post("/graphql", json={"query": QUERY})).json()
        again = (await client.post("/graphql", json={"query": QUERY})).json()
        other = await ask(
            client, "{ rateLimit { remaining } }", await key(database, "other", "admin")
        )
    cost, shown = answer["extensions"]["cost"], answer["data"]["rateLimit"]
    assert (shown["cost"], shown["limit"], shown["nodeCount"]) == (41, 100, 40)
    assert 49 <= shown["remaining"] <= cost["remaining"] < 90
    assert before < datetime.fromisoformat(shown["resetAt"]) < before + timedelta(seconds=40)
    assert (cost["requested"], cost["limit"]) == (41, 100)
    assert cost["resetAt"].endswith("+00:00")
    assert again["data"]["rateLimit"]["remaining"] < shown["remaining"]
    assert 95 <= other["remaining"] <= 100


async def test_whoever_has_spent_all_is_answered_429_with_the_numbers(
    database: Database, statements: Any
) -> None:
    async with served(database, rate_limit=52) as client:
        assert (await client.post("/graphql", json={"query": QUERY})).status_code == 200
        statements.clear()
        refused = await client.post("/graphql", json={"query": QUERY})
    assert refused.status_code == 429
    [error] = refused.json()["errors"]
    facts = error["extensions"]
    assert refused.headers["Retry-After"] == str(facts["retryAfter"])
    assert 20 <= facts["retryAfter"] <= 50
    assert (facts["code"], facts["cost"], facts["limit"]) == ("RATE_LIMITED", 41, 52)
    assert error["message"] == (
        f"This costs 41 points, and {facts['remaining']} of 52 are left for this minute. "
        f"Try again in {facts['retryAfter']} s."
    )
    assert statements.seen == []


async def test_a_document_that_has_to_be_checked_is_paid_for_even_if_it_is_refused(
    database: Database,
) -> None:
    async with served(database, rate_limit=60) as client:
        answers = []
        for number in range(4):
            query = f"{{ nothing{number} " + "x " * 100 + "}"
            answers.append(await client.post("/graphql", json={"query": query}))
    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["GRAPHQL_VALIDATION_FAILED"] * 3 + ["RATE_LIMITED"]


async def test_what_could_never_be_paid_is_refused_for_good(database: Database) -> None:
    async with served(database, rate_limit=30) as client:
        refused = await client.post("/graphql", json={"query": QUERY})
    [error] = refused.json()["errors"]
    assert error["message"] == "This operation costs 41 points; 30 is the most. Ask for less."
    assert error["extensions"]["limit"] == "MAX_COST"


async def test_lists_that_are_longer_than_was_thought_are_paid_for_afterwards(
    database: Database,
) -> None:
    async with database.write() as session:
        source = m.Source(name="s", platform=m.Platform.LOCAL)
        session.add(source)
        await session.flush()
        parent = m.Team(source_id=source.id, name="parent")
        session.add(parent)
        await session.flush()
        session.add_all(
            m.Team(source_id=source.id, name=str(each), parent_id=parent.id) for each in range(50)
        )
    query = '{ teams(where: {name: {eq: "parent"}}, first: 1) { nodes { id children { id } } } }'
    async with served(database, rate_limit=60) as client:
        answer = (await client.post("/graphql", json={"query": query})).json()
    assert answer["extensions"]["cost"]["requested"] == 51
    assert 0 <= answer["extensions"]["cost"]["remaining"] < 40


async def test_costs_can_be_left_out_of_answers(database: Database) -> None:
    async with served(database, show_cost=False) as client:
        answer = (await client.post("/graphql", json={"query": "{ __typename }"})).json()
    assert answer == {"data": {"__typename": "Query"}}
