"""Bring a database to the newest schema, or back, and tell where it stands."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from models.engines import migration_engine

FOLDER = Path(__file__).parent


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database at ``url``; at the newest revision this changes nothing."""
    _run(url, lambda connection: command.upgrade(_config(connection), revision))


def downgrade(url: str, revision: str) -> None:
    """Take the database back to ``revision`` (``base`` is before everything)."""
    _run(url, lambda connection: command.downgrade(_config(connection), revision))


def revise(url: str, message: str) -> None:
    """Write a new revision from the difference between the models and the database."""
    _run(
        url,
        lambda connection: command.revision(
            _config(connection), message=message, autogenerate=True
        ),
    )


def current(url: str) -> str | None:
    """The revision of the database at ``url``; None before the first migration."""
    revision: str | None = _run(
        url, lambda connection: MigrationContext.configure(connection).get_current_revision()
    )
    return revision


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run(url: str, work: Callable[[Connection], Any]) -> Any:
    async def run() -> Any:
        engine = migration_engine(url)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return asyncio.run(run())
