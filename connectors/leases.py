"""Whose turn it is: one delivery at a time for one experiment, in order, in one process.

What is to happen to an experiment that a restart makes waits until the restart has made it.

A lease says which process is at a delivery. Who finds one that has run out knows that a process
ended in the middle. SQLite has one writer at a time; PostgreSQL skips rows that others lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from os import getpid
from socket import gethostname
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from connectors.base import Task
from models.base import Sourced
from models.database import Database
from models.delivery import UNSETTLED, Delivery, DeliveryState
from models.event import Event
from models.experiment import Experiment
from models.holdout import Holdout
from models.note import Note
from models.saved_metric import SavedMetric
from models.source import Source

LEASE = timedelta(seconds=90)
"""Longer than anybody stays at one delivery."""

PROCESS = f"{gethostname()}/{getpid()}/{uuid4().hex}"
"""Who this is, in words that lead an operator to it."""

SUBJECTS: dict[str, type[Sourced]] = {
    kind.__name__: kind for kind in (Experiment, Holdout, SavedMetric)
}
"""What platforms are told changes of."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that is this process's turn, with the row that it is about.

    ``doubtful`` says that it was being sent before, by whom nobody knows: the platform must be
    read before anything is repeated. ``made`` is the experiment that it makes, if it makes one,
    ``about`` the note that it answers or changes.
    """

    delivery: Delivery
    event: Event
    row: Sourced
    source: Source
    doubtful: bool
    made: Experiment | None = None
    about: Note | None = None

    @property
    def task(self) -> Task:
        """What is to be done."""
        delivery = self.delivery
        return Task(
            delivery.verb,
            self.row,
            delivery.arguments or {},
            delivery.before or {},
            delivery.after or {},
            self.made,
            delivery.created_at,
            self.about.external_id if self.about else None,
        )


def ready(at: datetime, before: Delivery | None = None) -> Select[Any]:
    """The delivery that may be tried now: none before earlier ones of its subject.

    Only such as are on the way of another one, if that is given.
    """
    earlier: Any = aliased(Delivery)
    unsettled = exists().where(earlier.state.in_(UNSETTLED), earlier.id < Delivery.id)
    is_first = ~unsettled.where(
        earlier.subject_type == Delivery.subject_type, earlier.subject_id == Delivery.subject_id
    )
    is_there = ~unsettled.where(earlier.made_id == col(Delivery.experiment_id))
    statement = (
        select(Delivery)
        .where(
            col(Delivery.state).in_(UNSETTLED),
            or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= at),
            or_(col(Delivery.due_at).is_(None), col(Delivery.due_at) <= at),
            is_first,
            is_there,
        )
        .order_by(col(Delivery.id))
        .limit(1)
    )
    return statement if before is None else statement.where(_on_the_way_of(before))


def _on_the_way_of(delivery: Delivery) -> ColumnElement[bool]:
    """What is about the same subject, or makes it."""
    same = and_(
        col(Delivery.subject_type) == delivery.subject_type,
        col(Delivery.subject_id) == delivery.subject_id,
    )
    if delivery.experiment_id is None:
        return same
    return same | (col(Delivery.made_id) == delivery.experiment_id)


async def is_any_ready(database: Database, at: datetime, before: Delivery | None = None) -> bool:
    """Whether something may be tried now. Writes nothing."""
    async with database.read() as session:
        return await session.scalar(ready(at, before)) is not None


async def lease(database: Database, at: datetime, before: Delivery | None = None) -> Leased | None:
    """The next delivery, on the way of another one if that is given, leased to this process.

    It is SENDING from now on: a process that ends before it settles leaves it so.
    """
    statement = ready(at, before)
    async with database.write() as session:
        delivery = await session.scalar(statement.with_for_update(skip_locked=True, of=Delivery))
        if delivery is None:
            return None
        doubtful = delivery.state is DeliveryState.SENDING
        delivery.state = DeliveryState.SENDING
        delivery.attempts += 1
        delivery.leased_by = PROCESS
        delivery.lease_until = at + LEASE
        return Leased(
            delivery,
            await session.get_one(Event, delivery.event_id),
            await session.get_one(SUBJECTS[delivery.subject_type], delivery.subject_id),
            await session.get_one(Source, delivery.source_id),
            doubtful,
            await session.get(Experiment, delivery.made_id) if delivery.made_id else None,
            await note_about(session, delivery),
        )


async def note_about(session: AsyncSession, delivery: Delivery) -> Note | None:
    """The note that a delivery answers or changes."""
    number = (delivery.arguments or {}).get("note_id")
    return await session.get(Note, number) if number else None
