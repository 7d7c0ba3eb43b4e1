"""Talking HTTP to a platform: patient where repeating is safe, once where it is not.

Reads are tried again; what changes something is sent once, and where its fate is unknown the error
says so. Retry-After and published limits are kept. Nothing of an answer that is an error gets into
a message or a log: it may hold what others must not see.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Protocol

import httpx
import stamina
from aiolimiter import AsyncLimiter

from connectors.errors import Arrived, PlatformFailed

TIMEOUT = httpx.Timeout(connect=5, read=30, write=10, pool=5)
ATTEMPTS = 4
LONGEST_WAIT = 30.0
"""A platform that asks for more patience than this is asked again some other time."""

LARGEST_ANSWER = 256 * 1024 * 1024
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the platform did what it was asked, as far as HTTP says."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def json(self) -> Any:
        """The document. Raises ValueError where there is none."""
        return json.loads(self.body)


class Credential(Protocol):
    """What a platform knows us by."""

    async def headers(self) -> Mapping[str, str]:
        """The headers of a call."""

    async def renew(self) -> bool:
        """Get a new one after the old was refused; whether that could be done."""


class Api:
    """One platform's API, as one source reaches it.

    ``per_minute`` is the platform's published limit. ``transport`` is for tests.
    """

    def __init__(
        self, source: str, url: str, credential: Credential, *, per_minute: float | None = None
    ) -> None:
        self.source = source
        self.url = url.rstrip("/")
        self._credential = credential
        self._client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
        self._limiter = AsyncLimiter(per_minute, 60) if per_minute else None

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Reply:
        """Read something; tried again while that may help. Raises PlatformFailed.

        A refusal (404 and the like) is an answer too, and comes back as it is.
        """
        async for attempt in stamina.retry_context(
            on=_patience, attempts=ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=5
        ):
            with attempt:
                return await self._once("GET", path, params=params)
        raise AssertionError("stamina ends with an answer or an error")

    async def send(self, method: str, path: str, document: Any = None) -> Reply:
        """Change something, once. Raises PlatformFailed, which says whether it may have arrived."""
        return await self._once(method, path, document=document)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        document: Any = None,
    ) -> Reply:
        reply = await self._exchange(method, path, params, document)
        if reply.status == HTTPStatus.UNAUTHORIZED and await self._credential.renew():
            reply = await self._exchange(method, path, params, document)
        if reply.status in TRANSIENT:
            raise self._transient(reply)
        return reply

    async def _exchange(
        self, method: str, path: str, params: Mapping[str, Any] | None, document: Any
    ) -> Reply:
        url = path if path.startswith(("http://", "https://")) else f"{self.url}/{path}"
        if self._limiter:
            await self._limiter.acquire()
        try:
            response = await self._client.request(
                method,
                url,
                params=params,
                json=document,
                headers={"Accept": "application/json", **await self._credential.headers()},
            )
        except NOT_SENT as error:
            raise self._failed("cannot be reached", Arrived.NO) from error
        except httpx.HTTPError as error:
            arrived = Arrived.NO if method == "GET" else Arrived.MAYBE
            raise self._failed("did not answer", arrived) from error
        return Reply(response.status_code, response.headers, response.content)

    def _transient(self, reply: Reply) -> PlatformFailed:
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            return PlatformFailed(
                self.source,
                "asks for patience: it was asked too often",
                arrived=Arrived.NO,
                status=reply.status,
                retry_after=retry_after(reply.headers),
            )
        return PlatformFailed(
            self.source,
            f"answered with HTTP status {reply.status}",
            arrived=Arrived.MAYBE,
            status=reply.status,
            retry_after=retry_after(reply.headers),
        )

    def _failed(self, reason: str, arrived: Arrived) -> PlatformFailed:
        return PlatformFailed(self.source, reason, arrived=arrived)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds to wait, by Retry-After (seconds or a date) or X-RateLimit-Reset."""
    said = headers.get("Retry-After")
    if said is None:
        reset = headers.get("X-RateLimit-Reset", "")
        return _until(datetime.fromtimestamp(float(reset), UTC)) if _is_number(reset) else None
    if _is_number(said):
        return max(0.0, float(said))
    try:
        return _until(parsedate_to_datetime(said))
    except (TypeError, ValueError):
        return None


def _patience(error: Exception) -> bool | float:
    """Whether to try again, or how many seconds to wait before."""
    if not isinstance(error, PlatformFailed) or not error.retryable:
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= LONGEST_WAIT else False


def _until(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
