"""The published keys of an identity provider (a JWKS), kept and read again when that helps."""

import asyncio
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import orjson
import structlog
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key

FRESH = 600.0
"""How many seconds keys are used without asking whether they changed."""

TRUSTED = 3600.0
"""For how many seconds keys are used that could not be read again: one may have been revoked."""

PAUSE = 30.0
"""How many seconds lie between two readings at least, so that no caller can have us read on end."""

PAUSE_AFTER_FAILURE = 3.0
PATIENCE = 5.0
MOST_BYTES = 1024 * 1024
ASYMMETRIC = {"RSA", "EC", "OKP"}

log = structlog.get_logger("trialgraph.auth")


class Unreadable(Exception):
    """The keys cannot be read, so that no token can be checked."""


class Jwks:
    """The keys at a URL: ``https://…``, ``http://…`` or ``file:///…``."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: Sequence[Key] = ()
        self._lock = asyncio.Lock()
        self._read_at = self._failed_at = self._searched_at = float("-inf")

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The key that a token names, or the only one where it names none. Raises Unreadable."""
        if self._age() < FRESH and (found := self._suiting(kid, algorithm)):
            return found
        async with self._lock:
            if self._age() >= FRESH:
                await self._read()
            found = self._suiting(kid, algorithm)
            if found is None and time.monotonic() - self._searched_at >= PAUSE:
                self._searched_at = time.monotonic()
                await self._read()
                found = self._suiting(kid, algorithm)
        return found

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    def _suiting(self, kid: str | None, algorithm: str) -> Key | None:
        named = [key for key in self._keys if kid is None or key.get("kid") == kid]
        suiting = [key for key in named if key.get("alg") in {None, algorithm}]
        return suiting[0] if len(suiting) == 1 else None

    async def _read(self) -> None:
        try:
            if time.monotonic() - self._failed_at >= PAUSE_AFTER_FAILURE:
                self._keys = _keys(await _fetched(self._url))
                self._read_at = time.monotonic()
        except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
            self._failed_at = time.monotonic()
            log.warning("keys for tokens cannot be read", reason=_reason(error))
        if self._age() >= TRUSTED:
            raise Unreadable


def _reason(error: Exception) -> str:
    """What went wrong, without the URL: it may hold a password."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return f"{type(error).__name__}: {error}"


async def _fetched(url: str) -> bytes:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return await asyncio.to_thread(Path(unquote(parts.path)).read_bytes)
    body = bytearray()
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("GET", url, headers={"Accept": "application/json"}) as response,
    ):
        response.raise_for_status()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise ValueError(f"there are more than {MOST_BYTES} bytes")
    return bytes(body)


def _keys(document: bytes) -> list[Key]:
    """The keys of a document that signatures can be checked with. Raises ValueError for none."""
    read = orjson.loads(document)
    listed = read.get("keys") if isinstance(read, dict) else None
    found = [key for data in listed or () if (key := _key(data)) is not None]
    if not found:
        raise ValueError("there is no key to check signatures with")
    return found


def _key(data: object) -> Key | None:
    if not isinstance(data, dict) or data.get("kty") not in ASYMMETRIC:
        return None
    if data.get("use", "sig") != "sig":
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SecurityWarning)  # a key that is too short is none
            return JWKRegistry.import_key(data)
    except (JoseError, SecurityWarning, ValueError, TypeError, KeyError):
        return None
