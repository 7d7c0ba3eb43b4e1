"""Where rows come from: a platform that is synced, a file that was imported, or this gateway."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field

from models.base import Row, choice, now, text
from models.phase import Platform


class SourceState(StrEnum):
    """How a source is connected."""

    DETACHED = "DETACHED"
    CONNECTED = "CONNECTED"
    FAILING = "FAILING"


class Source(Row, table=True):
    """One origin of rows; every row of the graph belongs to exactly one."""

    name: str = text(unique=True, nullable=False)
    platform: Platform = choice(Platform)
    url: str | None = text()
    state: SourceState = choice(SourceState, SourceState.DETACHED)
    last_synced_at: datetime | None = None
    last_error: str | None = text()
    created_at: datetime = Field(default_factory=now)
