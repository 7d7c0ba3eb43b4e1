"""Clients that follow changes, and a gateway on the test's own loop that they follow over TCP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

import models as m
from gateway import listening
from gateway.serving import Server
from gateway.settings import Settings
from models.database import Database
from resolvers import log
from resolvers.access import Viewer
from resolvers.context import Context
from resolvers.scopes import ADMIN

KEY = "the key of the tests, which is admin"
AUTHORIZED = {"Authorization": f"Api-Key {KEY}"}
PROTOCOL = Subprotocol("graphql-transport-ws")
BEGINNING = log.BEGINNING.cursor
"""Where those begin who must not miss what happens while they begin."""

PATIENCE = 30.0
"""Seconds after which a test that waits has failed."""

CAUSE = Viewer("tests", "the tests", frozenset({ADMIN}))
"""In whose name events happen."""

STREAM = {"Accept": "text/event-stream"}


@dataclass
class Gateway:
    """A gateway that listens on this machine."""

    url: str
    server: Server
    serving: "asyncio.Task[None]"
    client: httpx.AsyncClient

    async def ask(self, query: str, headers: Mapping[str, str] | None = None, **said: Any) -> Any:
        """The first field of what it answers; anything but data is a failure."""
        body = {"query": query, "variables": said}
        answer = (await self.client.post(f"{self.url}graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))

    async def stop(self) -> None:
        """Have it stop, and wait until it has."""
        self.server.stop()
        await asyncio.wait_for(self.serving, PATIENCE)

    @asynccontextmanager
    async def socket(
        self, authorization: Mapping[str, str] | None = AUTHORIZED, **options: Any
    ) -> AsyncIterator["Socket"]:
        """A socket, acknowledged unless no credential is given."""
        async with connect(self.address, subprotocols=[PROTOCOL], **options) as connection:
            socket = Socket(connection)
            if authorization is not None:
                await socket.send(type="connection_init", payload=dict(authorization))
                assert await socket.receive() == {"type": "connection_ack"}
            yield socket

    @property
    def address(self) -> str:
        """Where sockets are opened."""
        return f"ws://{urlsplit(self.url).netloc}/graphql"


@asynccontextmanager
async def serving(url: str, **settings: Any) -> AsyncIterator[Gateway]:
    """A gateway over a database, which listens until the block is left."""
    chosen = {"bootstrap_key": SecretStr(KEY), "show_cost": False, "schedule_seconds": 3600}
    server = Server(Settings(database_url=url, **{**chosen, **settings}))
    listener = listening.listen("127.0.0.1", 0)
    # What `serve` adds to it is about signals, which are the test runner's.
    task = asyncio.create_task(server._serve(sockets=[listener]))  # noqa: SLF001
    async with httpx.AsyncClient(headers=AUTHORIZED, timeout=PATIENCE) as client:
        gateway = Gateway(listening.url_of(listener), server, task, client)
        try:
            yield gateway
        finally:
            await gateway.stop()


@dataclass
class Socket:
    """A socket, and what was said over it."""

    connection: ClientConnection

    async def send(self, **message: Any) -> None:
        """Say something."""
        await self.connection.send(json.dumps(message))

    async def subscribe(self, id_: str, query: str, **variables: Any) -> None:
        """Ask for something."""
        payload = {"query": query, "variables": variables}
        await self.send(type="subscribe", id=id_, payload=payload)

    async def heard(self) -> None:
        """Wait until all that was said was heard. Nothing else may be said meanwhile."""
        await self.send(type="ping", payload="heard")
        assert await self.receive() == {"type": "pong", "payload": "heard"}

    async def receive(self) -> Any:
        """What is said next, beside pings."""
        async with asyncio.timeout(PATIENCE):
            while (message := json.loads(await self.connection.recv())) == {"type": "ping"}:
                pass
        return message

    async def data(self, id_: str) -> Any:
        """The first field of the next result, which must be that of one operation."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id_), message
        assert "errors" not in message["payload"], message
        return next(iter(message["payload"]["data"].values()))

    async def closed(self) -> tuple[int, str]:
        """The code and the reason with which the other side closes; what it says before is lost."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.connection.recv()
        return self.connection.close_code or 0, self.connection.close_reason or ""

    async def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing is said for a while."""
        try:
            async with asyncio.timeout(seconds):
                await self.receive()
        except TimeoutError:
            return True
        return False


@dataclass
class Stream:
    """Server-sent events as they come."""

    response: httpx.Response
    lines: AsyncIterator[str] = field(init=False)

    def __post_init__(self) -> None:
        """They are read once."""
        self.lines = self.response.aiter_lines()

    async def event(self) -> dict[str, str]:
        """The fields of the next event; comments are passed over. Empty at the end."""
        event: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self.lines:
                if not line and event:
                    return event
                name, colon, value = line.partition(":")
                if name and colon:
                    event[name] = value.removeprefix(" ")
        return event

    async def data(self) -> Any:
        """The first field of the next result."""
        event = await self.event()
        assert event["event"] == "next", event
        answer = json.loads(event["data"])
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))


@asynccontextmanager
async def streaming(
    gateway: Gateway, query: str, headers: Mapping[str, str] | None = None, **variables: Any
) -> AsyncIterator[Stream]:
    """A stream of one operation's answers."""
    body = {"query": query, "variables": variables}
    async with gateway.client.stream(
        "POST", f"{gateway.url}graphql", json=body, headers={**STREAM, **(headers or {})}
    ) as response:
        yield Stream(response)


async def happen(database: Database, experiment: m.Experiment, *names: str) -> list[int]:
    """Events about an experiment, each in a transaction of its own; their numbers."""
    numbers = []
    for name in names:
        async with Context(database, CAUSE).transaction() as change:
            numbers.append((await change.record(experiment, name, None, {"name": name})).id)
    return numbers


async def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until something holds, for so many seconds."""
    for _ in range(int(patience / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it does not hold")
