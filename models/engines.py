"""Engines from a URL: what they connect with, and how each kind of database is to behave.

On SQLite a single writer takes the lock when its transaction begins (``BEGIN IMMEDIATE``), so no
update is lost, and readers work beside it on connections that cannot write (WAL).
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL, AsyncAdaptedQueuePool, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from models.errors import DatabaseUnavailable
from models.folding import FUNCTION, fold
from models.readers import READ_PATIENCE

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

READERS, WRITERS = 10, 5


def engines(url: URL, patience: float) -> tuple[AsyncEngine, AsyncEngine]:
    """One that writes and one that reads; a writer waits for another for ``patience`` seconds."""
    if url.get_backend_name() == "sqlite":
        return (
            _sqlite(url, 1, patience, read_only=False),
            _sqlite(url, READERS, READ_PATIENCE, read_only=True),
        )
    return _postgresql(url, patience), _reading(url)


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
