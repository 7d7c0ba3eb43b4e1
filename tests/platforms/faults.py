"""What can go wrong between a platform and its client: one function for each kind of fault."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from starlette.responses import Response


class Fault(StrEnum):
    """The kinds of faults. Whether the request took effect stands beside each."""

    SLOW = "SLOW"
    """Answers after some seconds; takes effect then, whether or not the client still waits."""

    CUT_BEFORE = "CUT_BEFORE"
    """The connection is cut, and nothing took effect."""

    CUT_AFTER = "CUT_AFTER"
    """It takes effect, and the connection is cut without an answer."""

    RATE_LIMITED = "RATE_LIMITED"
    """429 in the platform's own form; nothing took effect."""

    FAILING = "FAILING"
    """500 with a body that holds what nobody must see; nothing took effect."""

    BAD_GATEWAY = "BAD_GATEWAY"
    """502 with a page of HTML, from something before the platform; nothing took effect."""

    WRONG_JSON = "WRONG_JSON"
    """200 with a body that calls itself JSON and is none; nothing took effect."""

    TRUNCATED = "TRUNCATED"
    """It takes effect, and the connection is cut after half of the answer's body."""

    EXPIRED = "EXPIRED"
    """The platform's own answer to a credential that has expired; nothing took effect."""


SECRETS = (
    "postgresql://platform:hunter2@10.20.30.40:5432/production",
    "sk_live_51NotForYourEyes",
    "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl",
    "jane.doe@customer.example",
)
"""What the body of FAILING holds, and no log, error or answer of ours may hold."""

FAILED = (
    '{"message": "Invalid prisma.experiment.update() invocation: PostgresError at '
    f'{SECRETS[0]}", "stack": "at charge({SECRETS[1]})", '
    f'"request": {{"authorization": "Bearer {SECRETS[2]}", "user": "{SECRETS[3]}"}}}}'
)
GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>upstream is gone</body></html>"
NO_JSON = "<!doctype html><p>We are back in a minute."


@dataclass(slots=True)
class Queued:
    """A fault that waits for requests: the next ``times`` that match ``method`` and ``path``.

    ``path`` is a part of the path with its query. ``reset`` cuts with a reset (RST) instead of a
    close (FIN).
    """

    kind: Fault
    times: int
    method: str | None
    path: str | None
    seconds: float
    reset: bool

    def matches(self, method: str, path: str) -> bool:
        """Whether it is for this request."""
        return self.method in {None, method} and (self.path is None or self.path in path)


class Half(Response):
    """An answer of whose body only half is sent."""


class Platform(Protocol):
    """What a fault must know of the platform that it happens to."""

    def too_often(self, seconds: float) -> Response:
        """The platform's own 429."""

    def unauthenticated(self, *, expired: bool) -> Response:
        """The platform's own answer to a credential that is not good."""


Run = Callable[[], Awaitable[Response]]
Play = Callable[[Platform, Queued, Run], Awaitable[Response | None]]
"""Answers a request; None where the connection is cut without an answer."""


async def _slow(_platform: Platform, fault: Queued, run: Run) -> Response:
    await asyncio.sleep(fault.seconds)
    return await run()


async def _cut_before(_platform: Platform, _fault: Queued, _run: Run) -> None:
    return None


async def _cut_after(_platform: Platform, _fault: Queued, run: Run) -> None:
    await run()


async def _rate_limited(platform: Platform, fault: Queued, _run: Run) -> Response:
    return platform.too_often(fault.seconds)


async def _failing(_platform: Platform, _fault: Queued, _run: Run) -> Response:
    return Response(FAILED, 500, media_type="application/json")


async def _bad_gateway(_platform: Platform, _fault: Queued, _run: Run) -> Response:
    return Response(GATEWAY, 502, media_type="text/html")


async def _wrong_json(_platform: Platform, _fault: Queued, _run: Run) -> Response:
    return Response(NO_JSON, 200, media_type="application/json")


async def _truncated(_platform: Platform, _fault: Queued, run: Run) -> Response:
    answer = await run()
    return Half(answer.body, answer.status_code, media_type="application/json")


async def _expired(platform: Platform, _fault: Queued, _run: Run) -> Response:
    return platform.unauthenticated(expired=True)


PLAYS: dict[Fault, Play] = {
    Fault.SLOW: _slow,
    Fault.CUT_BEFORE: _cut_before,
    Fault.CUT_AFTER: _cut_after,
    Fault.RATE_LIMITED: _rate_limited,
    Fault.FAILING: _failing,
    Fault.BAD_GATEWAY: _bad_gateway,
    Fault.WRONG_JSON: _wrong_json,
    Fault.TRUNCATED: _truncated,
    Fault.EXPIRED: _expired,
}
