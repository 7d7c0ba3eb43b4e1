"""Gateways as real processes, which may be killed, before a platform that survives."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Self

import httpx
from sqlalchemy import update
from sqlmodel import col, select
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

import models as m
from models.base import now
from models.database import Database
from tests.platforms.serving import cut
from tests.platforms.standin import StandIn

COMMAND = (sys.executable, "-m", "trialgraph", "serve")
KEY = "the key of the tests, which is admin"
AUTHORIZED = {"Authorization": f"Api-Key {KEY}"}
PATIENCE = 180.0
"""Seconds after which a test that waits has failed."""


@dataclass
class Point:
    """Where something is done to whoever is at the platform's door.

    ``before`` the platform sees the request, or after it answered and before anybody hears so.
    ``lost`` requests never reach the platform.
    """

    act: Callable[[], None]
    method: str = "PUT"
    before: bool = True
    lost: bool = False
    after: str | None = None
    """The method of a request that must have come before."""


class Door:
    """What stands before a stand-in: it knows who is inside, and does things at points."""

    def __init__(self, standin: StandIn, latency: float = 0.0) -> None:
        self.standin = standin
        self.base = standin.base
        self.url = ""
        self.inside = 0
        self.point: Point | None = None
        self._latency = latency
        self._random = Random(1)  # noqa: S311  how long calls take, and no secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in."""
        self.inside += 1
        try:
            with suppress(ClientDisconnect):
                await self._let_in(scope, await _whole(scope, receive), send)
        finally:
            self.inside -= 1

    async def empty(self) -> None:
        """Wait until nobody is inside: what was sent has taken effect by then."""
        for _ in range(int(PATIENCE / 0.005)):
            if not self.inside:
                return
            await asyncio.sleep(0.005)
        raise AssertionError("somebody stays at the platform")

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._latency:
            await asyncio.sleep(self._random.uniform(0, self._latency))
        point = self._due(scope["method"])
        if point is None:
            await self.standin(scope, receive, send)
            return
        if point.before:
            point.act()
        if point.lost:
            await cut(None, receive, send, reset=False)
            return

        async def answer(message: Message) -> None:
            if not point.before and message["type"] == "http.response.start":
                point.act()
            await send(message)

        await self.standin(scope, receive, answer)

    def _due(self, method: str) -> Point | None:
        point = self.point
        if point is None:
            return None
        if point.after is not None:
            point.after = None if point.after == method else point.after
            return None
        if point.method != method:
            return None
        self.point = None
        return point


async def _whole(scope: Scope, receive: Receive) -> Receive:
    """What a request says, when all of it has come. Raises ClientDisconnect."""
    body = await Request(scope, receive).body()
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


@dataclass
class Gateway:
    """A running `trialgraph serve`."""

    process: "subprocess.Popen[str]"
    url: str

    def kill(self) -> None:
        """End it as it stands."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@dataclass
class Fleet:
    """Gateways on one database, before one platform; used as a context, which ends them all."""

    folder: Path
    database: Database
    door: Door
    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    running: list[Gateway] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        """Nothing runs yet."""
        self._client = httpx.AsyncClient(headers=AUTHORIZED, timeout=30)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End whatever runs."""
        for gateway in self.running:
            gateway.kill()
        await self._client.aclose()

    async def start(self, **settings: str) -> Gateway:
        """Another gateway, which takes requests and is about to answer them."""
        chosen = {
            "database_url": self.url,
            "port": "0",
            "bootstrap_key": KEY,
            "secrets_file": str(self.folder / "secrets.json"),
            "sync_seconds": "0",
            "schedule_seconds": "0.1",
            **self.settings,
            **settings,
        }
        starting = asyncio.create_task(asyncio.to_thread(self._started, chosen))
        try:
            gateway = await asyncio.shield(starting)
        except asyncio.CancelledError:
            (await starting).kill()
            raise
        self.running.append(gateway)
        return gateway

    async def ready(self, gateway: Gateway) -> None:
        """Wait until one answers."""
        answer = await self._client.get(f"{gateway.url}readyz", timeout=PATIENCE)
        assert answer.is_success, answer.text

    async def kill(self, gateway: Gateway) -> None:
        """End one with SIGKILL, and let go by what it left."""
        self.running.remove(gateway)
        gateway.kill()
        await self.outlive(gateway)

    async def outlive(self, gateway: Gateway) -> None:
        """Let the time pass after which nobody doubts that a dead process is dead.

        A lease is longer than any call takes: what was sent has arrived before it runs out.
        """
        await self.door.empty()
        dead = col(m.Delivery.leased_by).contains(f"/{gateway.process.pid}/")
        async with self.database.write() as session:
            past = now() - timedelta(seconds=1)
            await session.execute(update(m.Delivery).where(dead).values(lease_until=past))

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data that some gateway answers, asked again for as long as none does."""
        body = {"query": query, "variables": variables}
        until, turn = monotonic() + PATIENCE, 0
        while monotonic() < until:
            turn += 1
            with suppress(httpx.HTTPError, IndexError):
                url = self.running[turn % len(self.running) if self.running else 0].url
                answer = (await self._client.post(f"{url}graphql", json=body)).json()
                if "errors" not in answer:
                    return next(iter(answer["data"].values()))
                codes = {error["extensions"]["code"] for error in answer["errors"]}
                assert codes == {"DATABASE_BUSY"}, answer
            await asyncio.sleep(0.05)
        raise AssertionError("no gateway answers")

    async def settled(self) -> list[m.Delivery]:
        """Every delivery, when there is none left on its way."""
        for _ in range(int(PATIENCE / 0.05)):
            found = await self.deliveries()
            if not any(each.state in m.delivery.UNSETTLED for each in found):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError([(each.verb, each.state) for each in found])

    async def deliveries(self) -> list[m.Delivery]:
        """Every delivery as it stands."""
        statement = select(m.Delivery).order_by(col(m.Delivery.id))
        async with self.database.read() as session:
            return list(await session.scalars(statement))

    def _started(self, settings: Mapping[str, str]) -> Gateway:
        named = {f"TRIALGRAPH_{name.upper()}": value for name, value in settings.items()}
        inherited = {name: text for name, text in os.environ.items() if "TRIALGRAPH" not in name}
        with (self.folder / "stderr.txt").open("a") as errors:
            process = subprocess.Popen(
                COMMAND,
                cwd=self.folder,
                env=inherited | named | {"PYTHONUNBUFFERED": "1"},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        if found is None:
            process.kill()
            process.communicate()
            raise AssertionError((self.folder / "stderr.txt").read_text())
        return Gateway(process, found[0])
