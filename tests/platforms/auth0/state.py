"""What Auth0's stand-in holds, and the forms of its answers."""

import base64
import math
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from tests.platforms.standin import Answer, Ask, Refused, Row, StandIn, now

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TAKE, LARGEST_TAKE = 25, 50


TOKEN = "mgmt-token-of-the-stand-in-1"  # noqa: S105  a stand-in's


class State(StandIn):
    """The tables, by id, in the order in which things were made.

    ``generation`` 1 changes a status by a call of its own, 2 by a PATCH. ``active_limit`` is the
    rule that only one experiment is active (in generation 2, one for each flow); ``entitled``
    False is a tenant without the feature. ``client_id`` and ``client_secret`` buy a new token at
    ``token_url``.
    """

    base = "/api/v2/experimentation"
    unguarded = frozenset({"/oauth/token"})
    harmless = "/validate"

    def __init__(self, token: str = TOKEN, *, generation: int = 2) -> None:
        self.generation = generation
        super().__init__(token)
        self.active_limit = True
        self.entitled = True
        self.client_id = "client-of-the-stand-in"
        self.client_secret = "secret-of-the-stand-in-77d0"  # noqa: S105  a stand-in's
        self.tokens = 1
        self.made = 0
        self.feature_flags: dict[str, Row] = {}
        self.variations: dict[str, Row] = {}
        self.segments: dict[str, Row] = {}

    @property
    def token_url(self) -> str:
        """Where a token is bought."""
        return f"{self.url.removesuffix(self.base)}/oauth/token"

    @property
    def newer(self) -> bool:
        """Whether it is of the second generation."""
        return self.generation > 1

    # --- Answers

    def status(self, row: Row) -> str:
        """The status."""
        return str(row["status"])

    def problem(self, status: int, text: str, code: str | None = None) -> Response:
        """``{statusCode, error, message, errorCode?}``."""
        named = {"errorCode": code} if code else {}
        phrase = HTTPStatus(status).phrase
        return Answer({"statusCode": status, "error": phrase, "message": text, **named}, status)

    def refuse(self, status: int, text: str, code: str | None = None) -> Refused:
        """To be raised."""
        return Refused(self.problem(status, text, code))

    def unauthenticated(self, *, expired: bool) -> Response:
        """401."""
        kind = "Expired" if expired else "Invalid"
        return self.problem(401, f"{kind} token received for JSON Web Token validation")

    def forbidden(self) -> Response:
        """403."""
        text = "Insufficient scope, expected any of: update:experimentation"
        return self.problem(403, text, "insufficient_scope")

    def too_often(self, seconds: float) -> Response:
        """429 with the headers of the tenant's bucket, and no Retry-After."""
        answer = self.problem(429, "Global limit has been reached", "too_many_requests")
        answer.headers["X-RateLimit-Limit"] = "50"
        answer.headers["X-RateLimit-Remaining"] = "0"
        answer.headers["X-RateLimit-Reset"] = str(math.ceil(now().timestamp() + seconds))
        return answer

    # --- Rows

    def find(self, table: dict[str, Row], key: str) -> Row:
        """A row. Raises Refused with 404."""
        row = table.get(key)
        if row is None:
            raise self.refuse(404, "The resource does not exist.", "inexistent_resource")
        return row

    def identity(self, prefix: str) -> str:
        """The id of a new thing."""
        self.made += 1
        number, letters = self.made * 0x9E3779B97F4A7C15 % 2**64 + 2**64, ""
        while number:
            number, place = divmod(number, 58)
            letters += BASE58[place]
        return f"{prefix}_{letters}"

    def unique(self, table: Iterable[Row], name: str, but: Row | None = None) -> None:
        """Whether a name is free. Raises Refused with 409."""
        if any(row is not but and row["name"] == name for row in table):
            raise self.refuse(409, f"A resource with the name {name!r} already exists.")

    def page(
        self, ask: Ask, key: str, rows: Iterable[Row], show: Callable[[Row], Row] = dict
    ) -> Response:
        """The page of a list that begins at a checkpoint; no total, and no end but no ``next``."""
        text = ask.query.get("take", str(TAKE))
        if not text.isdecimal() or not 1 <= int(text) <= LARGEST_TAKE:
            raise self.refuse(400, "Query validation error: 'take' must be 1 to 50.")
        start = self._checkpoint(ask.query.get("from"))
        found = sorted((row for row in rows if _place(row) >= start), key=_place)
        part, rest = found[: int(text)], found[int(text) :]
        body: dict[str, Any] = {key: [show(row) for row in part]}
        if rest:
            body["next"] = base64.urlsafe_b64encode("|".join(_place(rest[0])).encode()).decode()
        return Answer(body)

    def _checkpoint(self, text: str | None) -> tuple[str, ...]:
        try:
            said = base64.b64decode(text or "", altchars=b"-_", validate=True).decode()
        except ValueError:
            raise self.refuse(400, "Query validation error: 'from' is unknown.") from None
        return tuple(said.split("|"))

    def queried(self, ask: Ask, *filters: str) -> Callable[[Row], bool]:
        """The exact filters of a query; an unknown one is refused with 400."""
        for name in ask.query:
            if name not in {*filters, "from", "take"}:
                raise self.refuse(400, f"Query validation error: '{name}' is not allowed.")
        wanted = {name: ask.query[name] for name in filters if name in ask.query}
        return lambda row: all(row.get(name) == value for name, value in wanted.items())


def _place(row: Row) -> tuple[str, str]:
    return row["created_at"], row["id"]


def said(row: Row) -> Row:
    """A row without what is absent: answers leave it out."""
    return {key: value for key, value in row.items() if value is not None}
