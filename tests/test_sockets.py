"""graphql-transport-ws, message by message: what is answered, and what closes with which code."""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from random import Random, SystemRandom
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

import gateway.socket
from models.database import Database
from tests import wire
from tests.following import (
    AUTHORIZED,
    BEGINNING,
    KEY,
    PATIENCE,
    PROTOCOL,
    Gateway,
    Socket,
    happen,
    serving,
    streaming,
)
from tests.making import experiment, id_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SOAK = "TRIALGRAPH_SOAK" in os.environ
WHO = "{ viewer { name } }"
ALL = f'subscription {{ events(after: "{BEGINNING}") {{ event {{ action }} }} }}'
FROM = "subscription($after: String!) { events(after: $after) { event { action } } }"
NOTE = """mutation($id: ID!, $dry: Boolean! = false) {
  addExperimentNote(input: {experiment: $id, note: "said", dryRun: $dry}) { ok } }"""


@pytest.fixture
async def served(database_url: str) -> AsyncIterator[Gateway]:
    async with serving(database_url, max_subscriptions=3, max_body_bytes=2048) as started:
        yield started


# --- Opening


async def test_a_client_that_does_not_speak_the_protocol_is_told_so(served: Gateway) -> None:
    for offered in (["graphql-ws"], []):
        protocols = [Subprotocol(each) for each in offered] or None
        async with connect(served.address, subprotocols=protocols) as connection:
            closed = await Socket(connection).closed()
        assert connection.subprotocol is None
        assert closed == (4406, "Only graphql-transport-ws is spoken here.")


async def test_the_protocol_is_chosen_among_others(served: Gateway) -> None:
    offered = [Subprotocol("graphql-ws"), PROTOCOL]
    async with connect(served.address, subprotocols=offered) as connection:
        assert connection.subprotocol == PROTOCOL


async def test_pages_of_other_origins_may_not_open_sockets(database_url: str) -> None:
    async with serving(database_url, allowed_origins="https://pages.example") as served:
        own = served.url.rstrip("/")
        foreign = (
            "https://other.example",
            own.replace("http", "ftp") + "0",
            "null",
            "",
            f"{own}.x",
            "http://[",
        )
        for origin in foreign:
            with pytest.raises(InvalidStatus) as refused:
                async with served.socket(additional_headers={"Origin": origin}):
                    pass
            assert refused.value.response.status_code == 403, origin
        for origin in (own, "https://pages.example"):
            async with served.socket(additional_headers={"Origin": origin}) as socket:
                await socket.subscribe("q", WHO)
                assert await socket.data("q") == {"name": "the bootstrap key"}


async def test_the_credential_may_come_in_the_payload_or_in_the_header(served: Gateway) -> None:
    ways: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({"Authorization": f"Api-Key {KEY}"}, {}),
        ({"authorization": f"Bearer {KEY}"}, {}),
        ({}, {"additional_headers": AUTHORIZED}),
        (AUTHORIZED, {"additional_headers": {"Authorization": "Api-Key wrong"}}),
    ]
    for payload, options in ways:
        async with served.socket(payload, **options) as socket:
            await socket.subscribe("q", WHO)
            assert await socket.data("q") == {"name": "the bootstrap key"}


async def test_a_wrong_credential_is_refused_with_its_reason(served: Gateway) -> None:
    async with served.socket(None) as socket:
        await socket.send(type="connection_init", payload={"Authorization": "Api-Key wrong"})
        assert await socket.closed() == (4403, "The API key is not known.")


async def test_without_a_credential_only_the_schema_is_told(served: Gateway) -> None:
    async with served.socket({}) as socket:
        await socket.subscribe("q", "{ __schema { queryType { name } } }")
        assert await socket.data("q") == {"queryType": {"name": "Query"}}
        await socket.receive()
        await socket.subscribe("q", WHO)
        assert (await socket.closed())[0] == 4403


async def test_without_a_credential_nothing_is_told_in_production(database_url: str) -> None:
    async with (
        serving(database_url, environment="production") as served,
        served.socket(None) as socket,
    ):
        await socket.send(type="connection_init")
        code, reason = await socket.closed()
        assert (code, reason[:22]) == (4403, "This takes a key: send")


async def test_a_client_must_say_who_it_is_in_time(
    served: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway.socket, "PATIENCE", 1.5)
    async with served.socket(None) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")
    async with served.socket() as socket:
        await asyncio.sleep(1.7)
        await socket.subscribe("q", WHO)
        assert await socket.data("q") == {"name": "the bootstrap key"}


# --- Messages

BAD: list[tuple[str | bytes, int, str]] = [
    ("", 4400, "A message must be JSON in a text frame."),
    ("{", 4400, "A message must be JSON in a text frame."),
    (b'{"type": "ping"}', 4400, "A message must be JSON in a text frame."),
    ("NaN", 4400, "A message must be JSON in a text frame."),
    ("[" * 1500, 4400, "A message must be JSON in a text frame."),
    *(
        (text, 4400, "A message must be a JSON object.")
        for text in ("[]", "null", "1", '"x"', "true")
    ),
    ("{}", 4400, "There is no message of the type 'None'."),
    ('{"type": []}', 4400, "There is no message of the type '[]'."),
    ('{"type": "next", "id": "1"}', 4400, "There is no message of the type 'next'."),
    ('{"type": "start", "id": "1"}', 4400, "There is no message of the type 'start'."),
    ('{"type": "connection_init"}', 4429, "Too many initialisation requests"),
    ('{"type": "complete"}', 4400, "complete takes the id of an operation."),
    ('{"type": "subscribe"}', 4400, "subscribe takes an id of 1 to 255 characters."),
    ('{"type": "subscribe", "id": ""}', 4400, "subscribe takes an id of 1 to 255 characters."),
    ('{"type": "subscribe", "id": 1}', 4400, "subscribe takes an id of 1 to 255 characters."),
    (
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        4400,
        "'query' must be a string, not a number.",
    ),
]


async def test_a_message_that_is_none_closes_the_socket_and_no_other(served: Gateway) -> None:
    async with served.socket() as other:
        for text, code, reason in BAD:
            async with served.socket() as socket:
                await socket.connection.send(text)
                assert await socket.closed() == (code, reason), text
        await other.subscribe("q", WHO)
        assert await other.data("q") == {"name": "the bootstrap key"}


async def test_before_the_acknowledgement_nothing_may_be_asked(served: Gateway) -> None:
    async with served.socket(None) as socket:
        await socket.subscribe("q", WHO)
        assert await socket.closed() == (4401, "Unauthorized")


async def test_a_payload_of_the_first_message_that_is_none_is_refused(served: Gateway) -> None:
    for payload, reason in (
        ([1], "The payload of connection_init must be an object."),
        ("x", "The payload of connection_init must be an object."),
        ({"Authorization": 1}, "Authorization must be a string."),
    ):
        async with served.socket(None) as socket:
            await socket.send(type="connection_init", payload=payload)
            assert await socket.closed() == (4400, reason)


async def test_a_message_that_is_too_large_closes_the_socket(served: Gateway) -> None:
    async with served.socket() as socket:
        await socket.subscribe("q", WHO, padding="x" * 3000)
        assert (await socket.closed())[0] == 1009


async def test_a_frame_that_is_no_text_closes_the_socket_and_is_no_defect(served: Gateway) -> None:
    host, port = served.address.removeprefix("ws://").removesuffix("/graphql").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(wire.UPGRADE)
    await reader.readuntil(b"\r\n\r\n")
    with capture_logs() as logged:
        writer.write(wire.frame(b'{"type": "ping"}') + wire.frame(b"\xff"))
        received = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        assert await served.ask(WHO) == {"name": "the bootstrap key"}

    assert received == b"\x88\x02\x03\xef"
    assert [line for line in logged if line["event"] == "defect"] == []


async def test_a_ping_is_answered_with_what_it_carried(served: Gateway) -> None:
    async with served.socket(None) as socket:
        await socket.send(type="ping", payload={"at": 1})
        await socket.send(type="pong")
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong", "payload": {"at": 1}}
        assert await socket.receive() == {"type": "pong"}


async def test_a_socket_is_kept_alive_by_pings(database_url: str) -> None:
    async with serving(database_url, keep_alive_seconds=0.1) as served, served.socket() as socket:
        heard = [json.loads(await socket.connection.recv()) for _ in range(3)]

    assert heard == [{"type": "ping"}] * 3


# --- Operations


async def test_queries_and_mutations_are_answered_once_and_completed(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database)
    async with served.socket() as socket:
        await socket.subscribe("1", WHO)
        query = [await socket.receive() for _ in range(2)]
        await socket.subscribe("2", NOTE, id=id_of(row))
        mutation = [await socket.receive() for _ in range(2)]

    assert query == [
        {"id": "1", "type": "next", "payload": {"data": {"viewer": {"name": "the bootstrap key"}}}},
        {"id": "1", "type": "complete"},
    ]
    assert mutation == [
        {"id": "2", "type": "next", "payload": {"data": {"addExperimentNote": {"ok": True}}}},
        {"id": "2", "type": "complete"},
    ]


async def test_what_may_not_run_is_an_error_and_ends_with_it(served: Gateway) -> None:
    async with served.socket() as socket:
        for query, code in (
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
            ("query($id: ID!) { node(id: $id) { id } }", "BAD_USER_INPUT"),
            (
                "subscription { a: events { cursor } b: events { cursor } }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
        ):
            await socket.subscribe("q", query)
            message = await socket.receive()
            assert (message["id"], message["type"]) == ("q", "error"), query
            assert {each["extensions"]["code"] for each in message["payload"]} == {code}, query
        assert await socket.silent()


async def test_numbers_of_any_size_are_answered_on_sockets_and_in_streams(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database, audience="[1180591620717411303425]")
    query = "query($id: ID!) { experiment(id: $id) { audience } }"
    async with served.socket() as socket:
        await socket.subscribe("q", query, id=id_of(row))
        assert await socket.data("q") == {"audience": [2**70 + 1]}
    async with streaming(served, query, id=id_of(row)) as stream:
        assert await stream.data() == {"audience": [2**70 + 1]}


async def test_a_field_that_fails_is_an_error_beside_the_data(served: Gateway) -> None:
    async with served.socket() as socket:
        await socket.subscribe("q", '{ viewer { name } experiment(id: "x") { id } }')
        message = await socket.receive()

    assert message["type"] == "next"
    assert message["payload"]["data"]["experiment"] is None
    assert message["payload"]["errors"][0]["path"] == ["experiment"]


async def test_an_id_names_one_operation_at_a_time_and_is_free_again_when_that_ends(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database)
    async with served.socket() as socket:
        for _ in range(3):
            await socket.subscribe("s", FROM, after=await served.ask("{ eventsCursor }"))
            await happen(database, row, "TOLD")
            assert (await socket.data("s"))["event"] == {"action": "TOLD"}
            await socket.send(type="complete", id="s")
        await happen(database, row, "UNTOLD")
        assert await socket.silent()
        await socket.subscribe("s", FROM, after=await served.ask("{ eventsCursor }"))
        await socket.subscribe("s", ALL)
        assert await socket.closed() == (4409, "Subscriber for s already exists")


async def test_what_nobody_has_begun_can_be_completed(served: Gateway) -> None:
    async with served.socket() as socket:
        await socket.send(type="complete", id="never")
        await socket.subscribe("q", WHO)
        assert await socket.data("q") == {"name": "the bootstrap key"}


async def test_so_many_operations_run_on_a_socket_and_no_more(served: Gateway) -> None:
    async with served.socket() as socket:
        for number in range(4):
            await socket.subscribe(str(number), ALL)
        refused = await socket.receive()
        await socket.send(type="complete", id="0")
        await socket.subscribe("4", ALL)
        silent = await socket.silent()

    assert (refused["id"], refused["type"]) == ("3", "error")
    assert refused["payload"][0]["message"] == (
        "At most 3 operations run on one socket at the same time."
    )
    assert refused["payload"][0]["extensions"] == {
        "code": "RATE_LIMITED",
        "limit": "MAX_SUBSCRIPTIONS",
        "maximum": 3,
    }
    assert silent


async def test_a_mutation_is_finished_though_the_client_leaves(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database)
    async with database.write() as holding:
        async with served.socket() as socket:
            await socket.subscribe("m", NOTE, id=id_of(row))
            await socket.send(type="complete", id="m")
            await socket.heard()
        await holding.rollback()
    query = "query($id: ID!) { experiment(id: $id) { notes { totalCount } } }"
    for _ in range(100):
        if (found := await served.ask(query, id=id_of(row)))["notes"]["totalCount"]:
            break
        await asyncio.sleep(0.05)

    assert found == {"notes": {"totalCount": 1}}


# --- Anything at all

PARTS = (
    '{"type":', '"subscribe"', '"connection_init"', '"complete"', '"ping"', '"id":', '"1"', "{",
    '"payload":', '"query":', '"{ viewer { name } }"', '"subscription { events { cursor } }"',
    "null", "}", ",", "[", "]", "1e999", "\\ud800", "\u0000",
    '"variables":', '"extensions":', "🦄", "-", ":",
)  # fmt: skip


def whole(random: Random) -> dict[str, Any]:
    """A message that is nearly one."""
    odd: tuple[Any, ...] = (
        None,
        1,
        "",
        [],
        {},
        "x" * 300,
        True,
        {"query": ALL},
        {"query": WHO, "variables": []},
    )
    kinds = ("connection_init", "subscribe", "complete", "ping", "pong", "next", None)
    return {
        "type": random.choice(kinds),
        "id": random.choice(("1", "2", *odd)),
        "payload": random.choice((*odd, AUTHORIZED, {"query": WHO}, {"query": ALL})),
    }


def anything(random: Random) -> str | bytes:
    """A frame of random bytes, of parts of messages, or of nearly a message."""
    kind = random.randrange(3)
    if kind == 0:
        return random.randbytes(random.randrange(200))
    if kind == 1:
        return "".join(random.choices(PARTS, k=random.randrange(12)))
    return json.dumps(whole(random))


@pytest.mark.large
@pytest.mark.parametrize("seed", [1, SystemRandom().randrange(10**9)], ids=["fixed", "random"])
async def test_whatever_is_sent_closes_its_own_socket_at_most(served: Gateway, seed: int) -> None:
    random = Random(seed)  # noqa: S311  made-up frames, and no secret
    codes = {1000, 1002, 1006, 1007, 1009, 4400, 4401, 4403, 4409, 4429}
    with capture_logs() as logged:
        for turn in range(1000 if SOAK else 100):
            async with served.socket(AUTHORIZED if turn % 2 else None) as socket:
                try:
                    for _ in range(random.randrange(1, 8)):
                        await socket.connection.send(anything(random))
                    if turn % 5 == 0:  # no frames at all
                        socket.connection.transport.write(random.randbytes(50))
                    await socket.send(type="ping", payload="still here")
                    while await socket.receive() != {"type": "pong", "payload": "still here"}:
                        pass
                except ConnectionClosed:
                    assert socket.connection.close_code in codes, f"seed {seed}"
    assert await served.ask(WHO) == {"name": "the bootstrap key"}
    assert [line for line in logged if line["event"] == "defect"] == [], f"seed {seed}"


async def test_a_document_that_was_sent_once_is_asked_for_by_its_hash(
    served: Gateway, database: Database
) -> None:
    row = await experiment(database)
    document = hashlib.sha256(ALL.encode()).hexdigest()
    async with served.socket() as socket:
        await socket.send(type="subscribe", id="1", payload={"documentId": f"sha256:{document}"})
        unknown = await socket.receive()
        persisted = {"persistedQuery": {"version": 1, "sha256Hash": document}}
        payload = {"query": ALL, "extensions": persisted}
        await socket.send(type="subscribe", id="1", payload=payload)
        await socket.send(type="subscribe", id="2", payload={"documentId": f"sha256:{document}"})
        await happen(database, row, "BOTH")
        told = [await socket.receive() for _ in range(2)]

    assert unknown["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert sorted(each["id"] for each in told) == ["1", "2"]
    assert all("BOTH" in str(each["payload"]) for each in told)
