"""Connecting sources, and syncing them from the command line."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlmodel import col

from connectors.credentials import PREFIX, Secrets, variable
from connectors.registry import Registry
from connectors.sync import Progress, Sync, Synced
from gateway.settings import Settings
from models import Platform, Source, SourceState
from models.base import now
from models.database import Database
from models.errors import BadUserInput

Tell = Callable[[str, Progress], None]


async def connect(database: Database, name: str, platform: Platform, url: str) -> None:
    """Add a source, or connect one that is there. Raises BadUserInput."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise BadUserInput(
            f"{url!r} is no address of an API: write https://…, without a name or password in it."
        )
    if platform is Platform.LOCAL:
        raise BadUserInput("LOCAL is this gateway itself; connect one of the others.")
    async with database.write() as session:
        source = await session.scalar(select(Source).where(col(Source.name) == name))
        if source is None:
            source = Source(name=name, platform=platform)
            session.add(source)
        elif source.platform is not platform:
            raise BadUserInput(f"The source {name!r} belongs to {source.platform}.")
        source.url = url.rstrip("/")
        source.state = SourceState.CONNECTED
        source.failures, source.quiet_until, source.last_error = 0, None, None


async def disconnect(database: Database, name: str) -> None:
    """Leave a platform alone. Raises BadUserInput where there is no such source."""
    async with database.write() as session:
        source = await session.scalar(select(Source).where(col(Source.name) == name))
        if source is None:
            raise BadUserInput(f"There is no source {name!r}.")
        source.state = SourceState.DETACHED


async def lines(database: Database) -> list[str]:
    """A line for each source."""
    async with database.read() as session:
        found = (await session.scalars(select(Source).order_by(col(Source.name)))).all()
    return [
        "  ".join(
            (
                source.name,
                source.platform,
                source.state,
                source.url or "-",
                f"synced {source.last_synced_at or 'never'}",
                *([source.last_error] if source.last_error else []),
            )
        )
        for source in found
    ]


async def sync(database: Database, settings: Settings, name: str | None, tell: Tell) -> list[str]:
    """Sync a source, or every connected one; a line for each. Raises BadUserInput."""
    statement = select(Source).where(col(Source.state) != SourceState.DETACHED)
    if name is not None:
        statement = statement.where(col(Source.name) == name)
    async with database.read() as session:
        found = (await session.scalars(statement.order_by(col(Source.name)))).all()
    if not found:
        wanted = "No source is connected" if name is None else f"No source {name!r} is connected"
        raise BadUserInput(f"{wanted}; trialgraph source add connects one.")
    registry = Registry(Secrets(settings.secrets_file))
    done = []
    try:
        for source in found:
            one = Sync(database, registry, now, partial(tell, source.name))
            done.append(_line(await one.run(source)))
    finally:
        await registry.close()
    return done


def has_credential(settings: Settings, name: str) -> bool:
    """Whether this process knows a credential of the source. Raises SecretsUnreadable."""
    return bool(Secrets(settings.secrets_file).of(name))


def variable_of(name: str) -> str:
    """The variable that holds the token of a source."""
    return f"{PREFIX}{variable(name)}_TOKEN"


def _line(done: Synced) -> str:
    totals = {
        how: sum(count for (_, each), count in done.outcomes.items() if each == how)
        for how in ("created", "updated", "unchanged", "skipped")
    }
    told = ", ".join(f"{count} {how}" for how, count in totals.items() if count) or "nothing"
    gone = f", {done.missing} experiments gone" if done.missing else ""
    return f"{done.source}: {done.pages} pages, {told}{gone}"
