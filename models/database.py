"""Engines and sessions from a URL: one way to read, one way to write.

On SQLite a single writer takes the lock when its transaction begins (``BEGIN IMMEDIATE``), so no
update is lost, and readers work beside it on connections that cannot write (WAL). On PostgreSQL
both come from one pool; a reader sees one snapshot.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL, AsyncAdaptedQueuePool, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from models.errors import BadUserInput, DatabaseBusy, DatabaseUnavailable
from models.folding import FUNCTION, fold
from models.readers import READ_PATIENCE, FileReader, Reader, Readers, ServerReader

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

READERS, WRITERS = 10, 5
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
        if self.is_sqlite:
            self.writer = _sqlite(self.url, 1, patience, read_only=False)
            self.reader = _sqlite(self.url, READERS, READ_PATIENCE, read_only=True)
        else:
            self.writer = _postgresql(self.url, patience)
            self.reader = _reading(self.url)
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


def migration_engine(url: str) -> AsyncEngine:
    """An engine for schema changes: SQLite's foreign keys are off, since tables are rebuilt."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, 1, 30.0, read_only=False, foreign_keys=False)
    return _postgresql(parsed, 30.0)


def parse(url: str) -> URL:
    """The URL with the driver that this project uses. Raises DatabaseUnavailable."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnavailable(
            "The database URL cannot be read; write sqlite:///FILE or postgresql://…"
        ) from error
    driver = DRIVERS.get(parsed.drivername)
    if driver is None:
        raise DatabaseUnavailable(
            f"{parsed.render_as_string()}: {parsed.drivername!r} cannot be used; "
            "sqlite:///FILE and postgresql://… can."
        )
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise DatabaseUnavailable(f"A database in a file is needed, not {url!r}.")
    return parsed.set(drivername=driver)


def _sqlite(
    url: URL,
    size: int,
    patience: float,
    *,
    read_only: bool,
    foreign_keys: bool = True,
) -> AsyncEngine:
    pragmas = [
        f"foreign_keys = {foreign_keys}",
        "synchronous = NORMAL",
        "cache_size = -65536",
        *([] if read_only else ["journal_mode = WAL"]),
    ]
    mode, kind = ("ro", Interruptible) if read_only else ("rwc", Connection)
    uri = f"file:{quote(str(Path(str(url.database)).absolute()))}?mode={mode}"
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=lambda: _connect(kind, uri, patience, pragmas),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        if not read_only:  # whoever reads has begun already
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine.sync_engine, "invalidate")
    def _let_go(connection: Any, _record: Any, _error: Any) -> None:
        # A cancelled connection is closed, but SQLite keeps its lock until its last cursor is gone.
        with suppress(sqlite3.OperationalError):  # what interrupts a read meets this one too
            connection.rollback()

    return engine


async def _connect(
    kind: "type[Connection]", uri: str, patience: float, pragmas: Sequence[str]
) -> aiosqlite.Connection:
    connection = kind(
        lambda: sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=patience, check_same_thread=False
        ),
        iter_chunk_size=64,
    )
    try:
        await connection
    except BaseException:
        await asyncio.to_thread(connection.join)
        raise
    try:
        await connection.create_function(FUNCTION, 1, fold, deterministic=True)
        for pragma in pragmas:
            await connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        await connection.close()  # its thread would outlive it
        raise
    return connection


class Connection(aiosqlite.Connection):
    """A connection, and the thread that works for it, which keeps no process from ending."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._thread.daemon = True

    def join(self) -> None:
        """Wait for the thread, which ends by itself where nothing could be opened.

        It reports to the event loop, and so must not outlive it.
        """
        self._thread.join()


class Interruptible(Connection):
    """A connection whose statement is given up with the task that waits for it.

    Otherwise it would run to its end, and whoever cancelled the task would wait for that. A writer
    is none: what interrupts its statement would keep it from taking back what it wrote, and so
    from letting go of the file.
    """

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            if self._connection is not None:
                self._connection.interrupt()
            raise


def _close(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _try_writing(path: str) -> None:
    """Write and take it back: a read-only file in WAL mode lets a transaction begin."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE written (never)")
        connection.execute("ROLLBACK")


def _postgresql(url: URL, patience: float) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=WRITERS,
        max_overflow=WRITERS,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args=_connecting(lock_timeout=str(int(patience * 1000))),
    )


def _reading(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",  # whoever reads begins by himself
        pool_size=READERS,
        max_overflow=0,
        hide_parameters=True,
        connect_args=_connecting(
            default_transaction_isolation="repeatable read", default_transaction_read_only="on"
        ),
    )
    # A connection that is open hears of those who listen later only if somebody does already.
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: None)
    return engine


def _connecting(**settings: str) -> dict[str, Any]:
    return {
        "timeout": 10,
        "max_cacheable_statement_size": 0,  # a long statement takes longest to be prepared
        "server_settings": {"application_name": "trialgraph", **settings},
    }
