"""From the credential of a request to its viewer, or to a refusal that gives nothing away."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hmac import compare_digest
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask

from gateway.errors import Refused
from gateway.settings import Settings
from models import ApiKey
from models.base import now
from models.database import Database
from models.errors import ExpectedError
from resolvers.access import ANYBODY, Viewer
from resolvers.api_key import (
    MARK,
    SECRET_LENGTH,
    USED_AT_MOST_EVERY,
    digest_of,
    holder,
    note_use,
)
from resolvers.scopes import ADMIN

if TYPE_CHECKING:
    from gateway.tokens import Tokens

API_KEY, BEARER = "api-key", "bearer"
CHALLENGE = 'Api-Key realm="trialgraph", Bearer realm="trialgraph"'
SECRET = re.compile(rf"{MARK}[\w-]{{{SECRET_LENGTH - len(MARK)}}}", re.ASCII)
TOKEN_PARTS = 3
KEPT_SECONDS = 1.0
"""For how long a key is taken to be what it was, unless this process writes anything."""
MOST_KEPT = 1_000
NEVER = datetime.min.replace(tzinfo=UTC)

BOOTSTRAP = Viewer("bootstrap", "the bootstrap key", frozenset({ADMIN}))
"""Whoever has the key that the process was started with."""

log = structlog.get_logger("trialgraph.auth")


class Unauthenticated(Refused):
    """The request has no credential, or one that is not accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(401, message, {"WWW-Authenticate": CHALLENGE})


class Holders:
    """Whose the keys are that were asked for just now, by the SHA-256 of their secrets.

    All are forgotten at each commit of this process, so that what it revokes is revoked at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, tuple[float, ApiKey, Viewer]] = {}
        database.committed.add(self._forget)

    async def of(self, secret: str) -> tuple[ApiKey, Viewer] | None:
        """The key of a secret, good or not, and whom it makes of its bearer."""
        digest, at = digest_of(secret), monotonic()
        kept = self._kept.get(digest)
        if kept is not None and at - kept[0] < KEPT_SECONDS:
            return kept[1:]
        into = self._kept
        async with self._database.read() as session:
            found = await holder(session, secret)
        if found is not None:
            if len(into) >= MOST_KEPT:
                into.clear()
            into[digest] = at, *found  # which nobody sees any more after a commit in between
        return found

    def _forget(self) -> None:
        self._kept = {}


class Authentication:
    """Who asks. One for the process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        key = settings.bootstrap_key
        self._bootstrap = key and key.get_secret_value().strip().encode()
        self._database = database
        self._holders = Holders(database)
        self._tokens = _tokens(settings, database) if settings.jwks_url else None
        self._last_used: dict[int, datetime] = {}

    async def viewer(self, given: Sequence[str]) -> Viewer:
        """Whom the values of the header Authorization name; ANYBODY where there is none.

        Raises Unauthenticated, and DatabaseBusy.
        """
        if not given:
            return ANYBODY
        scheme, secret = _credential(given)
        if self._bootstrap and compare_digest(secret.encode("latin-1"), self._bootstrap):
            return BOOTSTRAP
        if scheme == BEARER and secret.count(".") == TOKEN_PARTS - 1:
            return await self._by_token(secret)
        return await self._by_key(secret)

    def used(self, viewer: Viewer) -> BackgroundTask | None:
        """What is to be done after the answer: to write that the key was used, once a minute."""
        number, at = viewer.api_key_id, now()
        if number is None or at - self._last_used[number] < USED_AT_MOST_EVERY:
            return None
        self._last_used[number] = at
        return BackgroundTask(self._note, number, at)

    async def _by_key(self, secret: str) -> Viewer:
        if not SECRET.fullmatch(secret):
            raise Unauthenticated("The API key is not known.")
        found = await self._holders.of(secret)
        if found is None:
            raise Unauthenticated("The API key is not known.")
        key, viewer = found
        if key.revoked_at is not None:
            raise Unauthenticated("The API key was revoked.")
        if key.expires_at is not None and key.expires_at <= now():
            raise Unauthenticated("The API key has expired.")
        noted = [at for at in (key.last_used_at, self._last_used.get(key.id)) if at is not None]
        self._last_used[key.id] = max(noted, default=NEVER)
        return viewer

    async def _by_token(self, token: str) -> Viewer:
        if self._tokens is None:
            raise Unauthenticated("Tokens are not taken here: only API keys are.")
        from gateway.tokens import BadToken  # noqa: PLC0415  heavy, and here they are taken

        try:
            return await self._tokens.viewer(token)
        except BadToken as problem:
            raise Unauthenticated(str(problem)) from None

    async def _note(self, number: int, at: datetime) -> None:
        try:
            async with self._database.write() as session:
                await note_use(session, number, at)
        except (ExpectedError, OSError, SQLAlchemyError) as error:
            log.warning("use of a key not noted", key=number, reason=type(error).__name__)


def _tokens(settings: Settings, database: Database) -> "Tokens":
    from gateway.tokens import Tokens  # noqa: PLC0415  heavy, and seldom taken

    return Tokens(settings, database)


def _credential(given: Sequence[str]) -> tuple[str, str]:
    """The scheme and what stands behind it."""
    scheme, _, secret = given[0].strip().partition(" ")
    if len(given) > 1 or scheme.lower() not in {API_KEY, BEARER} or not secret.strip():
        raise Unauthenticated(
            "The header Authorization must be 'Api-Key KEY' or 'Bearer TOKEN', once."
        )
    return scheme.lower(), secret.strip()
