"""Talking HTTP to a platform: patient where repeating is safe, once where it is not.

Reads are tried again; what changes something is sent once, and where its fate is unknown the error
says so. Retry-After and published limits are kept. Nothing of an answer that is an error gets into
a message or a log: it may hold what others must not see.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isfinite
from typing import Any, Protocol

import httpx
import orjson
import stamina
from aiolimiter import AsyncLimiter

from connectors.errors import Arrived, PlatformFailed

TIMEOUT = httpx.Timeout(connect=5, read=30, write=10, pool=5)
ATTEMPTS = 4
LONGEST_WAIT = 30.0
"""A platform that asks for more patience than this is asked again some other time."""

LONGEST_CALL = 60.0
"""Seconds after which an answer that trickles in is given up."""

LARGEST_ANSWER = 256 * 1024 * 1024
A_DAY = 86400.0
A_MOMENT = 1e8
"""Below this X-RateLimit-Reset counts seconds from now; from here on, those since 1970."""

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
EXPIRED: frozenset[int] = frozenset({HTTPStatus.UNAUTHORIZED})
UNREAD = dict.fromkeys((401, 403), "refuses the credential that this gateway has for it")


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
        """Get a new one after the old was refused; whether that could be done.

        Like `headers` it may raise httpx.HTTPError where that takes a call.
        """


class Api:
    """One platform's API, as one source reaches it.

    ``per_minute`` is the platform's published limit, ``expired`` are the statuses after which the
    credential is renewed. Where answers say that nothing is left of
    another limit, the next call waits until there is.
    """

    def __init__(
        self,
        source: str,
        url: str,
        credential: Credential,
        *,
        per_minute: float | None = None,
        expired: frozenset[int] = EXPIRED,
    ) -> None:
        self.source = source
        self.url = url.rstrip("/")
        self._credential = credential
        self._client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
        self._expired = expired
        self._limiter = AsyncLimiter(per_minute, 60) if per_minute else None
        self._nothing_left_until = datetime.min.replace(tzinfo=UTC)

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

    async def find(self, path: str, params: Mapping[str, Any] | None = None) -> Reply | None:
        """Read something that may be gone, which None says. Raises PlatformFailed.

        Any other refusal says nothing of what there is, and is a failure.
        """
        reply = await self.get(path, params)
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        if not reply.ok:
            raise self.unread(reply)
        return reply

    async def want(self, path: str, params: Mapping[str, Any] | None = None) -> Reply:
        """Read something that must be there. Raises PlatformFailed."""
        reply = await self.find(path, params)
        if reply is None:
            raise self._failed("does not have what it should have", Arrived.NO)
        return reply

    def unread(self, reply: Reply) -> PlatformFailed:
        """The failure where the platform refuses to be read."""
        reason = UNREAD.get(reply.status, f"refused to be read, with HTTP status {reply.status}")
        return PlatformFailed(
            self.source, reason, arrived=Arrived.NO, status=reply.status, retryable=False
        )

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
        if reply.status in self._expired and await self._renewed():
            reply = await self._exchange(method, path, params, document)
        arrived = Arrived.NO if method == "GET" else Arrived.MAYBE
        if reply.status in TRANSIENT:
            raise self._transient(reply, arrived)
        if reply.ok and not _is_json(reply.body, empty=method != "GET"):
            raise self._failed("answered with something that is no JSON", arrived)
        return reply

    async def _renewed(self) -> bool:
        """Whether there is another credential. Raises PlatformFailed where that cannot be told."""
        try:
            return await self._credential.renew()
        except httpx.HTTPError as error:
            raise self._failed("gave no token", Arrived.NO) from error

    async def _exchange(
        self, method: str, path: str, params: Mapping[str, Any] | None, document: Any
    ) -> Reply:
        await self._turn()
        try:
            headers = {"Accept": "application/json", **await self._credential.headers()}
        except httpx.HTTPError as error:
            raise self._failed("gave no token", Arrived.NO) from error
        arrived = Arrived.NO if method == "GET" else Arrived.MAYBE
        request = self._client.build_request(
            method, f"{self.url}/{path}", params=params, json=document, headers=headers
        )
        try:
            async with asyncio.timeout(LONGEST_CALL):
                reply = await self._answer(request, arrived)
        except NOT_SENT as error:
            raise self._failed("cannot be reached", Arrived.NO) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise self._failed("did not answer", arrived) from error
        if reply.headers.get("X-RateLimit-Remaining") == "0":
            wait = _reset(reply.headers) or 0
            self._nothing_left_until = datetime.now(UTC) + timedelta(seconds=wait)
        return reply

    async def _answer(self, request: httpx.Request, arrived: Arrived) -> Reply:
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise self._failed("answered with more than can be taken", arrived)
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers, bytes(body))

    async def _turn(self) -> None:
        """Wait until the platform's limits allow a call; at most `LONGEST_WAIT`."""
        if self._limiter:
            await self._limiter.acquire()
        wait = _until(self._nothing_left_until)
        if wait > 0:
            await asyncio.sleep(min(wait, LONGEST_WAIT))

    def _transient(self, reply: Reply, arrived: Arrived) -> PlatformFailed:
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
            arrived=arrived,
            status=reply.status,
            retry_after=retry_after(reply.headers),
        )

    def _failed(self, reason: str, arrived: Arrived) -> PlatformFailed:
        return PlatformFailed(self.source, reason, arrived=arrived)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds to wait, by Retry-After (seconds or a date) or X-RateLimit-Reset."""
    said = headers.get("Retry-After")
    if said is None:
        return _reset(headers)
    number = _number(said)
    if number is not None:
        return min(max(0.0, number), A_DAY)
    try:
        return min(_until(parsedate_to_datetime(said)), A_DAY)
    except (TypeError, ValueError):
        return None


def _reset(headers: Mapping[str, str]) -> float | None:
    number = _number(headers.get("X-RateLimit-Reset", ""))
    if number is None:
        return None
    wait = number if number < A_MOMENT else number - datetime.now(UTC).timestamp()
    return min(max(0.0, wait), A_DAY)


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


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _is_json(body: bytes, *, empty: bool) -> bool:
    if not body:
        return empty
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
