"""One line for each request, and every line, ours or a library's, in the same form."""

import logging
import re
import sys
import time
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, Processor

from gateway.errors import masked

REQUEST_ID = "X-Request-Id"
QUIET = ("/livez", "/readyz", "/assets/")
"""Where paths begin that are asked for too often to be told of."""

THEIRS = (
    "Invalid UTF-8 sequence received from client.",
    "ASGI callable returned without completing handshake.",  # what a refusal looks like to uvicorn
)
"""What uvicorn logs as errors of ours, with a traceback."""

log = structlog.get_logger("trialgraph.requests")


class Lines:
    """Writes our own lines to stderr.

    Through Python's logging one takes five times as long, which is a tenth of a short request.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def msg(self, line: str) -> None:
        """Write a line."""
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = exception = msg


def configure(level: str, *, as_json: bool) -> None:
    """Send every log line of this process to stderr in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    drawn = _json() if as_json else _console()
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *drawn],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=Lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *drawn],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    _quieten()


def _json() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumped)]


def _dumped(facts: EventDict, **_: Any) -> str:
    return orjson.dumps(facts, default=repr).decode()


def _console() -> list[Processor]:
    # The other renderers of tracebacks print local variables: values that clients sent.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


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
        request_id = _request_id(scope)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0
        started = time.perf_counter()
        ended: float | None = None

        async def watched(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)
            ended = time.perf_counter()  # what is done afterwards keeps no client waiting

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, watched)
            except Exception:
                log.exception("defect")
                if not status:
                    await _internal_error(request_id, watched)
            finally:
                _record(scope, state, status, (ended or time.perf_counter()) - started)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if re.fullmatch(r"[\w.:-]{1,64}", given, re.ASCII) else uuid4().hex


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
