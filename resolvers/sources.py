"""Where new rows go: our own source, or one that is named."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from models import Platform, Source
from models.arguments import FieldError
from models.errors import NotFound, Refusal, ValidationFailed
from resolvers.access import visible
from resolvers.change import Change
from resolvers.filters import checked_text
from resolvers.identity import shorten

OURS = "local"


async def source_called(change: Change, name: Any) -> Source:
    """The source of that name; without one our own.

    Raises a Refusal with NotFound.
    """
    if not name:
        return await ours(change)
    statement = visible(Source, change.viewer).where(
        col(Source.name) == checked_text("source", name)
    )
    source: Source | None = await change.session.scalar(statement)
    if source is None:
        message = f"There is no source {shorten(name)}."
        raise Refusal(NotFound(message=message, path=("source",)))
    return source


async def ours(change: Change) -> Source:
    """Our own source, which is made when it is first needed. Raises a Refusal if it cannot be."""
    found = await _ours(change)
    if found is None:
        await _make_ours(change)
        found = await _ours(change)
    if found is None:
        message = f"The source {OURS!r} belongs to another platform: name the source."
        raise Refusal(ValidationFailed.of(FieldError(("source",), message, "required")))
    return found


async def _ours(change: Change) -> Source | None:
    ours: Source | None = await change.session.scalar(
        select(Source).where(col(Source.platform) == Platform.LOCAL).order_by(col(Source.id))
    )
    return ours


async def _make_ours(change: Change) -> None:
    """Make it, unless somebody else does at this moment."""
    try:
        async with change.session.begin_nested():
            change.session.add(Source(name=OURS, platform=Platform.LOCAL, created_at=change.at))
            await change.session.flush()
    except IntegrityError:
        return
