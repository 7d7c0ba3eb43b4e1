"""ABsmartly's lists, page by page, and the activity of experiments."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from connectors.base import Page
from connectors.errors import Arrived, PlatformFailed
from connectors.http import Api, Reply

Row = dict[str, Any]

ITEMS = 100
EXPERIMENTS = "experiments"
AT_ONCE = 4
"""Calls for the activity of experiments that are under way together."""

MOST_PAGES = 40
"""Pages of activity that are read of one experiment."""

TALKED_ABOUT = timedelta(days=30)
"""How long after its end people go on talking about an experiment."""

WITH_ARCHIVED = ({"include_archived": "1"},)
THEN_ARCHIVED: tuple[Row, ...] = ({}, {"archived": "true"})
DRAFTS = {"include_drafts": "1"}
PREVIEWS = {"iterations": "1", "previews": "1"}

LISTS: dict[str, tuple[Mapping[str, str], ...]] = {
    "users": WITH_ARCHIVED,
    "teams": WITH_ARCHIVED,
    "experiment_tags": ({},),
    "goal_tags": ({},),
    "metric_tags": ({},),
    "applications": THEN_ARCHIVED,
    "unit_types": THEN_ARCHIVED,
    "metric_categories": THEN_ARCHIVED,
    "segments": ({},),
    "experiment_custom_section_fields": THEN_ARCHIVED,
    "goals": THEN_ARCHIVED,
    "metrics": tuple({**DRAFTS, **shown} for shown in THEN_ARCHIVED),
    EXPERIMENTS: tuple({**PREVIEWS, **shown} for shown in THEN_ARCHIVED),
}
"""What each list is asked with, one turn after the other: some show what is archived apart."""

UNREADABLE = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""A list that this account does not have, or that the credential may not read, is empty."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: the turn, its page, and how long the list was a page before."""

    turn: int = 0
    page: int = 1
    total: int = 0

    @classmethod
    def of(cls, cursor: str | None) -> "Place":
        """The place that a cursor says; the beginning where it says none."""
        parts = (cursor or "").split(":")
        good = len(parts) == len(cls.__slots__) and all(part.isdecimal() for part in parts)
        return cls(*map(int, parts)) if good else cls()

    def __str__(self) -> str:
        """The cursor."""
        return f"{self.turn}:{self.page}:{self.total}"

    def after(self, document: Mapping[str, Any], rows: Sequence[Row]) -> "Place | None":
        """The page after this one of the same turn; None at its end.

        Where the list has become shorter, rows have moved up to the page before: it is read again.
        """
        total, items = document.get("total"), document.get("items")
        if not rows or not isinstance(total, int) or not isinstance(items, int):
            return None
        if total < self.total and self.page > 1:
            return Place(self.turn, self.page - 1, total)
        is_last = len(rows) == total - (self.page - 1) * items
        return None if is_last else Place(self.turn, self.page + 1, total)


async def page(api: Api, resource: str, cursor: str | None) -> Page:
    """A page of a list. Raises PlatformFailed."""
    turns, place = LISTS[resource], Place.of(cursor)
    if place.turn >= len(turns):
        place = Place()
    asked_at = datetime.now(UTC)
    asked = {"items": ITEMS, "page": place.page, "sort": "id", "sort_asc": "true"}
    reply = await api.get(resource, {**asked, **turns[place.turn]})
    if reply.status in UNREADABLE and resource != EXPERIMENTS:
        return Page(json.dumps({resource: []}).encode(), asked_at=asked_at)
    if not reply.ok:
        raise api.unread(reply)
    document = good(api, reply)
    rows = rows_of(document, resource)
    following = place.after(document, rows)
    if following is None and place.turn + 1 < len(turns):
        following = Place(place.turn + 1)
    listed = tuple(str(row.get("id")) for row in rows) if resource == EXPERIMENTS else ()
    return Page(reply.body, str(following) if following else None, listed, asked_at)


def good(api: Api, reply: Reply) -> Row:
    """The document of an answer. Raises PlatformFailed where it says that it is none."""
    document = reply.json()
    if not isinstance(document, dict) or document.get("ok") is False:
        reason = "answered with a failure"
        raise PlatformFailed(api.source, reason, arrived=Arrived.NO, status=reply.status)
    return document


def rows_of(document: Mapping[str, Any], key: str) -> list[Row]:
    """The objects of a list in a document."""
    found = document.get(key)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


async def named(api: Api, name: str) -> list[Row]:
    """The experiments of exactly that name, all iterations, archived ones too."""
    found: list[Row] = []
    for turn in THEN_ARCHIVED:
        at, following = 0, True
        while following:
            at += 1
            asked = {"search": name, "iterations": "1", "items": ITEMS, "page": at, **turn}
            document = good(api, await api.want(EXPERIMENTS, asked))
            rows = rows_of(document, EXPERIMENTS)
            found += [row for row in rows if row.get("name") == name]
            following = bool(rows) and at * ITEMS < int(document.get("total") or 0)
    return found


# --- Activity


def moved(body: bytes, known: Mapping[str, datetime | None]) -> list[str]:
    """The experiments on a page that are new here, or were changed since they were read."""
    rows = {str(row.get("id")): row for row in rows_of(json.loads(body), EXPERIMENTS)}
    return [
        number
        for number, row in rows.items()
        if number.isdecimal()
        and (number not in known or known[number] != moment(row.get("updated_at")))
    ]


def talked_about(body: bytes, at: datetime) -> list[str]:
    """The experiments on a page that people may be talking about, which changes nothing of them."""
    return [
        str(row.get("id"))
        for row in rows_of(json.loads(body), EXPERIMENTS)
        if not row.get("archived") and at - (moment(row.get("stop_at")) or at) < TALKED_ABOUT
    ]


async def activities(api: Api, numbers: Collection[str], pages: int = MOST_PAGES) -> list[bytes]:
    """Everything that was noted of experiments, a few calls at a time. Raises PlatformFailed."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: str) -> list[bytes]:
        async with turn:
            return await activity(api, number, pages)

    found = await asyncio.gather(*map(one, numbers), return_exceptions=True)
    bodies: list[bytes] = []
    for each in found:
        if isinstance(each, BaseException):
            raise each
        bodies += each
    return bodies


async def activity(api: Api, number: str, pages: int = MOST_PAGES) -> list[bytes]:
    """What was noted of an experiment, the newest first; nothing where that may not be read."""
    bodies: list[bytes] = []
    seen: set[Any] = set()
    offset = 0
    while len(bodies) < pages:
        reply = await api.get(f"{EXPERIMENTS}/{number}/activity", {"offset": offset})
        notes = rows_of(good(api, reply), "experiment_notes") if reply.ok else []
        fresh = {note.get("id") for note in notes} - seen
        if not fresh:
            break
        bodies.append(reply.body)
        seen |= fresh
        offset += len(notes)
        if any(note.get("action") == "create" for note in notes):
            break
    return bodies


def joined(bodies: Sequence[bytes]) -> bytes:
    """Answers as one document that can be imported."""
    return b"[" + b",".join(bodies) + b"]"


def moment(text: Any) -> datetime | None:
    """A moment as ABsmartly writes it; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
