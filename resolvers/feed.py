"""The feed: the event log read once for everybody who follows it in this process.

Whoever follows first reads on by themselves up to where the feed stands, and is handed from there
what the feed reads. It is read while somebody follows, and no longer. Whether an event exists for a
follower is asked when it is about to be handed over, once for all who ask the same.
"""

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Hashable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Select
from sqlalchemy.exc import SQLAlchemyError

from models import Event
from models.database import Database
from models.errors import ExpectedError
from models.event import CHANNEL
from resolvers import log
from resolvers.access import Viewer
from resolvers.hearing import hear
from resolvers.keys import keyed_by
from resolvers.log import Place, place_of
from resolvers.recent import MOMENT, Recent

MOST_AT_ONCE = 200
HELD = 0.05
"""Seconds between two looks while events wait for a transaction that is still open."""

UNHEARD = {True: 0.25, False: 2.0}
"""Seconds between two looks while nothing is heard; by whether it is SQLite, which tells nobody."""

MOST_WAITING = 10_000
"""How many events may wait for a follower."""

Judge = Callable[[Viewer], Select[*tuple[Any, ...]]]
"""Whether events exist for a viewer: their numbers, each with what is told beside the event."""

logger = structlog.get_logger("trialgraph.feed")


class FellBehind(ExpectedError):
    """Too many events wait for a follower, who may go on from the last one that was handed over."""

    code = "FELL_BEHIND"

    def __init__(self, place: Place) -> None:
        super().__init__(
            f"More than {MOST_WAITING} events wait to be told. Go on from the last cursor.",
            cursor=place.cursor,
            retryable=True,
        )


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody follows. Those with the same key are asked for together."""

    key: Hashable
    judge: Judge
    wants: Callable[[Event], bool] = lambda _: True
    """Whether an event may be of interest at all, told from the event alone."""


class Told(NamedTuple):
    """An event that is handed over, with what the interest's statement says beside it."""

    event: Event
    beside: Any


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that were read at once."""

    events: Sequence[Event]
    answers: Recent[Mapping[int, Any]] = field(default_factory=Recent)

    async def judged(
        self, database: Database, interest: Interest, viewer: Viewer
    ) -> Mapping[int, Any]:
        """What is told of which events, asked once for all who ask the same just now."""

        async def ask() -> Mapping[int, Any]:
            numbers = [event.id for event in self.events if interest.wants(event)]
            if not numbers:
                return {}
            statement = interest.judge(viewer).where(keyed_by(Event.id, numbers))
            async with database.read() as session:
                return {row.id: row.beside for row in await session.execute(statement)}

        return await self.answers.get((interest.key, viewer), ask)


@dataclass(eq=False, slots=True)
class Follower:
    """What waits for somebody."""

    waiting: deque[Batch] = field(default_factory=deque)
    count: int = 0
    fell_behind: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, batch: Batch) -> None:
        """Let a batch wait, if there is room."""
        self.count += len(batch.events)
        if self.count > MOST_WAITING:
            self.fell_behind = True
            self.forget()
        if not self.fell_behind:
            self.waiting.append(batch)
        self.arrived.set()

    def forget(self) -> None:
        """Let nothing wait."""
        self.waiting.clear()
        self.count = 0

    async def next(self, place: Place) -> Batch:
        """The next batch, when there is one. Raises FellBehind."""
        while not self.waiting:
            if self.fell_behind:
                raise FellBehind(place)
            self.arrived.clear()
            await self.arrived.wait()
        batch = self.waiting.popleft()
        self.count -= len(batch.events)
        return batch


class Feed:
    """One for the process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._place = log.BEGINNING
        self._followers: set[Follower] = set()
        self._reading: asyncio.Task[None] | None = None
        self._started = asyncio.Event()
        self._woken = asyncio.Event()

    async def start(self, after: str | None) -> Place:
        """The place of a cursor, or the end of the log. Raises BadUserInput."""
        async with self._database.read() as session:
            if after is None:
                return await log.end(session)
            place = log.decode(after)
            await log.require(session, place)
            return place

    async def follow(
        self, interest: Interest, place: Place, viewer: Callable[[], Awaitable[Viewer]]
    ) -> AsyncGenerator[Told]:
        """Every event of interest behind a place, each once and in order, without end.

        ``viewer`` is asked who follows whenever events are about to be handed over, and what it
        raises ends it. Raises FellBehind where they are taken more slowly than they come.
        """
        with self._registered() as follower:
            await self._started.wait()
            async with aclosing(self._batches(follower, place)) as batches:
                async for batch in batches:
                    judged: Mapping[int, Any] = {}
                    until = 0.0
                    for event in batch.events:
                        if monotonic() >= until:
                            judged = await batch.judged(self._database, interest, await viewer())
                            until = monotonic() + MOMENT
                        if event.id in judged:
                            yield Told(event, judged[event.id])

    async def _batches(self, follower: Follower, place: Place) -> AsyncGenerator[Batch]:
        """What comes behind a place: from the log up to where the feed stands, then from that."""
        boundary = self._place
        follower.forget()
        while place < boundary:
            async with self._database.read() as session:
                events, _ = await log.read_on(session, place, MOST_AT_ONCE)
            events = [event for event in events if place_of(event) <= boundary]
            if not events:
                break
            yield Batch(events)
            place = place_of(events[-1])
        while True:
            batch = await follower.next(place)
            if place_of(batch.events[0]) <= place:
                batch = Batch([event for event in batch.events if place_of(event) > place])
            if batch.events:
                yield batch
                place = place_of(batch.events[-1])

    @contextmanager
    def _registered(self) -> Iterator[Follower]:
        """A follower for whom the log is read, until this is left."""
        follower = Follower()
        self._followers.add(follower)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            self._woken.set()

    async def _read(self) -> None:
        """Read the log while somebody follows, woken by commits, here and elsewhere."""
        hearing = asyncio.create_task(hear(self._database, CHANNEL, self._woken.set))
        self._database.committed.add(self._woken.set)
        try:
            while self._followers:
                pause = await self._looked()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), pause)
        finally:
            self._started.clear()
            self._reading = None
            self._database.committed.discard(self._woken.set)
            hearing.cancel()

    async def _looked(self) -> float:
        """Look once; how long to wait for the next time where nothing is heard."""
        unheard = UNHEARD[self._database.is_sqlite]
        self._woken.clear()
        try:
            return HELD if await self._advance() else unheard
        except (ExpectedError, OSError, SQLAlchemyError) as error:
            logger.warning("event log not read", reason=type(error).__name__)
        except Exception:
            logger.exception("defect")
        return unheard

    async def _advance(self) -> bool:
        """Hand out what is new; whether there is more that waits for an open transaction."""
        async with self._database.read() as session:
            if not self._started.is_set():
                self._place = await log.end(session)
                self._started.set()
            part = await log.read_on(session, self._place, MOST_AT_ONCE)
        if part.events:
            self._place = place_of(part.events[-1])
            batch = Batch(part.events)
            for follower in self._followers:
                follower.put(batch)
        if len(part.events) == MOST_AT_ONCE:
            self._woken.set()
        return part.held


@dataclass(slots=True)
class Following:
    """How a request follows the log: by which feed, from where, and who it is by then.

    ``viewer`` looks at the credential again, and raises what ends the subscription. ``resume`` is a
    cursor that a transport keeps by itself, and stands above the argument. ``begins`` is where it
    was begun, once it is.
    """

    feed: Feed
    viewer: Callable[[], Awaitable[Viewer]]
    resume: str | None = None
    begins: str | None = None

    async def told(self, interest: Interest, after: str | None) -> AsyncGenerator[Told]:
        """The events of interest behind a cursor, or from now on. Raises BadUserInput."""
        place = await self.feed.start(self.resume or after)
        self.begins = place.cursor
        return self.feed.follow(interest, place, self.viewer)
