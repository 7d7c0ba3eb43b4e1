"""Where new rows go: our own source, or one that is named."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import Platform, Source
from models.errors import NotFound, Refusal
from resolvers.access import visible
from resolvers.change import Change
from resolvers.filters import checked_text
from resolvers.identity import shorten

OURS = "local"


async def source_called(change: Change, name: Any) -> Source:
    """The source of that name; without one our own, which is made when it is first needed.

    Raises a Refusal with NotFound.
    """
    if not name:
        return await _ours(change)
    statement = visible(Source, change.viewer).where(
        col(Source.name) == checked_text("source", name)
    )
    source: Source | None = await change.session.scalar(statement)
    if source is None:
        message = f"There is no source {shorten(name)}."
        raise Refusal(NotFound(message=message, path=("source",)))
    return source


async def _ours(change: Change) -> Source:
    ours = await change.session.scalar(
        select(Source).where(col(Source.platform) == Platform.LOCAL).order_by(col(Source.id))
    )
    if ours is None:
        ours = Source(name=OURS, platform=Platform.LOCAL, created_at=change.at)
        change.session.add(ours)
        await change.session.flush()
    return ours
