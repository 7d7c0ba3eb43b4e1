"""Server-sent events: who gets them, what they carry, and where they go on."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import update
from starlette.types import Message, Receive, Scope, Send
from websockets.exceptions import InvalidStatus

import gateway.streams
import models as m
from models.base import now
from models.database import Database
from tests.following import AUTHORIZED, STREAM, Gateway, Stream, happen, serving, streaming, until
from tests.making import experiment, key

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WHO = "{ viewer { name } }"
ALL = "subscription($after: String) { events(after: $after) { cursor event { action } } }"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
NEXT = 'event: next\ndata: {"data":{"viewer":{"name":"the bootstrap key"}}}\n\n'
COMPLETE = "event: complete\ndata:\n\n"


@pytest.fixture
async def served(database_url: str) -> AsyncIterator[Gateway]:
    async with serving(database_url, keep_alive_seconds=0.3) as started:
        yield started


async def post(
    served: Gateway, query: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    url = f"{served.url}graphql"
    return await served.client.post(url, json={"query": query}, headers=headers or STREAM)


async def test_a_query_is_one_event_and_the_end(served: Gateway) -> None:
    response = await post(served, WHO)

    assert (response.status_code, response.text) == (200, NEXT + COMPLETE)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/event-stream", "text/event-stream; charset=utf-8"),
        ("text/event-stream, application/json;q=0.5", "text/event-stream; charset=utf-8"),
        (URQL, "application/graphql-response+json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        ("text/event-stream;q=0, */*", "application/json; charset=utf-8"),
    ],
)
async def test_a_stream_is_for_who_prefers_one(served: Gateway, accept: str, kind: str) -> None:
    response = await post(served, WHO, {"Accept": accept})

    assert (response.status_code, response.headers["content-type"]) == (200, kind)


async def test_a_subscription_needs_room_for_many_answers(served: Gateway) -> None:
    response = await post(served, ALL, {"Accept": "application/json"})

    [error] = response.json()["errors"]
    assert error["message"] == (
        "A subscription has many answers, and this way of asking has room for one: "
        "prefer text/event-stream, or use a WebSocket."
    )


async def test_events_carry_their_cursors_as_ids_and_the_first_one_says_where_it_begins(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database)
    begin = await served.ask("{ eventsCursor }")
    async with streaming(served, ALL) as stream:
        first = await stream.event()
        await happen(database, row, "ONE", "TWO")
        one, two = await stream.event(), await stream.event()
    shown = [json.loads(event["data"])["data"]["events"] for event in (one, two)]

    assert first == {"id": begin}
    assert [each["event"]["action"] for each in shown] == ["ONE", "TWO"]
    assert [each["cursor"] for each in shown] == [one["id"], two["id"]]
    assert {event["event"] for event in (one, two)} == {"next"}


async def test_the_last_id_that_was_heard_goes_on_whatever_the_argument_says(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database)
    begin = await served.ask("{ eventsCursor }")
    await happen(database, row, "ONE", "TWO", "THREE")
    async with streaming(served, ALL, after=begin) as stream:
        heard = [await stream.event() for _ in range(2)]
    headers = {"Last-Event-ID": heard[1]["id"]}
    async with streaming(served, ALL, headers, after=begin) as stream:
        again = [await stream.event() for _ in range(3)]

    assert "ONE" in heard[1]["data"]
    assert again[0] == {"id": heard[1]["id"]}
    assert ["TWO" in again[1]["data"], "THREE" in again[2]["data"]] == [True, True]


async def test_a_subscription_can_be_got_as_an_event_source_does(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database)
    parameters = {"query": ALL}
    async with served.client.stream(
        "GET", f"{served.url}graphql", params=parameters, headers=STREAM
    ) as response:
        stream = Stream(response)
        await stream.event()
        await happen(database, row, "GOT")
        told = await stream.data()

    assert told["event"] == {"action": "GOT"}


async def test_a_mutation_is_not_got(served: Gateway) -> None:
    query = 'mutation { createTag(input: {tag: "x", kind: GOAL}) { ok } }'
    response = await served.client.get(
        f"{served.url}graphql", params={"query": query}, headers=STREAM
    )

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert await served.ask("{ tags { totalCount } }") == {"totalCount": 0}


async def test_what_may_not_run_is_one_event_with_its_errors(served: Gateway) -> None:
    for query, code in (
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { events(after: "x") { cursor } }', "BAD_USER_INPUT"),
    ):
        response = await post(served, query)
        event, rest = response.text.split("\n\n", 1)
        answer = json.loads(event.removeprefix("event: next\ndata: "))
        assert (response.status_code, rest) == (200, COMPLETE)
        assert [each["extensions"]["code"] for each in answer["errors"]] == [code]
        assert "data" not in answer


async def test_a_credential_that_is_not_accepted_gets_no_stream(served: Gateway) -> None:
    response = await post(served, ALL, {**STREAM, "Authorization": "Api-Key wrong"})

    assert response.status_code == 401
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_a_key_that_is_revoked_ends_its_streams_with_the_reason(
    served: Gateway, database: Database
) -> None:
    headers = await key(database, "reader", "experiment:read")
    async with streaming(served, ALL, headers) as stream:
        await stream.event()
        async with database.write() as session:
            await session.execute(update(m.ApiKey).values(revoked_at=now()))
        last, end, nothing = [await stream.event() for _ in range(3)]

    assert json.loads(last["data"]) == {
        "errors": [
            {"message": "The API key was revoked.", "extensions": {"code": "UNAUTHENTICATED"}}
        ]
    }
    assert (end, nothing) == ({"event": "complete", "data": ""}, {})


async def test_a_stream_is_kept_alive_by_comments(served: Gateway) -> None:
    async with streaming(served, ALL) as stream:
        await stream.event()
        lines = [await anext(stream.lines) for _ in range(4)]

    assert lines == [":", "", ":", ""]


async def test_a_client_that_takes_nothing_is_left(
    served: Gateway, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stream ends without `complete`: it may come again with the last id that it heard."""
    monkeypatch.setattr(gateway.streams, "PATIENCE", 0.2)
    row = await experiment(database)
    sent: list[Message] = []

    async def receive() -> Message:
        if not received:
            received.append(True)
            body = json.dumps({"query": ALL}).encode()
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)
        if any(b"event: next" in message.get("body", b"") for message in sent):
            await asyncio.Event().wait()

    received: list[bool] = []
    app: object = served.server.config.app
    serve = asyncio.create_task(_call(app, receive, send))
    await until(lambda: any(b"id: " in message.get("body", b"") for message in sent))
    await happen(database, row, "UNTAKEN")
    await asyncio.wait_for(serve, 10)

    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert not any(b"complete" in message.get("body", b"") for message in sent)


async def _call(app: object, receive: Receive, send: Send) -> None:
    headers = {"content-type": "application/json", "host": "127.0.0.1", **AUTHORIZED, **STREAM}
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": None,
        "server": ("127.0.0.1", 80),
    }
    assert callable(app)
    await app(scope, receive, send)


async def test_a_client_that_leaves_is_noticed(served: Gateway) -> None:
    async with streaming(served, ALL) as stream:
        await stream.event()
        there = served.server.draining.open
    await until(lambda: not served.server.draining.open)

    assert there == 1


async def test_so_many_streams_are_open_and_no_more(database_url: str) -> None:
    async with serving(database_url, max_streams=2) as served:
        async with streaming(served, ALL) as stream, served.socket():
            await stream.event()
            refused = await post(served, ALL)
            with pytest.raises(InvalidStatus) as denied:
                async with served.socket():
                    pass
        await until(lambda: not served.server.draining.open)
        async with streaming(served, ALL) as stream:
            assert "id" in await stream.event()

    assert (refused.status_code, denied.value.response.status_code) == (503, 503)
    assert refused.json()["errors"] == [
        {
            "message": "2 streams are open, which is the most.",
            "extensions": {"code": "OVERLOADED", "limit": "MAX_STREAMS", "maximum": 2},
        }
    ]
