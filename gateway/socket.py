"""One socket that speaks graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import uuid4

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.auth import Unauthenticated
from gateway.draining import STOPS, Draining
from gateway.encoding import encoded
from gateway.errors import Invalid, Refused
from gateway.following import Subscriptions
from gateway.operations import Operations
from gateway.performing import Message, Performing
from gateway.request import checked
from gateway.settings import Settings
from gateway.standing import Standing
from models.errors import ExpectedError

PROTOCOL = "graphql-transport-ws"

GOING_AWAY = 1001
ABNORMAL = 1006
BAD_REQUEST = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
INITIALISED_TOO_LATE = 4408
SUBSCRIBER_EXISTS = 4409
INITIALISED_TWICE = 4429
INTERNAL_ERROR = 4500

PATIENCE = 10.0
"""Seconds until a client must have said who it is."""

LONGEST_ID = 255
LONGEST_REASON = 123
"""How many bytes a close frame has room for."""

log = structlog.get_logger("trialgraph.sockets")


class Close(NamedTuple):
    """Why a socket is closed."""

    code: int
    reason: str


class Socket:
    """A socket that is open."""

    def __init__(
        self,
        websocket: WebSocket,
        operations: Operations,
        subscriptions: Subscriptions,
        settings: Settings,
        draining: Draining,
    ) -> None:
        self._websocket = websocket
        self._operations = operations
        self._subscriptions = subscriptions
        self._pulse = settings.keep_alive_seconds
        self._draining = draining
        self._id = uuid4().hex
        self._standing: Standing | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: asyncio.Future[Close | None] = asyncio.get_running_loop().create_future()
        self._performing = Performing(
            subscriptions, self._send, self._refuse, self._id, settings.max_subscriptions
        )
        self._handlers: Mapping[str, Callable[[Message], Awaitable[Close | None]]] = {
            "connection_init": self._initialise,
            "ping": self._ping,
            "pong": self._pong,
            "subscribe": self._subscribe,
            "complete": self._complete,
        }

    async def run(self) -> None:
        """Speak until the client leaves, or there is a reason to close."""
        with structlog.contextvars.bound_contextvars(request_id=self._id):
            for work in (self._listen, self._keep_alive, self._drain):
                self._begin(work())
            try:
                close = await self._closing
            finally:
                for task in self._tasks:
                    task.cancel()
                await self._performing.abandon()
        if close is not None:
            reason = close.reason.encode()[:LONGEST_REASON].decode(errors="ignore")
            with suppress(WebSocketDisconnect, RuntimeError):
                await self._websocket.close(close.code, reason)

    def _begin(self, work: Coroutine[Any, Any, Close | None]) -> None:
        self._tasks.append(asyncio.create_task(self._closed_by(work)))

    async def _closed_by(self, work: Coroutine[Any, Any, Close | None]) -> None:
        """Work until there is a reason to close; None is that the client has left."""
        try:
            self._close(await work)
        except WebSocketDisconnect:
            self._close(None)
        except Exception:
            log.exception("defect")
            self._close(Close(INTERNAL_ERROR, "Internal server error"))

    def _close(self, close: Close | None) -> None:
        if not self._closing.done():
            self._closing.set_result(close)

    def _refuse(self, refusal: Unauthenticated) -> None:
        self._close(Close(FORBIDDEN, refusal.message))

    async def _drain(self) -> Close:
        """Wait until the process stops; what has an end is finished first."""
        await self._draining.ended()
        await self._performing.finish()
        return Close(GOING_AWAY, STOPS)

    async def _keep_alive(self) -> None:
        """Show that we are here."""
        while True:
            await asyncio.sleep(self._pulse)
            if self._standing is not None:
                await self._send({"type": "ping"})

    async def _look(self, standing: Standing) -> Close:
        """Look whether the client may still be here."""
        return Close(FORBIDDEN, (await standing.lost(self._pulse)).message)

    async def _listen(self) -> Close | None:
        try:
            async with asyncio.timeout(PATIENCE) as patience:
                while True:
                    received = await self._websocket.receive()
                    if received["type"] == "websocket.disconnect":
                        return None
                    if (close := await self._heard(received)) is not None:
                        return close
                    if self._standing is not None:
                        patience.reschedule(None)
        except TimeoutError:
            return Close(INITIALISED_TOO_LATE, "Connection initialisation timeout")

    async def _heard(self, received: Mapping[str, Any]) -> Close | None:
        try:
            message = orjson.loads(received.get("text") or b"")
        except orjson.JSONDecodeError:
            return Close(BAD_REQUEST, "A message must be JSON in a text frame.")
        if not isinstance(message, dict):
            return Close(BAD_REQUEST, "A message must be a JSON object.")
        kind = message.get("type")
        handle = self._handlers.get(kind) if isinstance(kind, str) else None
        if handle is None:
            return Close(BAD_REQUEST, f"There is no message of the type {str(kind)[:40]!r}.")
        return await handle(message)

    async def _initialise(self, message: Message) -> Close | None:
        if self._standing is not None:
            return Close(INITIALISED_TWICE, "Too many initialisation requests")
        payload = message.get("payload") or {}
        if not isinstance(payload, dict):
            return Close(BAD_REQUEST, "The payload of connection_init must be an object.")
        given = payload.get("Authorization", payload.get("authorization"))
        if not isinstance(given, str | None):
            return Close(BAD_REQUEST, "Authorization must be a string.")
        held = self._websocket.headers.getlist("authorization") if given is None else [given]
        standing = self._subscriptions.standing(tuple(held))
        try:
            viewer = await standing.viewer()
        except Refused as refusal:
            return Close(FORBIDDEN, refusal.message)
        except ExpectedError as failure:
            return Close(INTERNAL_ERROR, failure.message)
        self._standing = standing
        self._begin(self._look(standing))
        await self._send({"type": "connection_ack"})
        if (used := self._operations.used(viewer)) is not None:
            await used()
        return None

    async def _ping(self, message: Message) -> None:
        payload = {name: message[name] for name in ("payload",) if name in message}
        await self._send({"type": "pong", **payload})

    async def _pong(self, _: Message) -> None:
        """The client is here."""

    async def _complete(self, message: Message) -> Close | None:
        id_ = message.get("id")
        if not isinstance(id_, str):
            return Close(BAD_REQUEST, "complete takes the id of an operation.")
        self._performing.end(id_)
        return None

    async def _subscribe(self, message: Message) -> Close | None:
        id_ = message.get("id")
        if not isinstance(id_, str) or not 0 < len(id_) <= LONGEST_ID:
            return Close(BAD_REQUEST, f"subscribe takes an id of 1 to {LONGEST_ID} characters.")
        if self._standing is None:
            return Close(UNAUTHORIZED, "Unauthorized")
        if id_ in self._performing:
            return Close(SUBSCRIBER_EXISTS, f"Subscriber for {id_} already exists")
        try:
            asked = checked(message.get("payload"))
        except Refused as refusal:
            return Close(BAD_REQUEST, refusal.message)
        try:
            operation = self._operations.find(asked, await self._standing.viewer())
            self._performing.require_room(operation)
        except Unauthenticated as refusal:
            return Close(FORBIDDEN, refusal.message)
        except (ExpectedError, Invalid, Refused) as problem:
            await self._performing.refused(id_, problem)
        else:
            self._performing.begin(id_, operation, self._standing)
        return None

    async def _send(self, message: Message) -> None:
        text = encoded(message).decode()
        try:
            await self._websocket.send_text(text)
        except RuntimeError:  # the server has closed it, because of a frame that is none
            raise WebSocketDisconnect(ABNORMAL) from None
