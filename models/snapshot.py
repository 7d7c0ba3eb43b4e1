"""One moment of a database, for an operation that reads many times."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database, explained
from models.readers import Reader


class Snapshot(Database):
    """A database as the first read finds it, for all reads until it is closed.

    One is read at a time, and what is written meanwhile is not seen. After a failure the next read
    sees a later moment: PostgreSQL gives up the one there was.

    ``fields`` is how many things are asked for: where it is one, and one statement is all of it,
    that is a moment by itself.
    """

    def __init__(self, database: Database, fields: int = 2) -> None:
        self.__dict__ |= database.__dict__  # which has opened everything already
        self._fields = fields
        self._reader_held: Reader | None = None
        self._session: AsyncSession | None = None
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[object] | None = None

    @asynccontextmanager
    async def reading(self, *, is_all: bool = False) -> AsyncIterator[Reader]:
        """The connection of this moment, for one statement."""
        task = asyncio.current_task()
        if self._reader_held is not None and self._task is task:
            yield self._reader_held
            return
        async with self._reading:
            self._task = task
            try:
                with explained():
                    reader = self._reader_held
                    if reader is None:
                        reader = self._reader_held = await self.readers.take()
                        if not is_all or self._fields > 1:
                            await reader.begin()
                    yield reader
            except Exception:
                await self.aclose()
                raise
            except BaseException:  # a statement may be under way
                self._abandon()
                raise
            finally:
                self._task = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """The session of this moment; who has it may ask for it again."""
        async with self.reading() as reader:
            if self._session is None:
                self._session = AsyncSession(reader.connection, expire_on_commit=False)
            yield self._session

    async def aclose(self) -> None:
        """Let the moment go."""
        session, self._session = self._session, None
        reader, self._reader_held = self._reader_held, None
        if reader is None:
            return
        if session is not None:
            await session.close()
        if reader.is_near or not reader.is_still:
            await self.readers.give(reader)
        else:
            self.readers.later(self.readers.give(reader))  # nobody waits for the end of a moment

    def _abandon(self) -> None:
        reader, self._reader_held, self._session = self._reader_held, None, None
        if reader is not None:
            self.readers.drop(reader)
