"""The platforms, as this process reaches them: deliveries that are due, and syncs on a timer.

What talks to platforms is imported when the first source is connected, not before.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select
from sqlmodel import col

from gateway.settings import Settings
from models import Delivery, Source, SourceState
from models.base import now
from models.database import Database
from models.delivery import UNSETTLED
from models.errors import ExpectedError, UserError

if TYPE_CHECKING:
    from connectors.delivery import Deliveries
    from connectors.registry import Registry
    from connectors.sync import Synced

SHORT = 0.05
"""Seconds between two looks at a delivery that another process is at."""

log = structlog.get_logger("trialgraph.platforms")


class Platforms:
    """Brings changes to platforms, and reads what changed there."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._registry: Registry | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._troubles: dict[str, str] = {}

    async def settle(self, delivery_id: int) -> tuple[UserError, ...]:
        """Wait until a delivery is settled, for a while; why it was refused, if it was.

        It goes on where nobody waits for it any more.
        """
        task = asyncio.create_task(self._push(delivery_id))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), self._settings.delivery_seconds)
        return await self._reasons(delivery_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver and sync by the clock until the block is left.

        What is being delivered ends first. A sync is left where it is, and gone on from later.
        """
        stopping = asyncio.Event()
        delivering = asyncio.create_task(self._forever(stopping, self._deliver_due))
        syncing = asyncio.create_task(self._forever(stopping, self._sync_due))
        try:
            yield
        finally:
            stopping.set()
            syncing.cancel()
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(delivering, self._settings.delivery_seconds)
            await asyncio.wait([syncing])
            if left := set(self._under_way):
                _, late = await asyncio.wait(left, timeout=self._settings.delivery_seconds)
                for pushing in late:
                    pushing.cancel()
                await asyncio.gather(*late, return_exceptions=True)
            if self._registry is not None:
                await self._registry.close()

    async def sync(self, source: Source) -> "Synced":
        """Read everything that a source's platform has. Raises PlatformFailed."""
        from connectors.sync import Sync  # noqa: PLC0415  see above

        return await Sync(self._database, self.registry(), now).run(source)

    def deliveries(self) -> "Deliveries":
        """What delivers in this process."""
        from connectors.delivery import Deliveries  # noqa: PLC0415  see above

        return Deliveries(self._database, self.registry(), now)

    def registry(self) -> "Registry":
        """The connectors of this process."""
        from connectors.credentials import Secrets  # noqa: PLC0415  see above
        from connectors.registry import Registry  # noqa: PLC0415  see above

        if self._registry is None:
            self._registry = Registry(Secrets(self._settings.secrets_file))
        return self._registry

    async def _push(self, delivery_id: int) -> None:
        """Deliver what stands before it and itself, or wait while another process is at it.

        A call that is under way is ended; what must be tried again later is left to the clock.
        """
        until = monotonic() + self._settings.delivery_seconds
        while monotonic() < until:
            async with self._database.read() as session:
                delivery = await session.get_one(Delivery, delivery_id)
            if delivery.state not in UNSETTLED:
                return
            if not await self.deliveries().run_next(delivery):
                await asyncio.sleep(SHORT)

    async def _reasons(self, delivery_id: int) -> tuple[UserError, ...]:
        from connectors.reasons import reason_of  # noqa: PLC0415  see above

        async with self._database.read() as session:
            delivery = await session.get_one(Delivery, delivery_id)
        return tuple(reason_of(each) for each in (delivery.reason or {}).get("reasons", ()))

    async def _forever(
        self, stopping: asyncio.Event, work: Callable[[], Awaitable[object]]
    ) -> None:
        while not stopping.is_set():
            try:
                if await self._is_any_connected():
                    await work()
            except (ExpectedError, OSError) as error:
                log.warning("platforms not looked at", reason=str(error))
            except Exception:
                log.exception("defect")
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._settings.schedule_seconds)

    async def _is_any_connected(self) -> bool:
        statement = select(col(Source.id)).where(col(Source.state) != SourceState.DETACHED).limit(1)
        async with self._database.read() as session:
            return await session.scalar(statement) is not None

    async def _deliver_due(self) -> None:
        await self.deliveries().run_due()

    async def _sync_due(self) -> None:
        """Sync the sources whose last sync is long enough ago, whatever becomes of the others."""
        if not self._settings.sync_seconds:
            return
        before = now() - timedelta(seconds=self._settings.sync_seconds)
        statement = select(Source).where(
            col(Source.state) != SourceState.DETACHED,
            col(Source.last_synced_at).is_(None) | (col(Source.last_synced_at) <= before),
            col(Source.quiet_until).is_(None) | (col(Source.quiet_until) <= now()),
        )
        async with self._database.read() as session:
            due = (await session.scalars(statement)).all()
        from connectors.errors import AlreadySyncing  # noqa: PLC0415  see above

        for source in due:
            try:
                await self.sync(source)
            except AlreadySyncing:
                continue
            except ExpectedError as error:
                self._tell(source.name, error.message)
            else:
                self._tell(source.name, None)

    def _tell(self, source: str, trouble: str | None) -> None:
        """Log what keeps a source from being synced when that changes, not at every look."""
        if trouble == self._troubles.get(source):
            return
        if trouble is None:
            del self._troubles[source]
            log.info("source synced again", source=source)
        else:
            self._troubles[source] = trouble
            log.warning("source not synced", source=source, reason=trouble)
