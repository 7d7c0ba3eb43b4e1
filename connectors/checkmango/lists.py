"""Checkmango's lists, team by team, and the statistics of variants."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from connectors.base import Page
from connectors.checkmango.resources import (
    Place,
    Row,
    attributes,
    data_of,
    is_more,
    moment,
    number_of,
    place_of,
    variants_of,
)
from connectors.http import Api
from models.base import now

PER_PAGE = 100
AT_ONCE = 4
"""Calls for statistics that are under way together."""

INCLUDE = "event,team,variants"
LISTS: dict[str, dict[str, str]] = {
    "teams": {},
    "events": {"include": "team"},
    "experiments": {"include": INCLUDE},
}
EMPTY = b'{"data": []}'

Body = Callable[[], Awaitable[list[bytes]]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on: the page of the first of these teams."""

    page: int
    teams: tuple[str, ...]

    @classmethod
    def of(cls, text: str | None) -> "Cursor | None":
        """The cursor that a text says; None where it says none."""
        page, _, teams = (text or "").partition(":")
        return cls(int(page), tuple(teams.split(","))) if page.isdecimal() and teams else None

    def __str__(self) -> str:
        """Its text."""
        return f"{self.page}:{','.join(self.teams)}"

    def after(self, *, more: bool) -> "Cursor | None":
        """The next one; None at the end of the last team."""
        if more:
            return Cursor(self.page + 1, self.teams)
        return Cursor(1, self.teams[1:]) if self.teams[1:] else None


async def page(api: Api, resource: str, cursor: str | None) -> Page:
    """A page of a list. Raises PlatformFailed."""
    asked_at = now()
    if resource == "teams":
        at = int(cursor) if cursor and cursor.isdecimal() else 1
        reply = await api.want("teams", asked("teams", at))
        return Page(reply.body, str(at + 1) if is_more(reply.json()) else None, (), asked_at)
    here = Cursor.of(cursor) or Cursor(1, await teams(api))
    if not here.teams:
        return Page(EMPTY, asked_at=asked_at)
    found = await api.find(f"teams/{here.teams[0]}/{resource}", asked(resource, here.page))
    document = found.json() if found else {}
    following = here.after(more=is_more(document))
    listed = data_of(document) if resource == "experiments" else []
    return Page(
        found.body if found else EMPTY,
        str(following) if following else None,
        tuple(number_of(each) for each in listed),
        asked_at,
    )


def asked(resource: str, at: int) -> dict[str, Any]:
    """What a page of a list is asked with."""
    return {"page": at, "per_page": PER_PAGE, "sort": "id", **LISTS.get(resource, {})}


async def teams(api: Api) -> tuple[str, ...]:
    """The numbers of the teams. Raises PlatformFailed."""
    return tuple([number_of(each) async for each in walk(api, "teams", "teams")])


async def walk(api: Api, resource: str, path: str) -> Any:
    """Every resource of a list. Raises PlatformFailed."""
    at, more = 1, True
    while more:
        reply = await api.find(path, asked(resource, at))
        document = reply.json() if reply else {}
        for each in data_of(document):
            yield each
        at, more = at + 1, is_more(document)


# --- What a page of experiments does not say


def is_due(experiment: Mapping[str, Any], known: Mapping[str, datetime | None]) -> bool:
    """Whether an experiment is new here, or was changed since it was read."""
    number = number_of(experiment)
    changed_at = moment(attributes(experiment).get("updated"))
    return number not in known or known[number] != changed_at


async def variants(
    api: Api, document: Mapping[str, Any], experiment: Row
) -> tuple[list[Row], list[bytes]]:
    """The variants of an experiment, and the answers that say what the page did not."""
    found = variants_of(document, experiment)
    if found is not None:
        return found, []
    reply = await api.find(f"{place_of(experiment).path}/variants", asked("variants", 1))
    return (data_of(reply.json()), [reply.body]) if reply else ([], [])


async def statistics(api: Api, place: Place, rows: Iterable[Row]) -> list[bytes]:
    """The statistics of each variant."""
    bodies = []
    for row in rows:
        path = f"{place.variant(str(attributes(row).get('key')))}/statistics"
        reply = await api.find(path)
        bodies += [reply.body] if reply else []
    return bodies


async def several(works: Sequence[Body]) -> list[bytes]:
    """What calls bring, a few of them at a time. Raises PlatformFailed."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(work: Body) -> list[bytes]:
        async with turn:
            return await work()

    found = await asyncio.gather(*map(one, works), return_exceptions=True)
    bodies: list[bytes] = []
    for each in found:
        if isinstance(each, BaseException):
            raise each
        bodies += each
    return bodies


def joined(bodies: Sequence[bytes]) -> bytes:
    """Answers as one document that can be imported."""
    return b"[" + b",".join(bodies) + b"]"


def parsed(body: bytes) -> Row:
    """The document of an answer."""
    found: Row = orjson.loads(body)
    return found
