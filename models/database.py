"""Sessions of a database: one way to read, in which one moment is seen, and one way to write."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import ConnectionPoolEntry

from models.engines import READERS, engines, parse
from models.errors import BadUserInput, DatabaseBusy, DatabaseUnavailable
from models.readers import READ_PATIENCE, FileReader, Reader, Readers, ServerReader

LOCK_SIGNS = (
    "database is locked",
    "database is busy",
    "due to lock timeout",
    "deadlock detected",
)
SIZE_SIGNS = (
    "parser stack overflow",
    "Expression tree is too large",
    "too many SQL variables",
    "too many columns",
    "query arguments cannot exceed",
    "stack depth limit exceeded",
    "target lists can have at most",
)


class Database:
    """One database, as a pool of readers and a way to write.

    ``url`` is ``sqlite:///file`` or ``postgresql://…``; anything else raises DatabaseUnavailable.
    ``patience`` is how many seconds a writer waits for another before DatabaseBusy is raised.
    ``committed`` are called after each commit of this process.
    """

    def __init__(self, url: str, *, patience: float = 5.0) -> None:
        self.url = parse(url)
        self.patience = patience
        self.committed: set[Callable[[], object]] = set()
        self.writer, self.reader = engines(self.url, patience)
        self.readers = Readers(self._reader, READERS)

    def __str__(self) -> str:
        """The URL as people write it, without its password."""
        return self.url.set(drivername=self.url.get_backend_name()).render_as_string()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one snapshot and cannot write.

        Raises DatabaseBusy when no connection comes free for `READ_PATIENCE` seconds, and
        BadUserInput when a statement exceeds a limit of the database itself.
        """
        with explained():
            async with self.readers.one() as reader:
                await reader.begin()
                async with AsyncSession(reader.connection, expire_on_commit=False) as session:
                    yield session

    @asynccontextmanager
    async def reading(self, *, is_all: bool = False) -> AsyncIterator[Reader]:
        """A connection for one statement, which is ready. Raises what `read` raises.

        With ``is_all`` nothing else is read for what is asked.
        """
        del is_all
        with explained():
            async with self.readers.one() as reader:
                yield reader

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: left normally it commits, left by an exception nothing was written.

        Raises DatabaseBusy when another writer keeps the database for longer than ``patience``.
        """
        try:
            async with (
                AsyncSession(self.writer, expire_on_commit=False) as session,
                session.begin(),
            ):
                await session.connection()
                yield session
        except PoolTimeout as error:
            raise DatabaseBusy(self.patience) from error
        except DBAPIError as error:
            if any(sign in str(error.orig) for sign in LOCK_SIGNS):
                raise DatabaseBusy(self.patience) from error
            raise
        for tell in tuple(self.committed):
            tell()

    async def check(self) -> None:
        """Open the database, for writing too. Raises DatabaseUnavailable with one line."""
        try:
            if self.is_sqlite:
                await asyncio.to_thread(_try_writing, str(self.url.database))
                return
            async with AsyncSession(self.writer) as session:
                encoding = await session.scalar(text("SHOW server_encoding"))
        except (OSError, DBAPIError, sqlite3.Error) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise DatabaseUnavailable(f"Cannot open the database {self}: {reason}") from error
        if encoding != "UTF8":
            raise DatabaseUnavailable(f"The database {self} is in {encoding}; UTF8 is needed.")

    async def dispose(self) -> None:
        """Close every connection; one that is in use is closed when it comes back."""
        await self.readers.close()
        for engine in (self.reader, self.writer):
            event.listen(engine.sync_engine.pool, "checkin", _close)
            await engine.dispose()

    async def _reader(self) -> Reader:
        connection = await self.reader.connect()
        driver = (await connection.get_raw_connection()).driver_connection
        return (FileReader if self.is_sqlite else ServerReader)(connection, driver)


@contextmanager
def explained() -> Iterator[None]:
    """Turns what a driver says of a read into what a client may be told."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseBusy(READ_PATIENCE) from error
    except DBAPIError as error:
        if any(sign in str(error.orig) for sign in SIZE_SIGNS):
            raise BadUserInput("The request is too large for the database.") from error
        raise


def _close(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _try_writing(path: str) -> None:
    """Write and take it back: a read-only file in WAL mode lets a transaction begin."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE written (never)")
        connection.execute("ROLLBACK")
