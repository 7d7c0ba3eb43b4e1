"""An Auth0 tenant over HTTP: its lists, one thing of it, and which generation its API is of."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any

from connectors.auth0.reading import LISTINGS, SKEW, TAKE, Listing, Row, generation_of, moment
from connectors.errors import Arrived, PlatformFailed
from connectors.http import Api, Reply
from connectors.refusals import gone
from models.base import Sourced
from models.errors import Refusal

AT_ONCE = 4
"""How many calls may be under way for one page."""

ID = re.compile(r"[A-Za-z0-9_]{1,128}")


class Tenant:
    """A tenant, as one source reaches it. Whatever cannot be read raises PlatformFailed."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._generation: int | None = None

    async def page(self, listing: Listing, cursor: str | None) -> tuple[bytes, list[Row], Row]:
        """A page as it came, its rows, and the whole of it as values."""
        params = {**listing.params, "take": str(TAKE)}
        reply = await self.api.want(listing.path, params | ({"from": cursor} if cursor else {}))
        found = self._understood(reply)
        rows = found.get(listing.key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._strange(reply)
        for row in rows[:1]:
            self._learn(row)
        return reply.body, rows, found

    async def read(self, path: str) -> Row | None:
        """One thing; None where there is none (any more)."""
        reply = await self.api.find(path)
        if reply is None:
            return None
        found = self._understood(reply)
        self._learn(found)
        return found

    async def flag(self, identity: Any) -> Row | None:
        """A feature flag; None where there is none (any more)."""
        return await self.read(f"feature-flags/{identity}") if is_id(identity) else None

    async def variations(self, flags: Iterable[str]) -> dict[str, list[Row]]:
        """The variations of flags, one call for each; a flag that is gone has none."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(flag: str) -> tuple[str, list[Row]]:
            async with turns:
                found = await self.read(
                    f"feature-flags/{checked(flag, self.api.source)}/variations"
                )
            listed = (found or {}).get("variations")
            return flag, listed if isinstance(listed, list) else []

        return dict(await asyncio.gather(*map(one, filter(is_id, flags))))

    async def find(self, row: Sourced) -> Row | None:
        """What an experiment is on Auth0: by its id, or as what was to be made of it."""
        if row.external_id is not None:
            known = is_id(row.external_id)
            return await self.read(path_of(row, self.api.source)) if known else None
        wanted: Any = row
        async for found in self._all(LISTINGS["experiments"]):
            at = moment(found.get("created_at"))
            is_new = wanted.created_at is None or at is None or at >= wanted.created_at - SKEW
            if found.get("name") == wanted.key and is_new:
                return found
        return None

    async def generation(self, known: Row | None = None) -> int:
        """Which generation the API is of; the newer one where nothing tells yet.

        ``known`` is what is known here of an experiment.
        """
        found = generation_of(known or {}) or self._generation
        for name in ("experiments", "archived_experiments"):
            if found is None:
                await self.page(LISTINGS[name], None)
                found = self._generation
        return found or 2

    async def _all(self, listing: Listing) -> AsyncIterator[Row]:
        cursor: str | None = None
        while True:
            _, rows, whole = await self.page(listing, cursor)
            for row in rows:
                yield row
            cursor = following(whole, cursor)
            if cursor is None:
                return

    def _learn(self, row: Row) -> None:
        self._generation = generation_of(row) or self._generation

    def _understood(self, reply: Reply) -> Row:
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


def following(page: Row, cursor: str | None) -> str | None:
    """The checkpoint of the page after this one."""
    found = page.get("next")
    return found if isinstance(found, str) and found and found != cursor else None


def path_of(row: Sourced, source: str) -> str:
    """Where an experiment is. Raises a Refusal where its id is none of Auth0's."""
    return f"experiments/{checked(row.external_id, source)}"


def checked(identity: str | None, source: str) -> str:
    """An id, fit for a path. Raises a Refusal where it is none of Auth0's."""
    if not is_id(identity):
        raise Refusal(gone(source))
    return str(identity)


def is_id(identity: Any) -> bool:
    """Whether something is one of Auth0's ids, and fit for a path."""
    return isinstance(identity, str) and ID.fullmatch(identity) is not None
