"""A demo of a thousand experiments, and as many more of the same kind as are wanted, in bulk.

Each further thousand has its own families, variants and links, and shares metrics, owners, teams
and tags with the first, as the demo's experiments do with each other.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

import models as m
from benchmarks import stored
from gateway import demo
from gateway.startup import using
from migrations.upgrade import upgrade
from models.database import Database

FIRST = 1_000
AT_ONCE = 50
"""How many copies one statement makes."""

COPIED: tuple[Any, ...] = (
    m.Family,
    m.Experiment,
    m.Variant,
    m.ExperimentApplication,
    m.ExperimentMetric,
    m.ExperimentOwner,
    m.ExperimentTag,
    m.ExperimentTeam,
)
NUMBERS = """WITH RECURSIVE copy(number) AS (
    SELECT {first} UNION ALL SELECT number + 1 FROM copy WHERE number < {last}
)"""


def fill(url: str, experiments: int) -> None:
    """Make the tables, and load so many experiments: whole thousands."""
    upgrade(url)
    using(url, lambda database: _load(database, experiments // FIRST - 1))
    if url.startswith("postgresql"):
        # As a server that has run for a while has done by itself.
        stored.administer(url, "VACUUM ANALYZE")


async def _load(database: Database, copies: int) -> None:
    await demo.load(database, FIRST)
    async with database.write() as session:
        connection = await session.connection()
        if not database.is_sqlite:
            # What refers to a copy is copied from what refers to its original.
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in await _statements(connection, copies):
            await connection.execute(text(statement))


async def _statements(connection: AsyncConnection, copies: int) -> list[str]:
    kind = connection.dialect.name
    last = {
        model.__tablename__: await connection.scalar(
            text(f'SELECT max(id) FROM "{model.__tablename__}"')
        )
        for model in COPIED[:3]
    }
    return [
        _copy(model.__table__, kind, last, numbers)
        for numbers in _portions(copies)
        for model in COPIED
    ]


def _portions(copies: int) -> Iterator[str]:
    for first in range(1, copies + 1, AT_ONCE):
        yield NUMBERS.format(first=first, last=min(copies, first + AT_ONCE - 1))


def _copy(table: Any, kind: str, last: dict[str, int], numbers: str) -> str:
    """The statement that copies the first rows of a table."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_value(column, kind, last) for column in table.columns)
    own = "id" if table.name in last else "experiment_id"
    until = last[table.name] if own == "id" else last["experiment"]
    # SQLite takes WITH before INSERT, and so does PostgreSQL.
    return (
        f'{numbers} INSERT INTO "{table.name}" ({names}) SELECT {values} '
        f'FROM copy CROSS JOIN "{table.name}" AS original WHERE original.{own} <= {until}'
    )


def _value(column: Any, kind: str, last: dict[str, int]) -> str:
    """What a copy has in a column."""
    same = f'original."{column.name}"'
    refers = {key.column.table.name for key in column.foreign_keys} & last.keys()
    if column.name == "id" or refers:
        table = next(iter(refers), column.table.name)
        return f"{same} + copy.number * {last[table]}"
    if column.name == "external_id":
        return "NULL"
    if column.name == "key" and column.table.name != "variant":
        return f"{same} || '_' || copy.number"
    if column.name == "name" and column.table.name == "experiment":
        return f"{same} || ' ' || copy.number"
    if column.name in {"created_at", "started_at"}:
        return _earlier(same, kind)
    return same


def _earlier(moment: str, kind: str) -> str:
    if kind == "postgresql":
        return f"{moment} - copy.number * interval '1 minute'"
    return f"strftime('%Y-%m-%d %H:%M:%f000', {moment}, '-' || copy.number || ' minutes')"
