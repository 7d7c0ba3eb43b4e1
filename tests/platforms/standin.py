"""What the stand-ins of the platforms share: a journal, faults, a credential, and serving.

A stand-in answers over real HTTP as its platform does. Its state is plain dictionaries that a test
may read and change while it is served. What an object embeds is the very object that lists show.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any, ClassVar, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from tests.platforms.faults import PLAYS, Fault, Half, Queued
from tests.platforms.messages import Answer, Applied, Ask, Call, Handler, Refused, Routed, Row
from tests.platforms.serving import cut, serve

__all__ = [
    "Answer",
    "Applied",
    "Ask",
    "Call",
    "Fault",
    "Refused",
    "Routed",
    "Row",
    "StandIn",
    "fill",
    "now",
    "serve",
    "stamp",
]


class StandIn(ABC):
    """A platform's stand-in: an ASGI app. Served by `serve`, filled by `fill`.

    ``may_write`` False makes the credential one that may only read.
    """

    base: str
    scheme: ClassVar[str] = "Bearer"
    slashed: ClassVar[bool] = False
    """Whether paths may end in a slash."""

    unguarded: ClassVar[frozenset[str]] = frozenset()
    """Paths that need no credential."""

    harmless: ClassVar[str] = "(none)"
    """What the path of a POST ends in that needs no right to write."""

    def __init__(self, token: str) -> None:
        self.url = ""
        self.token = token
        self.may_write = True
        self.calls: list[Call] = []
        self.applied: list[Applied] = []
        self.experiments: dict[Any, Row] = {}
        self._expired: set[str] = set()
        self._faults: list[Queued] = []
        routes = [
            Route(path, self._endpoint(handler), methods=[method])
            for method, path, handler in self.routes()
        ]
        handlers = {HTTPException: self._plain}
        self._app = Starlette(routes=routes, exception_handlers=cast("Any", handlers))
        self._app.router.redirect_slashes = False

    # --- What a test does

    def expire_token(self) -> None:
        """Let the credential expire; a test may put another one into ``token``."""
        self._expired.add(self.token)

    def fail(
        self,
        kind: Fault,
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        seconds: float = 1.0,
        reset: bool = False,
    ) -> None:
        """Queue a fault for the next matching requests; see `Queued`."""
        self._faults.append(Queued(kind, times, method, path, seconds, reset))

    def clear(self) -> None:
        """Forget the calls, what was applied, and the faults; the state stays."""
        self.calls.clear()
        self.applied.clear()
        self._faults.clear()

    def one(self, status: str) -> Row:
        """The first experiment in a status, by the platform's own word for it."""
        return next(row for row in self.experiments.values() if self.status(row) == status)

    def record(self, experiment: int | str, action: str) -> None:
        """Write down that a change took effect."""
        self.applied.append(Applied(experiment, action, now()))

    # --- What a platform says of itself

    @abstractmethod
    def routes(self) -> list[Routed]:
        """Everything that is answered."""

    @abstractmethod
    def make(self, random: Random, experiments: int) -> None:
        """Replace the state by made-up content."""

    @abstractmethod
    def status(self, row: Row) -> str:
        """Where an experiment stands, in one word."""

    @abstractmethod
    def problem(self, status: int, text: str) -> Response:
        """The platform's own form of an error."""

    @abstractmethod
    def unauthenticated(self, *, expired: bool) -> Response:
        """The platform's own answer to a credential that is not good."""

    @abstractmethod
    def too_often(self, seconds: float) -> Response:
        """The platform's own 429."""

    def forbidden(self) -> Response:
        """The platform's own answer to a credential that may not do this."""
        return self.problem(403, "You do not have permission to perform this action.")

    def knows(self, token: str) -> bool:
        """Whether the credential is, or was, one of this platform."""
        return token == self.token

    # --- How a request is answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or fail as a queued fault says, and keep a journal."""
        body = await Request(scope, receive).body()
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        fault = self._due(scope["method"], path)

        async def run() -> Response:
            return await self._answer(scope, body)

        answer = await (PLAYS[fault.kind](self, fault, run) if fault else run())
        status = answer.status_code if answer else None
        self.calls.append(Call(scope["method"], path, status, now(), _document(body)))
        if answer is None or isinstance(answer, Half):
            await cut(answer, receive, send, reset=bool(fault and fault.reset))
        else:
            await answer(scope, receive, send)

    def _due(self, method: str, path: str) -> Queued | None:
        fault = next((each for each in list(self._faults) if each.matches(method, path)), None)
        if fault:
            fault.times -= 1
            if fault.times < 1:
                self._faults.remove(fault)
        return fault

    async def _answer(self, scope: Scope, body: bytes) -> Response:
        path = scope["path"]
        refusal = self.refusal(Request(scope), path)
        if refusal:
            return refusal
        if self.slashed and path.endswith("/"):
            scope = {**scope, "path": path.rstrip("/"), "raw_path": path.rstrip("/").encode()}
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        start, *chunks = messages
        answer = Response(b"".join(chunk.get("body", b"") for chunk in chunks), start["status"])
        answer.raw_headers = start["headers"]
        return answer

    def refusal(self, request: Request, path: str) -> Response | None:
        """Why a request is not let in; None where it is."""
        if path in self.unguarded:
            return None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != self.scheme or not self.knows(token):
            return self.unauthenticated(expired=False)
        if token in self._expired:
            return self.unauthenticated(expired=True)
        writes = request.method != "GET" and not path.endswith(self.harmless)
        return self.forbidden() if writes and not self.may_write else None

    def _endpoint(self, handler: Handler) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            body = _document(raw)
            if raw and body is None:
                return self.problem(400, "The body of the request is not JSON.")
            token = request.headers.get("authorization", "").partition(" ")[2]
            ask = Ask(request.path_params, request.query_params, body or {}, request.url, token)
            try:
                return handler(self, ask)
            except Refused as refused:
                return refused.response

        return endpoint

    async def _plain(self, _request: Request, error: HTTPException) -> Response:
        return self.problem(error.status_code, error.detail)


def fill(standin: StandIn, *, experiments: int = 24, seed: int = 1) -> None:
    """Replace the state by content that is the same for the same numbers, in every state."""
    standin.make(Random(seed), experiments)  # noqa: S311  content, and no secret


def now() -> datetime:
    """The moment of asking."""
    return datetime.now(UTC)


def stamp(moment: datetime | None = None) -> str:
    """A moment, now unless told otherwise, as platforms write it: to the millisecond, in UTC."""
    return f"{(moment or now()).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _document(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
