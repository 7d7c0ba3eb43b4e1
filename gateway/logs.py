"""One line for each request, and every line, ours or a library's, in the same form."""

import json
import logging
import random
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, Processor

from gateway.errors import masked

REQUEST_ID = b"x-request-id"
GOOD_ID = re.compile(rb"[\w.:-]{1,64}", re.ASCII)
QUIET = ("/livez", "/readyz", "/assets/")
"""Where paths begin that are asked for too often to be told of."""

THEIRS = (
    "Invalid UTF-8 sequence received from client.",
    "ASGI callable returned without completing handshake.",  # what a refusal looks like to uvicorn
)
"""What uvicorn logs as errors of ours, with a traceback."""

log = structlog.get_logger("trialgraph.requests")


class Lines(structlog.BytesLogger):
    """Writes lines to a stream. Where it is full or closed, they are lost, and nothing else is."""

    def msg(self, message: bytes) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def configure(level: str, *, as_json: bool) -> None:
    """Send every log line of this process to stderr in one form.

    Ours go there straight; through `logging`, as those of libraries go, a line costs as much as
    all else that is done for a small request.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering = _json() if as_json else _console()
    stderr = sys.stderr.buffer
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *names: Lines(stderr, name=names[0] if names else None),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering,
                _text,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    _quieten()


def _json() -> list[Processor]:
    rendered = structlog.processors.JSONRenderer(serializer=_dumped)
    return [structlog.processors.format_exc_info, rendered]


def _dumped(event: EventDict, default: Callable[[Any], Any]) -> bytes:
    try:
        return orjson.dumps(event, default, orjson.OPT_NON_STR_KEYS)
    except TypeError:  # as in gateway.encoding
        return json.dumps(event, default=default).encode()


def _console() -> list[Processor]:
    # The other renderers of tracebacks print local variables: values that clients sent.
    plain = structlog.dev.plain_traceback
    pretty = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    return [pretty, _bytes]


def _bytes(_logger: Any, _method: str, line: Any) -> bytes:
    return str(line).encode(errors="backslashreplace")


def _text(_logger: Any, _method: str, line: Any) -> str:
    return bytes(line).decode()


def _quieten() -> None:
    # Strawberry logs every error of every client with a traceback; gateway.errors logs defects.
    logging.getLogger("strawberry.execution").disabled = True
    for name in ("alembic", "aiosqlite", "asyncio", "httpcore", "httpx", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_theirs)


def _theirs(record: logging.LogRecord) -> bool:
    """A log line, after what clients get wrong on sockets is no error of ours any more."""
    if record.msg in THEIRS:
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = None
    return True


class RequestLog:
    """Gives each request an id, logs it when it is answered, and masks what nobody caught.

    An id that the client sends is kept. The endpoint may leave `operation` and `operation_type`
    in the request's state; variables are never logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = _request_id(scope)
        request_id = sent.decode()
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0
        started = time.perf_counter()
        ended: float | None = None

        async def watched(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, sent)]
            await send(message)
            ended = time.perf_counter()  # what is done afterwards keeps no client waiting

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, watched)
        except Exception:
            log.exception("defect")
            if not status:
                await _internal_error(request_id, watched)
        finally:
            _record(scope, state, status, (ended or time.perf_counter()) - started)
            structlog.contextvars.reset_contextvars(**bound)


def _request_id(scope: Scope) -> bytes:
    """The one that the client sends, if it is one, or else a new one, which is no secret."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID:
            if GOOD_ID.fullmatch(value):
                return bytes(value)
            break
    return b"%032x" % random.getrandbits(128)


async def _internal_error(request_id: str, send: Send) -> None:
    body = orjson.dumps({"errors": [masked(request_id)]})
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _record(scope: Scope, state: dict[str, Any], status: int, seconds: float) -> None:
    facts: EventDict = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    for name in ("operation", "operation_type"):
        if state.get(name):
            facts[name] = state[name]
    level = logging.DEBUG if scope["path"].startswith(QUIET) else logging.INFO
    log.log(level, "request", **facts)
