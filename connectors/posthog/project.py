"""A PostHog project over HTTP: its lists, and one thing of it."""

from typing import Any

from connectors.errors import Arrived, PlatformFailed
from connectors.http import Api, Reply
from connectors.posthog.reading import (
    LIMIT,
    PATHS,
    SEARCHED,
    Listing,
    Row,
    following,
    is_made_from,
)
from connectors.refusals import gone
from models.base import Sourced
from models.errors import Refusal

ABSENT = frozenset({402, 403, 404})
"""How a list that an account does not have may answer."""

EMPTY = b'{"count":0,"next":null,"previous":null,"results":[]}'


class Project:
    """A project, as one source reaches it. Whatever cannot be read raises PlatformFailed."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def page(
        self, listing: Listing, cursor: str | None
    ) -> tuple[bytes, list[Row], str | None]:
        """A page as it came, its rows, and where the next one begins."""
        params = {**listing.params, "limit": str(LIMIT), "offset": cursor or "0"}
        reply = await self.api.get(listing.path, params)
        if listing.optional and reply.status in ABSENT:
            return EMPTY, [], None
        found = self._understood(reply)
        rows = found.get("results")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._strange(reply)
        return reply.body, rows, following(found, cursor)

    async def read(self, path: str) -> Row | None:
        """One thing; None where there is none (any more)."""
        reply = await self.api.find(path)
        return None if reply is None else self._understood(reply)

    async def find(self, row: Sourced) -> Row | None:
        """What a row is on PostHog: by its id, or as what was to be made of it."""
        if row.external_id is not None:
            known = is_number(row.external_id)
            return await self.read(f"{path_of(row, self.api.source)}/") if known else None
        listing = Listing(f"{PATHS[type(row)]}/", _search(row))
        cursor: str | None = None
        while True:
            _, rows, cursor = await self.page(listing, cursor)
            found = next((each for each in rows if is_made_from(each, row)), None)
            if found is not None or cursor is None:
                return found

    def _understood(self, reply: Reply) -> Row:
        if not reply.ok:
            raise self.api.unread(reply)
        found = reply.json()
        if not isinstance(found, dict):
            raise self._strange(reply)
        return found

    def _strange(self, reply: Reply) -> PlatformFailed:
        return PlatformFailed(
            self.api.source,
            "answered with something that cannot be understood",
            arrived=Arrived.NO,
            status=reply.status,
            retryable=False,
        )


def path_of(row: Sourced, source: str) -> str:
    """Where a thing is. Raises a Refusal where its id is none of PostHog's."""
    if not is_number(row.external_id):
        raise Refusal(gone(source))
    return f"{PATHS[type(row)]}/{row.external_id}"


def is_number(external_id: str | None) -> bool:
    """Whether an id is one of PostHog's, and fit for a path."""
    return external_id is not None and external_id.isascii() and external_id.isdecimal()


def _search(row: Any) -> dict[str, str]:
    if type(row) not in SEARCHED:
        return {}
    return {"search": row.key if hasattr(row, "key") else row.name}
