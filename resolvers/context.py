"""What every resolver is handed: who asks, where the data is, and the operation's loaders."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.errors import Arrived, PlatformFailed
from models import Source
from models.base import now
from models.database import Database
from models.errors import UserError
from resolvers.access import Viewer
from resolvers.change import Change
from resolvers.feed import Following
from resolvers.loaders import Loaders
from resolvers.rate_limit import RateLimit

if TYPE_CHECKING:
    from connectors.sync import Synced

Settle = Callable[[int], Awaitable[tuple[UserError, ...]]]
"""Waits for a delivery, for a while; why the platform refused it, if it did."""


async def unsettled(_: int) -> tuple[UserError, ...]:
    """Wait for nothing: some other process delivers."""
    return ()


SyncNow = Callable[[Source], Awaitable["Synced"]]
"""Reads everything that a source's platform has."""


async def unsynced(source: Source) -> "Synced":
    """Read nothing. Raises PlatformFailed: this process reaches no platform."""
    raise PlatformFailed(
        source.name, "cannot be reached from here", arrived=Arrived.NO, retryable=False
    )


Standing = Callable[[], RateLimit | None]
"""What the operation costs, and what its caller may still spend; None where nobody counts."""


def uncounted() -> None:
    """Nobody counts."""


@dataclass(slots=True)
class Context:
    """One for each operation, and one for each event of a subscription.

    Loaders do not outlive it. ``following`` is there where a subscription can be answered.
    """

    database: Database
    viewer: Viewer
    clock: Callable[[], datetime] = now
    settle: Settle = unsettled
    sync: SyncNow = unsynced
    standing: Standing = uncounted
    following: Following | None = None
    loaders: Loaders = field(default_factory=Loaders)

    @asynccontextmanager
    async def transaction(self, *, keep: bool = True) -> AsyncIterator[Change]:
        """A change in one transaction.

        Nothing of it was written where it is left by an exception, or where it is not to be kept.
        """
        async with self.database.write() as session:
            yield Change(session, self.viewer, self.clock())
            if not keep:
                await session.rollback()
