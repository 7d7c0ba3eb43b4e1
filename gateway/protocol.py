"""HTTP and WebSockets as uvicorn reads them, but for what it does not expect of a client.

The head of a request has an end, and soon.
"""

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from gateway.accept import JSON
from gateway.errors import Refused, plain

MAX_HEAD = 64_000
"""The most bytes of a URL with all headers; what comes in one piece may be more."""
HEAD_SECONDS = 10.0


class Protocol(HttpToolsProtocol):
    """One connection. By itself uvicorn keeps all that it gets of a head and waits for the rest."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.url = b""
        self._fed = 0
        """How many bytes have come since a head or a whole request has ended."""
        self._late: asyncio.TimerHandle | None = None

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._late = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def on_headers_complete(self) -> None:
        """A head has ended."""
        self._ended()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request has ended, and another one may follow in the same piece."""
        self._fed = 0
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._ended()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More of a request has come."""
        self._fed += len(data)
        super().data_received(data)
        if self._late is not None and self._fed > MAX_HEAD:
            self._refuse(self._too_large())

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, or has a URL that cannot be taken apart, as GraphQL does."""
        is_long = len(self.url) > MAX_HEAD
        self._refuse(self._too_large() if is_long else Refused(HTTPStatus.BAD_REQUEST, msg))

    def _too_large(self) -> Refused:
        status = 414 if len(self.url) > MAX_HEAD // 2 else 431
        message = f"The URL and the headers are too large: at most {MAX_HEAD} bytes are read."
        return Refused(status, message)

    def _give_up(self) -> None:
        message = f"The headers had not come whole after {HEAD_SECONDS:g} s."
        self._refuse(Refused(HTTPStatus.REQUEST_TIMEOUT, message))

    def _ended(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late, self._fed = None, 0

    def _refuse(self, refusal: Refused) -> None:
        self._ended()
        body = orjson.dumps({"errors": [plain(refusal.message, refusal.code)]})
        head = (
            STATUS_LINE[refusal.status],
            b"content-type: %b; charset=utf-8\r\n" % JSON.encode(),
            b"content-length: %d\r\n" % len(body),
            b"connection: close\r\n\r\n",
        )
        self.transport.write(b"".join((*head, body)))
        self.transport.close()


class SocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket. By itself uvicorn fails at what is no text where the socket closes with it."""

    def send_receive_event_to_app(self) -> None:
        """A message has come."""
        with suppress(InvalidState):  # it cannot be answered that it is no text: all is closed
            super().send_receive_event_to_app()
