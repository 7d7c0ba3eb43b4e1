"""Where rows come from: a platform that is synced, a file that was imported, or this gateway."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field

from models.base import Row, choice, document, now, text
from models.phase import Platform


class SourceState(StrEnum):
    """How a source is connected."""

    DETACHED = "DETACHED"
    CONNECTED = "CONNECTED"
    FAILING = "FAILING"


class Source(Row, table=True):
    """One origin of rows; every row of the graph belongs to exactly one.

    ``cursor`` is where a sync that was stopped goes on, ``counts`` what the last whole one met by
    type. ``failures`` counts calls that failed in a row; until ``quiet_until`` the platform is
    left alone. One process syncs it at a time, as ``sync_lease_until`` tells the others.
    """

    name: str = text(unique=True, nullable=False)
    platform: Platform = choice(Platform)
    url: str | None = text()
    state: SourceState = choice(SourceState, SourceState.DETACHED)
    last_synced_at: datetime | None = None
    last_error: str | None = text()
    cursor: dict[str, Any] | None = document()
    counts: dict[str, Any] | None = document()
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    quiet_until: datetime | None = None
    sync_lease_until: datetime | None = None
    created_at: datetime = Field(default_factory=now)
