"""What other processes write is heard: by what PostgreSQL tells, by looking, and after silence."""

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from models.database import Database
from resolvers import feed as feeds
from resolvers import hearing
from resolvers.feed import Feed
from tests.following import happen
from tests.making import experiment
from tests.serving import KEY, serving
from tests.test_event_log import first, following

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

LISTENERS = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


@pytest.fixture
def unlooking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks by the clock, so that what is told is what is heard."""
    monkeypatch.setattr(feeds, "UNHEARD", {True: 3600.0, False: 3600.0})


async def until_listeners(database: Database, count: int) -> None:
    """Wait until so many connections listen."""
    for _ in range(500):
        async with database.read() as session:
            if await session.scalar(text(f"SELECT count(*) {LISTENERS}")) == count:
                return
        await asyncio.sleep(0.02)
    raise AssertionError(f"there are not {count} listeners")


@on_postgresql
@pytest.mark.usefixtures("unlooking")
async def test_what_another_process_commits_is_told_by_postgresql(
    database_url: str, database: Database
) -> None:
    row = await experiment(database)
    reading = Database(database_url)
    source = await following(Feed(reading))
    waiting = asyncio.ensure_future(first(source, 2))
    await until_listeners(database, 1)
    await happen(database, row, "ONE", "TWO")
    told = await waiting
    await source.aclose()
    await reading.dispose()

    assert [event.action for event in told] == ["ONE", "TWO"]


@on_postgresql
@pytest.mark.usefixtures("unlooking")
async def test_what_is_committed_while_nobody_hears_is_found_when_somebody_does_again(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "AGAIN", 0.2)
    row = await experiment(database)
    reading = Database(database_url)
    source = await following(Feed(reading))
    waiting = asyncio.ensure_future(first(source, 1))
    await until_listeners(database, 1)
    async with database.write() as session:
        await session.execute(text(f"SELECT pg_terminate_backend(pid) {LISTENERS}"))
    await happen(database, row, "UNHEARD")
    told = await waiting
    again = asyncio.ensure_future(first(source, 1))
    await until_listeners(database, 1)
    await happen(database, row, "HEARD")
    told += await again
    await source.aclose()
    await reading.dispose()

    assert [event.action for event in told] == ["UNHEARD", "HEARD"]


@on_postgresql
async def test_nobody_listens_for_nobody(database: Database) -> None:
    row = await experiment(database)
    source = await following(Feed(database))
    waiting = asyncio.ensure_future(first(source, 1))
    await until_listeners(database, 1)
    await happen(database, row, "LAST")
    await waiting
    await source.aclose()
    await until_listeners(database, 0)


@pytest.mark.usefixtures("unlooking")
async def test_what_this_process_commits_is_heard_at_once(database: Database) -> None:
    row = await experiment(database)
    source = await following(Feed(database))
    waiting = asyncio.ensure_future(first(source, 1))
    await asyncio.sleep(0.3)
    await happen(database, row, "HERE")
    [told] = await waiting
    await source.aclose()

    assert told.action == "HERE"


async def test_what_another_process_commits_is_seen_by_looking(
    database_url: str, database: Database
) -> None:
    row = await experiment(database)
    reading = Database(database_url)
    source = await following(Feed(reading))
    waiting = asyncio.ensure_future(first(source, 1))
    await asyncio.sleep(0.3)
    await happen(database, row, "ELSEWHERE")
    [told] = await waiting
    await source.aclose()
    await reading.dispose()

    assert told.action == "ELSEWHERE"


def test_two_gateways_on_one_database_hear_each_other(tmp_path: Path, database_url: str) -> None:
    """Real processes: a change that is made at one is told by the other."""
    tag = 'mutation {{ createTag(input: {{tag: "{}", kind: GOAL}}) {{ ok }} }}'
    headers = {"Authorization": f"Api-Key {KEY}", "Accept": "text/event-stream"}
    body = {"query": "subscription { events { event { after } } }"}
    settings = {"database_url": database_url, "schedule_seconds": "60"}
    (tmp_path / "other").mkdir()
    heard = []
    with serving(tmp_path, **settings) as one, serving(tmp_path / "other", **settings) as other:
        for here, there in ((one, other), (other, one)):
            address = f"{here.url}graphql"
            with httpx.stream("POST", address, json=body, headers=headers) as response:
                lines = response.iter_lines()
                assert next(lines).startswith("id: ")
                there.ask(tag.format(there.url))
                heard.append(next(line for line in lines if line.startswith("data: ")))

    assert [other.url in heard[0], one.url in heard[1]] == [True, True]
