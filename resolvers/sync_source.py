"""Syncing a source through the graph. It runs in transactions of its own, page by page."""

from typing import TYPE_CHECKING, Any

from connectors.errors import AlreadySyncing, PayloadRefused, PlatformFailed
from connectors.report import OUTCOMES
from models import Platform, Source, SourceState
from models.arguments import FieldError
from models.errors import (
    Forbidden,
    NotFound,
    Refusal,
    UnsupportedByPlatform,
    UpstreamFailed,
    UserError,
    ValidationFailed,
)
from resolvers.access import visible
from resolvers.context import Context
from resolvers.identity import decode_as, shorten
from resolvers.outcome import Outcome
from resolvers.scopes import write_scope

if TYPE_CHECKING:
    from connectors.sync import Synced


async def sync_source(context: Context, input: Any) -> Outcome:  # noqa: A002  as in the graph
    """Read everything that the source's platform has; what was read stays, whatever follows."""
    try:
        source = await _found(context, input.id)
        done = await context.sync(source)
    except Refusal as refusal:
        return Outcome.refused(input, *refusal.reasons)
    except PlatformFailed as failure:
        return Outcome.refused(input, failure.facts())
    except PayloadRefused:
        return Outcome.refused(input, _not_understood(source))
    except AlreadySyncing as busy:
        return Outcome.refused(input, _wrong(busy.message, "already_syncing"))
    return Outcome(row_id=source.id, counts=counted(done))


def counted(done: "Synced") -> tuple[tuple[str, int, int, int, int], ...]:
    """What a sync did, by type: created, updated, unchanged, skipped."""
    found = done.counts()
    return tuple(
        (kind, *(found[kind].get(how, 0) for how in OUTCOMES))  # type: ignore[misc]
        for kind in sorted(found)
    )


async def _found(context: Context, text: str) -> Source:
    context.viewer.require(write_scope(Source))
    if context.viewer.team_bound:
        message = "A key that is bound to teams cannot sync a source, which is everybody's."
        raise Refusal(Forbidden(message=message, path=("id",), scope=None))
    number = decode_as(Source, text)
    async with context.database.read() as session:
        source: Source | None = await session.scalar(
            visible(Source, context.viewer).where(Source.id == number)  # type: ignore[arg-type]
        )
    if source is None:
        message = f"There is no Source {shorten(text)}."
        raise Refusal(NotFound(message=message, path=("id",)))
    if source.state is SourceState.DETACHED:
        raise Refusal(_detached(source))
    return source


def _detached(source: Source) -> UserError:
    if source.platform is Platform.LOCAL:
        message = "This gateway's own source has no platform to be read from."
        return UnsupportedByPlatform(
            message=message, path=("id",), platform=source.platform, action=None
        )
    return _wrong(f"The source {source.name!r} is not connected to its platform.", "connected")


def _not_understood(source: Source) -> UserError:
    return UpstreamFailed(
        message=f"The source {source.name!r} answered with something that cannot be understood.",
        path=("id",),
        source=source.name,
        status=None,
        retryable=False,
        retry_after=None,
    )


def _wrong(message: str, rule: str) -> ValidationFailed:
    return ValidationFailed.of(FieldError(("id",), message, rule))
