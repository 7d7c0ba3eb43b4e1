"""One moment of a database, for an operation that reads many times."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database, explained


class Snapshot(Database):
    """A database as the first read finds it, for all reads until it is closed.

    One is read at a time, and what is written meanwhile is not seen. After a failure the next read
    sees a later moment: PostgreSQL gives up the one there was.
    """

    def __init__(self, database: Database) -> None:  # which has opened everything already
        self.__dict__ |= database.__dict__
        self._session: AsyncSession | None = None
        self._reading = asyncio.Lock()
        self._reader: asyncio.Task[object] | None = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """The session of this moment; who has it may ask for it again."""
        task = asyncio.current_task()
        if self._session is not None and self._reader is task:
            yield self._session
            return
        async with self._reading:
            self._reader = task
            if self._session is None:
                self._session = AsyncSession(self.reader, expire_on_commit=False)
            try:
                with explained():
                    yield self._session
            except BaseException:
                await self.aclose()
                raise
            finally:
                self._reader = None

    async def aclose(self) -> None:
        """Let the moment go."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
