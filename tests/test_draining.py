"""The gateway is told to stop: nobody is cut off in the middle, and nobody keeps it from ending."""

import asyncio
import signal
import time
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import models as m
from models.database import Database
from tests.following import BEGINNING, PROTOCOL, happen, streaming, until
from tests.following import serving as served
from tests.making import experiment, id_of
from tests.serving import KEY, serving

ALL = f'subscription {{ events(after: "{BEGINNING}") {{ event {{ action }} }} }}'
NOTE = """mutation($id: ID!) { addExperimentNote(input: {experiment: $id, note: "said"}) { ok } }"""
NOTES = "query($id: ID!) { experiment(id: $id) { notes { totalCount } } }"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
async def test_it_says_at_once_that_it_is_not_ready_and_answers_on_for_as_long_as_is_set(
    database_url: str,
) -> None:
    async with served(database_url, drain_seconds=4) as gateway, gateway.socket() as socket:
        before = await gateway.client.get(f"{gateway.url}readyz")
        gateway.server.stop()
        ready, live = [await gateway.client.get(gateway.url + path) for path in ("readyz", "livez")]
        await socket.subscribe("q", "{ viewer { name } }")
        answered = await socket.data("q")
        with pytest.raises(InvalidStatus) as refused:
            async with gateway.socket():
                pass

    assert (before.status_code, live.status_code) == (200, 200)
    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "unavailable", "reason": "The gateway stops."},
    )
    assert answered == {"name": "the bootstrap key"}
    assert refused.value.response.status_code == 503


@on_sqlite
async def test_streams_end_so_that_their_clients_come_again(
    database_url: str, database: Database
) -> None:
    row = await experiment(database)
    async with served(database_url) as gateway, gateway.socket() as socket:
        await socket.subscribe("s", ALL)
        async with streaming(gateway, ALL) as stream:
            await stream.event()
            await happen(database, row, "LAST")
            told = [await socket.data("s"), await stream.data()]
            stopping = asyncio.create_task(gateway.stop())
            messages = [message async for message in socket.connection]
            rest = await stream.event()
        await stopping

    assert [each["event"] for each in told] == [{"action": "LAST"}] * 2
    # `complete` would say that there is nothing to come again for.
    assert (messages, rest) == ([], {})
    assert (socket.connection.close_code, socket.connection.close_reason) == (
        1001,
        "The gateway stops.",
    )


async def test_what_is_under_way_is_finished(database_url: str, database: Database) -> None:
    row = await experiment(database)
    async with served(database_url) as gateway, gateway.socket() as socket:
        async with database.write() as holding:
            await holding.get_one(m.Experiment, row.id, with_for_update=True)
            await socket.subscribe("m", NOTE, id=id_of(row))
            await socket.heard()
            asked = asyncio.create_task(gateway.ask(NOTE, id=id_of(row)))
            await until(lambda: len(gateway.server.server_state.tasks) == 2)
            stopping = asyncio.create_task(gateway.stop())
            await asyncio.sleep(0.3)
            waits = not stopping.done()
        answers = [await asked, await socket.data("m")]
        assert await socket.closed() == (1001, "The gateway stops.")
        await stopping
    async with served(database_url) as gateway:
        notes = await gateway.ask(NOTES, id=id_of(row))

    assert waits
    assert answers == [{"ok": True}] * 2
    assert notes == {"notes": {"totalCount": 2}}


@on_sqlite
async def test_who_never_leaves_is_left_when_the_time_is_over(
    database_url: str, database: Database
) -> None:
    row = await experiment(database)
    async with served(database_url, shutdown_seconds=1) as gateway:
        async with database.write(), gateway.socket() as socket:
            await socket.subscribe("m", NOTE, id=id_of(row))
            await socket.heard()
            await gateway.stop()
        assert gateway.serving.done()


def test_a_process_ends_with_0_though_streams_are_open(tmp_path: Path) -> None:
    with serving(tmp_path) as gateway:
        address = gateway.url.replace("http", "ws") + "graphql"
        headers = {"Authorization": f"Api-Key {KEY}"}
        with (
            connect(address, subprotocols=[PROTOCOL], additional_headers=headers) as socket,
            httpx.stream(
                "POST",
                f"{gateway.url}graphql",
                json={"query": ALL},
                headers={**headers, "Accept": "text/event-stream"},
            ) as response,
        ):
            lines = response.iter_lines()
            assert next(lines).startswith("id: ")
            assert gateway.stop(signal.SIGTERM) == 0
            assert list(lines) == [""]
            with pytest.raises(Exception, match="The gateway stops"):
                socket.recv(timeout=5)
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()


def test_a_second_signal_ends_the_process_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, drain_seconds="300") as gateway:
        gateway.ask("{ __typename }")  # before it answers, the first signal ends it at once
        gateway.process.send_signal(signal.SIGTERM)
        for _ in range(100):
            if httpx.get(f"{gateway.url}readyz").status_code == 503:
                break
            time.sleep(0.05)
        assert gateway.process.poll() is None
        assert gateway.stop(signal.SIGTERM) == -signal.SIGTERM
