"""Events: the append-only log of changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import Row, big, document, link, now, text


class Event(Row, table=True):
    """One change: who did what to which thing, when, and how it looked before and after."""

    at: datetime = Field(default_factory=now)
    actor: str | None = text()
    actor_id: int | None = link("user")
    action: str = text(nullable=False)
    subject_type: str = text(nullable=False)
    subject_id: int | None = big()
    experiment_id: int | None = link("experiment")
    before: dict[str, Any] | None = document()
    after: dict[str, Any] | None = document()


Index("ix_event_at_id", Event.at, Event.id)  # type: ignore[arg-type]
