"""Answers as server-sent events: one stream for one operation.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, "distinct connections mode"
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.draining import Draining
from gateway.encoding import encoded
from gateway.errors import Invalid
from gateway.following import Subscriptions, explained
from gateway.operations import Operation
from gateway.settings import Settings
from gateway.standing import Standing

EVENT_STREAM = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

HERE = ":\n\n"
COMPLETE = "event: complete\ndata:\n\n"

PATIENCE = 30.0
"""Seconds that a client has to take what is sent."""


class Streams:
    """Answers operations by streams."""

    def __init__(
        self, subscriptions: Subscriptions, settings: Settings, draining: Draining
    ) -> None:
        self._subscriptions = subscriptions
        self._pulse = settings.keep_alive_seconds
        self._most = settings.max_streams
        self._draining = draining

    def respond(self, request: Request, operation: Operation) -> Response:
        """The answers to an operation; a subscription goes on behind the header Last-Event-ID.

        Raises Refused where there is no room for one more stream.
        """
        self._draining.require_room(self._most)
        standing = self._subscriptions.standing(request.headers.getlist("authorization"))
        resume = request.headers.get("last-event-id")
        events = self._events(operation, standing, request.state.request_id, resume)
        return Stream(events, standing, self._pulse, self._draining)

    def refuse(self, request: Request, problem: Invalid) -> Response:
        """The answer to an operation that may not run."""
        errors = explained(problem, request.state.request_id)
        return Response(next_({"errors": errors}) + COMPLETE, 200, HEADERS, EVENT_STREAM)

    async def _events(
        self, operation: Operation, standing: Standing, request_id: str, resume: str | None
    ) -> AsyncGenerator[str]:
        try:
            found = self._subscriptions.answers(operation, standing, resume)
            async with aclosing(found) as answers:
                async for answer in answers:
                    place = f"id: {answer.cursor}\n" if answer.cursor else ""
                    if answer.result is None:
                        yield f"{place}\n"
                    else:
                        yield place + next_(answer.shown(request_id))
        except Exception as problem:  # noqa: BLE001  what is a defect is logged with its answer
            yield next_({"errors": explained(problem, request_id)})
        yield COMPLETE


class Stream(Response):
    """An operation's answers, as they come.

    It ends without the event `complete` where the client is to come again: when the process stops,
    and when what is sent is not taken.
    """

    def __init__(
        self, events: AsyncGenerator[str], standing: Standing, pulse: float, draining: Draining
    ) -> None:
        super().__init__(headers=HEADERS, media_type=EVENT_STREAM)
        del self.headers["content-length"]
        self._events = events
        self._standing = standing
        self._pulse = pulse
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until there is no more, or a reason to end."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        # What is done after other answers is done beside this one, which may last for days.
        beside = asyncio.ensure_future(self.background()) if self.background else None
        with self._draining.stream():
            await self._sent(scope, receive, send)
        if beside is not None:
            await beside

    async def _sent(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do all at once until one of it ends."""
        works = (
            self._write(send),
            self._keep_alive(send),
            self._look(send, scope["state"]["request_id"]),
            self._draining.ended(),
            _left(receive),
        )
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            await _send(send, "", more=False)

    async def _write(self, send: Send) -> None:
        async with aclosing(self._events) as events:
            async for event in events:
                await _send(send, event)

    async def _keep_alive(self, send: Send) -> None:
        """Show that we are here."""
        while True:
            await asyncio.sleep(self._pulse)
            await _send(send, HERE)

    async def _look(self, send: Send, request_id: str) -> None:
        """Look whether the client may still be here."""
        refusal = await self._standing.lost(self._pulse)
        await _send(send, next_({"errors": explained(refusal, request_id)}) + COMPLETE)


def next_(answer: dict[str, Any]) -> str:
    """One answer as an event."""
    return f"event: next\ndata: {encoded(answer).decode()}\n\n"


async def _send(send: Send, text: str, *, more: bool = True) -> None:
    """Send a part. Raises TimeoutError where it is not taken."""
    async with asyncio.timeout(PATIENCE):
        await send({"type": "http.response.body", "body": text.encode(), "more_body": more})


async def _left(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
