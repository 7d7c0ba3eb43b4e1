"""Events: the append-only log of changes, and its order.

The log is read in the order of `transaction_id` and `id`, up to the horizon. On PostgreSQL a later
transaction may commit before an earlier one: what stands below the oldest transaction that is still
open is complete, and nothing is ever added before it. On SQLite there is one writer at a time, and
numbers alone are the order.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Field

from models.base import BIG, Row, big, document, link, now, text


class TransactionNumber(FunctionElement[int]):
    """A number by which a database tells transactions apart; ``texts`` is its SQL by dialect."""

    type = BigInteger()
    texts: ClassVar[Mapping[str, str]]


class OwnTransaction(TransactionNumber):
    """The number of the transaction that writes; 0 where there is only one at a time."""

    inherit_cache = True
    texts: ClassVar = {"postgresql": "pg_current_xact_id()::text::bigint", "sqlite": "0"}


class Horizon(TransactionNumber):
    """The oldest transaction that is still open: what older ones wrote is complete."""

    inherit_cache = True
    texts: ClassVar = {
        "postgresql": "pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        "sqlite": "1",
    }


class NextTransaction(TransactionNumber):
    """The first number that no transaction had yet; PostgreSQL only."""

    inherit_cache = True
    texts: ClassVar = {"postgresql": "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"}


@compiles(TransactionNumber)
def _said(element: TransactionNumber, compiler: SQLCompiler, **_: Any) -> str:
    return element.texts[compiler.dialect.name]


CHANNEL = "trialgraph_event"
"""Where PostgreSQL says that there are new events: a trigger of the table does, without more."""


class Event(Row, table=True):
    """One change: who did what to which thing, when, and how it looked before and after."""

    at: datetime = Field(default_factory=now)
    transaction_id: int = Field(
        default=None,
        sa_type=BIG,
        nullable=False,
        sa_column_kwargs={"default": OwnTransaction()},
    )
    actor: str | None = text()
    actor_id: int | None = link("user")
    action: str = text(nullable=False)
    subject_type: str = text(nullable=False)
    subject_id: int | None = big()
    experiment_id: int | None = link("experiment")
    before: dict[str, Any] | None = document()
    after: dict[str, Any] | None = document()


Index("ix_event_at_id", Event.at, Event.id)  # type: ignore[arg-type]
Index("ix_event_transaction_id_id", Event.transaction_id, Event.id)  # type: ignore[arg-type]
