"""Serving a stand-in over TCP in a thread of its own, and cutting its connections."""

import asyncio
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Protocol, TypeVar, cast

import uvicorn
from starlette.types import Receive, Scope, Send

from tests.platforms.faults import Half


class Served(Protocol):
    """An app that knows where it is reached."""

    base: str
    url: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""


S = TypeVar("S", bound=Served)


@contextmanager
def serve(standin: S, port: int = 0) -> Iterator[S]:
    """Serve it on a port of 127.0.0.1, a free one unless told otherwise."""
    # Named TCP, or asyncio would not switch Nagle's algorithm off: 40 ms for each answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    standin.url = f"http://127.0.0.1:{listener.getsockname()[1]}{standin.base}"
    config = uvicorn.Config(
        standin,
        loop="asyncio",  # it writes at once, so that half a body is sent before a cut
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield standin
    finally:
        server.should_exit = True
        thread.join(10)


def _await_start(server: uvicorn.Server, thread: Thread) -> None:
    deadline = time.monotonic() + 10
    while not server.started:
        assert thread.is_alive(), "a stand-in did not start"
        assert time.monotonic() < deadline, "a stand-in takes too long to start"
        time.sleep(0.002)


class _Cycle(Protocol):
    """What uvicorn's ``send`` belongs to: nothing in ASGI can cut a connection."""

    transport: asyncio.Transport


async def cut(half: Half | None, receive: Receive, send: Send, *, reset: bool) -> None:
    """Cut the connection after half an answer or none, with a close or with a reset."""
    cycle = cast("_Cycle", send.__self__)  # type: ignore[attr-defined]  # see _Cycle
    if half:
        body = half.body[: len(half.body) // 2]
        start = {"status": half.status_code, "headers": half.raw_headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": body, "more_body": True})
    if reset:
        connection = cycle.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    cycle.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass  # uvicorn would take an earlier end for a defect
