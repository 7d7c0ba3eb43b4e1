"""From the credential of a request to its viewer, or to a refusal that gives nothing away."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask

from execution.kept import Kept
from gateway.errors import Refused
from gateway.settings import Settings
from models.base import now
from models.database import Database
from models.errors import ExpectedError
from resolvers.access import ANYBODY, Viewer
from resolvers.api_key import MARK, SECRET_LENGTH, USED_AT_MOST_EVERY, holder, note_use
from resolvers.scopes import ADMIN

if TYPE_CHECKING:
    from gateway.tokens import Tokens

API_KEY, BEARER = "api-key", "bearer"
CHALLENGE = 'Api-Key realm="trialgraph", Bearer realm="trialgraph"'
SECRET = re.compile(rf"{MARK}[\w-]{{{SECRET_LENGTH - len(MARK)}}}", re.ASCII)
TOKEN_PARTS = 3
NEVER = datetime.min.replace(tzinfo=UTC)

KNOWN_SECONDS, MOST_KNOWN = 1.0, 10_000
"""For how long a key is known without asking the database, and how many are."""

BOOTSTRAP = Viewer("bootstrap", "the bootstrap key", frozenset({ADMIN}))
"""Whoever has the key that the process was started with."""

log = structlog.get_logger("trialgraph.auth")


class Unauthenticated(Refused):
    """The request has no credential, or one that is not accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(401, message, {"WWW-Authenticate": CHALLENGE})


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a key that was good makes of its bearer, and until when that is taken as it is."""

    viewer: Viewer
    until: float


class Authentication:
    """Who asks. One for the process.

    A key that is good is looked up once a second. What this process changes is known at once; that
    another one has revoked a key, within the second.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        key = settings.bootstrap_key
        self._bootstrap = key and key.get_secret_value().strip().encode()
        self._database = database
        self._tokens = _tokens(settings, database) if settings.jwks_url else None
        self._last_used: dict[int, datetime] = {}
        self._known: Kept[bytes, Known] = Kept(MOST_KNOWN)
        database.committed.add(self._forget)

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
        digest, known = sha256(secret.encode()).digest(), self._known
        found = known.get(digest)
        if found is None or found.until <= monotonic() or _is_over(found.viewer):
            until = monotonic() + KNOWN_SECONDS  # what is changed while it is read is not missed
            viewer = await self._read(secret)
            if known is self._known:
                known.keep(digest, Known(viewer, until))
            return viewer
        return found.viewer

    async def _read(self, secret: str) -> Viewer:
        async with self._database.read() as session:
            found = await holder(session, secret)
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

    def _forget(self) -> None:
        """Something was written: what is known of keys may be over."""
        self._known = Kept(MOST_KNOWN)

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


def _is_over(viewer: Viewer) -> bool:
    return viewer.until is not None and viewer.until <= now()


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
