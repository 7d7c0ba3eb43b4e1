"""How long a query may run, how many run at once, and how long a request may take to come."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

import models as m
from gateway.app import create_app
from gateway.settings import Settings
from models.database import Database
from tests.conftest import AUTHORIZED, KEY
from tests.making import add, key, rows_of, source
from tests.serving import serving

SLOW = """CREATE VIEW goal AS SELECT * FROM goal_rows WHERE (
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 200000000)
    SELECT count(*) FROM n) > 0"""
GOALS = "{ goals { nodes { name } } }"
QUICK = "{ users { nodes { email } } }"


@pytest.fixture
async def slow_goals(database: Database) -> None:
    """Whatever reads goals takes minutes, in the database itself."""
    number = await source(database, m.Platform.LOCAL)
    goal = m.Goal(source_id=number, name="slow")
    await add(database, goal)
    await add(database, m.Metric(source_id=number, name="x", goal_id=goal.id))
    async with database.write() as session:
        await session.execute(text("ALTER TABLE goal RENAME TO goal_rows"))
        await session.execute(text(SLOW))


def served(database: Database, **settings: Any) -> httpx.AsyncClient:
    """A client of the app with these settings."""
    chosen = Settings(**{"bootstrap_key": SecretStr(KEY), **settings})
    transport = httpx.ASGITransport(create_app(chosen, database))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=AUTHORIZED)


async def post(client: httpx.AsyncClient, query: str, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": query}, headers=headers)


async def at_work(database: Database) -> int:
    """How many connections are at work for readers, and statements over goals in the server."""
    busy = database.readers.at_work
    if database.is_sqlite:
        return busy
    count = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%goal%' "
        "AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    async with database.read() as session:
        return busy + int((await session.execute(text(count))).scalar_one())


async def until_idle(database: Database) -> bool:
    """Whether nothing is at work any more, soon."""
    for _ in range(100):
        if await at_work(database) == 0:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.usefixtures("slow_goals")
@pytest.mark.parametrize(
    "query",
    [GOALS, "{ metrics { nodes { name goal { name } } } }", "{ goals { totalCount } }"],
    ids=["at the root", "behind an edge", "counted"],
)
async def test_a_query_that_takes_too_long_is_given_up_with_its_statements(
    database: Database, query: str
) -> None:
    async with served(database, query_seconds=0.3) as client:
        answer = await post(client, query)
        assert answer.status_code == 504
        assert answer.json() == {
            "errors": [
                {
                    "message": "The query was given up after 0.3 s. Ask for less.",
                    "extensions": {"code": "TIMED_OUT", "limit": "QUERY_SECONDS", "maximum": 0.3},
                }
            ]
        }
        assert await until_idle(database)
        assert (await post(client, QUICK)).json() == {"data": {"users": {"nodes": []}}}


async def test_a_mutation_is_let_end_however_long_it_takes(database: Database) -> None:
    create = 'mutation { createTag(input: {tag: "x", kind: GOAL}) { ok errors { message } } }'
    async with served(database, query_seconds=0.1) as client:
        async with database.write() as session:
            await source_in(session)
            waiting = asyncio.create_task(post(client, create))
            await asyncio.sleep(0.5)
            assert not waiting.done()
        answer = (await waiting).json()
    assert answer == {"data": {"createTag": {"ok": True, "errors": []}}}
    assert len(await rows_of(database, m.Tag)) == 1


async def source_in(session: Any) -> None:
    """Hold what a mutation needs: a new source, and on PostgreSQL the table of tags."""
    session.add(m.Source(name="local", platform=m.Platform.LOCAL))
    await session.flush()
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE tag IN ACCESS EXCLUSIVE MODE"))


@pytest.fixture
async def running(slow_goals: None) -> AsyncIterator[Any]:
    """Starts queries that take long, and answers when they have begun."""
    del slow_goals
    begun: list[asyncio.Task[httpx.Response]] = []

    async def start(client: httpx.AsyncClient, count: int, **headers: str) -> None:
        begun.extend(asyncio.create_task(post(client, GOALS, **headers)) for _ in range(count))
        await asyncio.sleep(0.3)

    yield start
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


async def test_as_many_operations_run_as_the_limit_and_not_one_more(
    database: Database, running: Any
) -> None:
    async with served(database, max_running=3, query_seconds=1.5) as client:
        await running(client, 2)
        assert (await post(client, QUICK)).status_code == 200
        await running(client, 1)
        refused = await post(client, QUICK)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "1"
        assert refused.json() == {
            "errors": [
                {
                    "message": (
                        "3 operations are running, which is the most. Try again in a moment."
                    ),
                    "extensions": {
                        "code": "OVERLOADED",
                        "limit": "MAX_RUNNING",
                        "maximum": 3,
                        "retryAfter": 1,
                    },
                }
            ]
        }
        await asyncio.sleep(2.0)
        assert (await post(client, QUICK)).status_code == 200


async def test_one_caller_runs_as_many_operations_as_its_limit_and_others_are_not_kept_out(
    database: Database, running: Any
) -> None:
    other = await key(database, "other", "admin")
    async with served(database, max_running_by_caller=2, query_seconds=5) as client:
        await running(client, 1)
        assert (await post(client, QUICK)).status_code == 200
        await running(client, 1)
        refused = await post(client, QUICK)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        [error] = refused.json()["errors"]
        assert error["extensions"] == {
            "code": "RATE_LIMITED",
            "limit": "MAX_RUNNING_BY_CALLER",
            "maximum": 2,
            "retryAfter": 1,
        }
        assert (await post(client, QUICK, **other)).status_code == 200


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    body = json.dumps({"query": "{ __typename }"}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer sixteen letters!\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with serving(tmp_path, body_seconds="0.5") as gateway:
        address = httpx.URL(gateway.url)
        with socket.create_connection((address.host, address.port or 80), timeout=20) as held:
            held.sendall(head + body[:-1])
            received = b""
            while chunk := held.recv(65536):
                received += chunk
        assert gateway.ask("{ __typename }") == {"data": {"__typename": "Query"}}
    status, _, answer = received.partition(b"\r\n\r\n")
    assert status.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer) == {
        "errors": [
            {
                "message": "The body had not come whole after 0.5 s.",
                "extensions": {"code": "BAD_USER_INPUT", "limit": "BODY_SECONDS", "maximum": 0.5},
            }
        ]
    }
