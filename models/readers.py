"""Connections that read, each for one caller at a time; the last one used is taken first.

SQLAlchemy opens and closes them. In between they stay open: what it does each time that it gives a
connection out, and takes it back, costs more than most statements do.
"""

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import DatabaseBusy

READ_PATIENCE = 30.0
"""How many seconds a reader waits for a connection before DatabaseBusy is raised."""

MOST_KNOWN = 1_000
"""How many long statements are remembered."""

STEPS, AT_ONCE = 2_000, 25
"""A short statement takes at most so many times so many instructions of SQLite's machine: some
milliseconds."""


class Reader(ABC):
    """A connection as SQLAlchemy has it, and as its driver does."""

    is_near: ClassVar[bool] = False
    """Whether the database is in this process, so that short statements are waited for in place."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self.connection = connection
        self.driver = driver
        self._told = connection.engine.sync_engine.dispatch

    async def fetch(self, text: str, parameters: Sequence[Any]) -> Sequence[Any]:
        """The records of a statement, as the driver gives them. Raises DBAPIError."""
        for listener in self._told.before_cursor_execute:
            listener(self.connection.sync_connection, None, text, parameters, None, None)
        try:
            return await self._fetch(text, parameters)
        except Exception as error:
            raise DBAPIError(text, None, error, hide_parameters=True) from error

    async def begin(self) -> None:
        """From now on one moment is read."""
        await self._run("BEGIN")

    async def end(self) -> None:
        """Let the moment go, if there is one."""
        if self.is_still:
            await self._run("ROLLBACK")

    async def close(self) -> None:
        """Close the connection, whatever it is doing."""
        await self.connection.invalidate()
        await self.connection.close()

    @property
    @abstractmethod
    def is_still(self) -> bool:
        """Whether one moment is read."""

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        return False

    @abstractmethod
    async def _fetch(self, text: str, parameters: Sequence[Any]) -> Sequence[Any]:
        """The records, raising what the driver raises."""

    @abstractmethod
    async def _run(self, text: str) -> None:
        """Run a statement that gives no records."""


class ServerReader(Reader):
    """A connection to PostgreSQL, whose transactions read one moment by themselves."""

    @property
    def is_still(self) -> bool:
        """Whether one moment is read."""
        return bool(self.driver.is_in_transaction())

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        return bool(self.driver.is_closed())

    async def _fetch(self, text: str, parameters: Sequence[Any]) -> Sequence[Any]:
        found: Sequence[Any] = await self.driver.fetch(text, *parameters)
        return found

    async def _run(self, text: str) -> None:
        await self.driver.execute(text)


class FileReader(Reader):
    """A connection to a file.

    A statement begins where it is asked for. One that is not short is begun again in the thread
    of the connection, and there from the start when it is asked for again.
    """

    is_near = True

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        super().__init__(connection, driver)
        self._file: sqlite3.Connection = driver._conn  # noqa: SLF001  aiosqlite has no other way
        self._long: set[str] = set()
        self._left = 0

    @property
    def is_still(self) -> bool:
        """Whether one moment is read."""
        return self._file.in_transaction

    async def _fetch(self, text: str, parameters: Sequence[Any]) -> Sequence[Any]:
        if text not in self._long:
            found = self._fetch_here(text, parameters)
            if found is not None:
                return found
            if len(self._long) >= MOST_KNOWN:
                self._long.clear()
            self._long.add(text)
        records: Sequence[Any] = await self.driver.execute_fetchall(text, parameters)
        return records

    async def _run(self, text: str) -> None:
        self._file.execute(text)

    def _fetch_here(self, text: str, parameters: Sequence[Any]) -> Sequence[Any] | None:
        """The records, or None where the statement takes too long for everybody else."""
        self._left = AT_ONCE
        self._file.set_progress_handler(self._is_over, STEPS)
        try:
            return self._file.execute(text, parameters).fetchall()
        except sqlite3.OperationalError:
            if self._left > 0:
                raise
            return None
        finally:
            # In the thread it would stop for the interpreter each time.
            self._file.set_progress_handler(None, 0)

    def _is_over(self) -> bool:
        self._left -= 1
        return self._left <= 0


class Readers:
    """The connections that read of one database, up to ``most``, opened as they are needed."""

    def __init__(self, opened: Callable[[], Awaitable[Reader]], most: int) -> None:
        self.at_work = 0
        self._opened = opened
        self._room = asyncio.Semaphore(most)
        self._idle: list[Reader] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def take(self) -> Reader:
        """A connection of one's own, until it is given back or dropped. Raises DatabaseBusy."""
        if self._room.locked():
            try:
                async with asyncio.timeout(READ_PATIENCE):  # wait_for may lose a place it was given
                    await self._room.acquire()
            except TimeoutError:
                raise DatabaseBusy(READ_PATIENCE) from None
        else:
            await self._room.acquire()
        self.at_work += 1
        while self._idle:
            reader = self._idle.pop()
            if not reader.is_lost:
                return reader
            self.drop(reader, is_counted=False)
        try:
            return await self._opened()
        except BaseException:
            self._free()
            raise

    async def give(self, reader: Reader) -> None:
        """Give a connection back, which reads no moment any more."""
        try:
            await reader.end()
        except BaseException:
            self.drop(reader)
            raise
        if self._is_closed:
            self.drop(reader)
        else:
            self._idle.append(reader)
            self._free()

    def drop(self, reader: Reader, *, is_counted: bool = True) -> None:
        """Close a connection of which nobody knows what it is doing, in the background."""
        self.later(self._drop(reader, is_counted=is_counted))

    def later(self, work: Any) -> None:
        """Do something for a connection while nobody waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Reader]:
        """A connection for as long as the block takes. Raises DatabaseBusy."""
        reader = await self.take()
        try:
            yield reader
        except Exception:
            await self.give(reader)
            raise
        except BaseException:  # a statement may be under way
            self.drop(reader)
            raise
        await self.give(reader)

    async def close(self) -> None:
        """Close every connection; one that is in use is closed when it comes back."""
        self._is_closed = True
        while self._idle:
            await self._idle.pop().close()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _drop(self, reader: Reader, *, is_counted: bool) -> None:
        try:
            await reader.close()
        finally:
            if is_counted:
                self._free()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whose connection is closed: there is nobody to be told

    def _free(self) -> None:
        self.at_work -= 1
        self._room.release()
