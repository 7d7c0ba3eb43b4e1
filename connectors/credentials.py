"""What platforms know us by: from the environment or a file of secrets, and from nowhere else.

A credential is in no database, log, error or answer. ``TRIALGRAPH_SOURCE_<NAME>_TOKEN`` holds the
token of a source; in the file of secrets, a JSON object, it stands under the source's name.
"""

import asyncio
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from models.errors import ExpectedError

PREFIX = "TRIALGRAPH_SOURCE_"
KINDS = ("token", "client_id", "client_secret", "token_url", "audience")
EARLY = timedelta(seconds=60)
"""A token that a platform gave us is renewed so long before it expires."""

BUSY = frozenset({429, 500, 502, 503, 504})
"""Answers of a token's server that say nothing of the credential."""


class SecretsUnreadable(ExpectedError):
    """The file of secrets cannot be used; the message names the file and none of its contents."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where the credentials of sources are."""

    file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def of(self, source: str) -> dict[str, str]:
        """What is known of a source's credentials; empty where there are none.

        Raises SecretsUnreadable.
        """
        found = {
            kind: value
            for kind in KINDS
            if (value := self.environment.get(f"{PREFIX}{variable(source)}_{kind.upper()}"))
        }
        return {**self._filed(source), **found}

    def _filed(self, source: str) -> dict[str, str]:
        if self.file is None:
            return {}
        try:
            entries: Any = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
            raise SecretsUnreadable(f"{self.file} cannot be read: {reason}") from None
        entry = entries.get(source) if isinstance(entries, dict) else None
        if entry is None:
            return {}
        if not isinstance(entry, dict):
            raise SecretsUnreadable(f"{self.file}: {source!r} is no object with a token")
        return {kind: str(entry[kind]) for kind in KINDS if entry.get(kind)}


def variable(source: str) -> str:
    """A source's name as it stands in the name of a variable: letters, digits, underscores."""
    return re.sub(r"[^A-Z0-9]+", "_", source.upper()).strip("_")


class Token:
    """A credential that does not change by itself, read anew when the platform refuses it."""

    def __init__(self, secrets: Secrets, source: str, scheme: str) -> None:
        self._secrets = secrets
        self._source = source
        self._scheme = scheme
        self._token = secrets.of(source).get("token", "")

    async def headers(self) -> Mapping[str, str]:
        """The header that carries it."""
        return {"Authorization": f"{self._scheme} {self._token}"}

    async def renew(self) -> bool:
        """Whether another one is there by now."""
        old, self._token = self._token, self._secrets.of(self._source).get("token", "")
        return self._token != old


class ClientCredentials:
    """OAuth 2's client credentials, as Auth0's Management API takes them (RFC 6749, 4.4)."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self._found = found
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        self._lock = asyncio.Lock()

    async def headers(self) -> Mapping[str, str]:
        """The header that carries a token which is good for a while. Raises httpx.HTTPError."""
        if datetime.now(UTC) >= self._until:
            await self.renew()
        return {"Authorization": f"Bearer {self._token}"}

    async def renew(self) -> bool:
        """Get another token; whether there is one. Raises httpx.HTTPError.

        Those who ask at the same moment share one.
        """
        old = self._token
        async with self._lock:
            return self._token != old or await self._fetch()

    async def _fetch(self) -> bool:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._found["client_id"],
            "client_secret": self._found["client_secret"],
            "audience": self._found.get("audience", ""),
        }
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.post(self._found["token_url"], json=wanted)
        if answer.status_code in BUSY:
            answer.raise_for_status()
        try:
            said = answer.json() if answer.is_success else {}
            self._token = str(said["access_token"])
            lifetime = timedelta(seconds=float(said.get("expires_in", 3600)))
        except (KeyError, TypeError, ValueError, OverflowError):
            return False
        self._until = datetime.now(UTC) + lifetime - min(EARLY, lifetime / 2)
        return True


def credential_of(secrets: Secrets, source: str, scheme: str) -> Token | ClientCredentials | None:
    """The credential of a source; None where there is none. Raises SecretsUnreadable."""
    found = secrets.of(source)
    if {"client_id", "client_secret", "token_url"} <= found.keys():
        return ClientCredentials(found)
    return Token(secrets, source, scheme) if found.get("token") else None
