"""What subscriptions tell, event by event, and to whom.

What somebody may not see when an event is about to be told is not told, and neither are events of
an experiment that does not match then.
"""

from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, literal, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from models import Event, Experiment
from models.errors import NotFound, Refusal
from resolvers import log
from resolvers.access import Viewer, narrowed, require_read, visible
from resolvers.context import Context
from resolvers.feed import Following, Interest, Told
from resolvers.filters import condition
from resolvers.identity import decode_as, shorten
from resolvers.log import place_of


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event, with its place in the log."""

    event: Event

    @property
    def cursor(self) -> str:
        """Where to go on from."""
        return place_of(self.event).cursor

    @property
    def told(self) -> Hashable:
        """What is told: the same is told by the same answer."""
        return self.event.id


@dataclass(frozen=True, slots=True)
class ExperimentChange(LogEntry):
    """An event about an experiment; ``matches`` says whether that satisfies the condition now."""

    matches: bool

    @property
    def told(self) -> Hashable:
        """What is told: the same is told by the same answer."""
        return self.event.id, self.matches

    @property
    def experiment_id(self) -> int | None:
        """The row number of the experiment."""
        return self.event.experiment_id


async def events_cursor(context: Context) -> str:
    """The end of the log."""
    async with context.database.read() as session:
        return (await log.end(session)).cursor


async def events(
    context: Context, where: Any = None, after: str | None = None
) -> AsyncGenerator[LogEntry]:
    """Every event that the viewer may see. Raises BadUserInput."""

    def judge(viewer: Viewer) -> Select[Any]:
        seen = visible(Event, viewer)
        matching = seen if where is None else seen.where(condition(where, Event, viewer))
        return _numbers(matching, literal(1))

    judge(context.viewer)
    interest = Interest(("events", repr(where)), judge)
    return _each(await _told(context, interest, after), lambda told: LogEntry(told.event))


async def experiment_changed(
    context: Context,
    id: str,  # noqa: A002  the argument is called id
    after: str | None = None,
) -> AsyncGenerator[ExperimentChange]:
    """Every event about one experiment. Raises BadUserInput, and a Refusal."""
    require_read(Experiment, context.viewer)
    number = decode_as(Experiment, id)
    async with context.database.read() as session:
        there = visible(Experiment, context.viewer).where(col(Experiment.id) == number)
        if await session.scalar(there) is None:
            raise Refusal(NotFound(message=f"There is no Experiment {shorten(id)}.", path=("id",)))
    interest = Interest(
        ("experiment", number), _of_experiments(None), lambda event: event.experiment_id == number
    )
    return _each(await _told(context, interest, after), _change)


async def experiments_changed(
    context: Context, where: Any = None, after: str | None = None, *, unmatched: bool = False
) -> AsyncGenerator[ExperimentChange]:
    """Every event about experiments that match. Raises BadUserInput, and a Refusal."""
    judge = _of_experiments(where, unmatched=unmatched)
    judge(context.viewer)
    interest = Interest(
        ("experiments", repr(where), unmatched),
        judge,
        lambda event: event.experiment_id is not None,
    )
    return _each(await _told(context, interest, after), _change)


def _of_experiments(where: Any, *, unmatched: bool = True) -> Callable[[Viewer], Select[Any]]:
    """Events about experiments, each with whether its experiment matches."""

    def judge(viewer: Viewer) -> Select[Any]:
        require_read(Experiment, viewer)
        experiment: Any = aliased(Experiment)
        matching = true() if where is None else condition(where, experiment, viewer)
        seen = visible(Event, viewer).join(experiment, experiment.id == col(Event.experiment_id))
        if not unmatched:
            seen = seen.where(matching)
        return narrowed(_numbers(seen, case((matching, 1), else_=0)), experiment, viewer)

    return judge


def _numbers(events: Any, beside: ColumnElement[Any]) -> Select[Any]:
    """What a feed asks: the numbers of events, each with what is told beside it."""
    columns = (col(Event.id), beside.label("beside"))
    statement: Select[Any] = events.with_only_columns(*columns, maintain_column_froms=True)
    return statement


def _change(told: Told) -> ExperimentChange:
    return ExperimentChange(told.event, bool(told.beside))


async def _told(context: Context, interest: Interest, after: str | None) -> AsyncGenerator[Told]:
    following = context.following
    if not isinstance(following, Following):
        raise TypeError("this way of asking has no room for a subscription")
    return await following.told(interest, after)


async def _each(source: AsyncGenerator[Told], shown: Callable[[Told], Any]) -> AsyncGenerator[Any]:
    async with aclosing(source):
        async for told in source:
            yield shown(told)
