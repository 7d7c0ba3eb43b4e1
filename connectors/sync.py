"""Pulling a source: page by page, through the same way that files come in.

Each page is one transaction, written together with the place where the list goes on: a sync that
is killed goes on from there. What the platform no longer lists is marked and not deleted, at the
end of a sync that saw every page itself. Nothing is written where nothing changed.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from connectors.base import Connector, Page
from connectors.errors import AlreadySyncing, Arrived, PayloadRefused, PlatformFailed
from connectors.importing import staged
from connectors.missing import is_gone, mark_missing, unmet
from connectors.patience import failed, require_awake, worked
from connectors.payloads.documents import Document
from connectors.registry import Registry
from connectors.standing import changed_here
from models.database import Database
from models.experiment import Experiment, SyncState
from models.source import Source

Clock = Callable[[], datetime]


LEASE = timedelta(minutes=5)
"""How long one page may take; a process that ended holds the source for so long."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is: the list that is read, and how many pages and rows came so far."""

    resource: str
    pages: int
    rows: int


@dataclass(slots=True)
class Synced:
    """What a sync did. ``outcomes`` are counted by (type, created|updated|unchanged|skipped)."""

    source: str
    pages: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: int = 0
    resumed: bool = False

    def counts(self) -> dict[str, dict[str, int]]:
        """The outcomes as a document, by type."""
        found: dict[str, dict[str, int]] = {}
        for (kind, how), count in sorted(self.outcomes.items()):
            found.setdefault(kind, {})[how] = count
        return found


class Sync:
    """One sync of one source."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Clock,
        tell: Callable[[Progress], None] | None = None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock
        self._tell = tell or (lambda _: None)
        self._held_until = clock()

    async def run(self, source: Source) -> Synced:
        """Read everything. Raises PlatformFailed; what came before it stays, and is gone on from.

        Raises PayloadRefused where a page is not what its platform's pages are, and AlreadySyncing.
        """
        require_awake(source, self._clock())
        connector = await self._open(source)
        await self._claim(source)
        try:
            return await self._walk(source, connector)
        except PlatformFailed as error:
            await self._failed(source, error)
            raise
        except PayloadRefused:
            reason = "answered with something that cannot be understood"
            await self._failed(source, PlatformFailed(source.name, reason, arrived=Arrived.NO))
            raise
        finally:
            async with self._database.write() as session:
                await _set(session, source.id, sync_lease_until=None)

    async def _open(self, source: Source) -> Connector:
        """The source's connector. Where there is none, the source says why and is not to blame."""
        try:
            return self._registry.open(source)
        except PlatformFailed as error:
            if source.last_error != error.message:
                async with self._database.write() as session:
                    await _set(session, source.id, last_error=error.message)
            raise

    async def _failed(self, source: Source, error: PlatformFailed) -> None:
        async with self._database.write() as session:
            await failed(session, source.id, error, self._clock())

    async def _hold(self, session: AsyncSession, source: Source) -> None:
        """Keep the source for longer, when half of the time is over."""
        now = self._clock()
        if self._held_until - now < LEASE / 2:
            self._held_until = now + LEASE
            await _set(session, source.id, sync_lease_until=self._held_until)

    async def _claim(self, source: Source) -> None:
        """Keep other processes from the source. Raises AlreadySyncing."""
        at = self._clock()
        self._held_until = at + LEASE
        free = col(Source.sync_lease_until).is_(None) | (col(Source.sync_lease_until) <= at)
        claim = (
            update(Source)
            .where(col(Source.id) == source.id, free)
            .values(sync_lease_until=self._held_until)
            .returning(col(Source.id))
        )
        async with self._database.write() as session:
            if await session.scalar(claim) is None:
                raise AlreadySyncing(f"The source {source.name!r} is being synced already.")

    async def _walk(self, source: Source, connector: Connector) -> Synced:
        place = source.cursor or {}
        done = Synced(source.name, resumed=bool(place))
        seen: set[str] = set()
        for resource in connector.resources[_index(connector, place) :]:
            cursor = place.get("next") if resource == place.get("resource") else None
            while True:
                page = await self._page(source, connector, resource, cursor)
                await self._take(source, connector, resource, page, done)
                seen.update(page.experiments)
                self._tell(Progress(resource, done.pages, sum(done.outcomes.values())))
                if page.next is None:
                    break
                cursor = page.next
        await self._finish(source, [] if done.resumed else await self._gone(source, seen), done)
        return done

    async def _page(
        self, source: Source, connector: Connector, resource: str, cursor: str | None
    ) -> Page:
        """A page, with what else there is of the experiments on it that are new or changed."""
        page = await connector.page(resource, cursor)
        if not page.experiments or source.last_synced_at is None:
            return await connector.complete(page, {})
        statement = select(col(Experiment.external_id), col(Experiment.updated_at)).where(
            col(Experiment.source_id) == source.id,
            col(Experiment.external_id).in_(page.experiments),
        )
        async with self._database.read() as session:
            known = {str(number): at for number, at in await session.execute(statement)}
        return await connector.complete(page, known)

    async def _take(
        self, source: Source, connector: Connector, resource: str, page: Page, done: Synced
    ) -> None:
        """Write a page, and where the list goes on.

        Experiments that were changed here since the page was asked for are left as they are: the
        page may tell of them as they were before. Those whose change came in while it was written
        are seen afterwards, and then it is written anew.
        """
        leave: frozenset[str] = frozenset()
        place = {"resource": resource, "next": page.next} if page.next is not None else None
        while True:
            async with (
                staged([_document(source, resource, page)], **_of(source, connector)) as ready,
                self._database.write() as session,
            ):
                await ready.write(await session.connection(), leave)
                await _mark_synced(session, source.id, page.experiments, self._clock())
                await self._hold(session, source)
                if place is not None and _wrote(ready.report.outcomes):
                    await _set(session, source.id, cursor=place)
                changed = await changed_here(session, source.id, page.asked_at)
                if changed <= leave:
                    break
                await session.rollback()
            leave |= changed
        done.pages += 1
        done.outcomes.update(ready.report.outcomes)

    async def _gone(self, source: Source, seen: set[str]) -> list[int]:
        """The experiments that no page showed, and that the platform does not have."""
        connector, found = self._registry.open(source), []
        for row in await unmet(self._database, source.id, seen):
            async with self._database.write() as session:
                await self._hold(session, source)
            if await is_gone(connector, row):
                found.append(row.id)
        return found

    async def _finish(self, source: Source, gone: list[int], done: Synced) -> None:
        async with self._database.write() as session:
            done.missing = await mark_missing(session, gone)
            now = self._clock()
            await _set(session, source.id, cursor=None, last_synced_at=now, counts=done.counts())
            await worked(session, source)


def _index(connector: Connector, place: dict[str, Any]) -> int:
    resource = place.get("resource")
    return connector.resources.index(resource) if resource in connector.resources else 0


def _wrote(outcomes: Counter[tuple[str, str]]) -> bool:
    return any(how in {"created", "updated"} for _, how in outcomes)


async def _set(session: AsyncSession, source_id: int, **values: Any) -> None:
    await session.execute(update(Source).where(col(Source.id) == source_id).values(**values))


def _document(source: Source, resource: str, page: Page) -> Document:
    return Document(f"{source.name}: {resource}", BytesIO(page.body))


def _of(source: Source, connector: Connector) -> dict[str, Any]:
    return {"source": source.name, "vocabulary": connector.vocabulary}


async def _mark_synced(
    session: AsyncSession, source_id: int, seen: tuple[str, ...], at: datetime
) -> None:
    """Experiments that were only here, or were missing, or had failed, are in step again."""
    await session.execute(
        update(Experiment)
        .where(
            col(Experiment.source_id) == source_id,
            col(Experiment.external_id).in_(seen),
            col(Experiment.sync_state).in_(
                (SyncState.DETACHED, SyncState.MISSING, SyncState.FAILED)
            ),
        )
        .values(sync_state=SyncState.SYNCED, sync_error=None, synced_at=at)
    )
