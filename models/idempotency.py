"""Idempotency keys: what a caller asked under a key of its own, and what was answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Row, document, now, text


class IdempotencyRecord(Row, table=True):
    """The answer to one mutation of one caller, kept so that asking again changes nothing.

    ``fingerprint`` is a hash of the input: another input under the same key is refused. ``answer``
    holds the row numbers that the payload is read from.
    """

    __table_args__ = (UniqueConstraint("actor", "mutation", "key"),)

    actor: str = text(nullable=False)
    mutation: str = text(nullable=False)
    key: str = text(nullable=False)
    fingerprint: str = text(nullable=False)
    answer: dict[str, Any] | None = document()
    created_at: datetime = Field(default_factory=now, index=True)
