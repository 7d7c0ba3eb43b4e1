"""The event log, read in its order: what comes behind a place, and where it ends.

A place is an event, by the transaction that wrote it and its number. Behind it nothing is ever
added that was not added at the end.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import Event
from models.errors import BadUserInput
from models.event import Horizon, NextTransaction, OwnTransaction
from resolvers.identity import LARGEST, shorten


class Place(NamedTuple):
    """An event of the log, or the beginning before the first one."""

    transaction_id: int
    event_id: int

    @property
    def cursor(self) -> str:
        """The place, as clients hand it back."""
        return urlsafe_b64encode(json.dumps(self).encode()).decode().rstrip("=")


BEGINNING = Place(0, 0)


class Part(NamedTuple):
    """Some events in order. ``held`` says that others wait for a transaction that is still open."""

    events: list[Event]
    held: bool


def place_of(event: Event) -> Place:
    """Where an event stands."""
    return Place(event.transaction_id, event.id)


def decode(cursor: str) -> Place:
    """The place of a cursor. Raises BadUserInput for any other text."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = Place(*json.loads(urlsafe_b64decode(padded.encode("ascii"))))
        is_one = all(type(number) is int and 0 <= number <= LARGEST for number in place)
    except (ValueError, TypeError, RecursionError):
        is_one = False
    if not is_one or place.cursor != cursor:
        raise BadUserInput(f"after is not a cursor of the event log: {shorten(cursor)}.")
    return place


async def require(session: AsyncSession, place: Place) -> None:
    """Raises BadUserInput where no event stands: the log was restored, or is another one."""
    found = select(col(Event.id)).where(
        col(Event.id) == place.event_id, col(Event.transaction_id) == place.transaction_id
    )
    if place != BEGINNING and await session.scalar(found) is None:
        raise BadUserInput(
            f"after is a cursor of another event log: {shorten(place.cursor)}. "
            "Read anew, and go on from eventsCursor."
        )


async def adopt(session: AsyncSession) -> None:
    """Put what seems to come from later transactions at the end, as one of this one.

    PostgreSQL counts anew where a database is restored, and what is written then would stand before
    what was. Cursors of the restored events are refused from then on.
    """
    if session.get_bind().dialect.name == "postgresql":
        future = col(Event.transaction_id) >= NextTransaction()
        await session.execute(update(Event).where(future).values(transaction_id=OwnTransaction()))


async def end(session: AsyncSession) -> Place:
    """The last place before which nothing is ever added."""
    statement = (
        select(col(Event.transaction_id), col(Event.id))
        .where(col(Event.transaction_id) < Horizon())
        .order_by(col(Event.transaction_id).desc(), col(Event.id).desc())
        .limit(1)
    )
    found = (await session.execute(statement)).one_or_none()
    return BEGINNING if found is None else Place(*found)


async def read_on(session: AsyncSession, place: Place, most: int) -> Part:
    """The events behind a place, as far as they are complete."""
    rows = (await session.execute(_behind(place).limit(most))).all()
    complete = [row[0] for row in rows if row[0].transaction_id < row[1]]
    return Part(complete, held=len(complete) < len(rows))


def _behind(place: Place) -> Any:
    order = col(Event.transaction_id), col(Event.id)
    return select(Event, Horizon()).where(tuple_(*order) > tuple_(*place)).order_by(*order)
