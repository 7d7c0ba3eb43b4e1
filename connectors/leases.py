"""Whose turn it is: one delivery at a time for one experiment, in order, in one process.

A lease says which process is at a delivery. Who finds one that has run out knows that a process
ended in the middle. SQLite has one writer at a time; PostgreSQL skips rows that others lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from models.database import Database
from models.delivery import UNSETTLED, Delivery, DeliveryState
from models.event import Event
from models.experiment import Experiment
from models.source import Source

LEASE = timedelta(seconds=90)
"""Longer than any call may take, with its retries."""

PROCESS = uuid4().hex


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that is this process's turn, with what it is about.

    ``doubtful`` says that it was being sent before, by whom nobody knows: the platform must be
    read before anything is repeated. ``made`` is the experiment that it makes, if it makes one.
    """

    delivery: Delivery
    event: Event
    experiment: Experiment
    source: Source
    doubtful: bool
    made: Experiment | None = None


def ready(at: datetime) -> Select[Any]:
    """The deliveries that may be tried now, in order: none before those of its experiment."""
    earlier: Any = aliased(Delivery)
    is_first = ~exists().where(
        earlier.experiment_id == Delivery.experiment_id,
        earlier.state.in_(UNSETTLED),
        earlier.id < Delivery.id,
    )
    return (
        select(Delivery)
        .where(
            col(Delivery.state).in_(UNSETTLED),
            or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= at),
            or_(col(Delivery.due_at).is_(None), col(Delivery.due_at) <= at),
            is_first,
        )
        .order_by(col(Delivery.id))
        .limit(1)
    )


async def is_any_ready(database: Database, at: datetime) -> bool:
    """Whether something may be tried now. Writes nothing."""
    async with database.read() as session:
        return await session.scalar(ready(at)) is not None


async def lease(
    database: Database, at: datetime, experiment_id: int | None = None
) -> Leased | None:
    """The next delivery, of one experiment if it is named, leased to this process.

    It is SENDING from now on: a process that ends before it settles leaves it so.
    """
    statement = ready(at)
    if experiment_id is not None:
        statement = statement.where(col(Delivery.experiment_id) == experiment_id)
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
            await session.get_one(Experiment, delivery.experiment_id),
            await session.get_one(Source, delivery.source_id),
            doubtful,
            await session.get(Experiment, delivery.subject_id) if delivery.subject_id else None,
        )
