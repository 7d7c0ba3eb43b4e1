"""What names a row, read from the foreign keys of the tables: the reason not to delete it."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Column, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from models.base import Link, Row
from resolvers.identity import NODES

MOST_NAMED = 20


async def uses_of(
    session: AsyncSession, row: Row, held_by: Collection[type[Link]] = ()
) -> list[tuple[str, int]]:
    """Type names and row numbers of what names the row, at most `MOST_NAMED`.

    ``held_by`` are links of its own that count nevertheless; that it names itself does not.
    """
    found: dict[tuple[str, int], None] = {}
    held = frozenset(inspect(link).local_table.name for link in held_by)
    for column in _naming(inspect(type(row)).local_table.name, held):
        name, number = _holder(column)
        statement = select(number).where(column == row.id).distinct().limit(MOST_NAMED + 1)
        found |= {(name, held): None for held in await session.scalars(statement) if held}
    found.pop((type(row).__name__, row.id), None)
    return list(found)[:MOST_NAMED]


@cache
def _naming(table: str, held: frozenset[str]) -> tuple[Column[Any], ...]:
    """The columns that name rows of the table, but those of rows that go with them."""
    return tuple(_columns_naming(table, held))


def _columns_naming(table: str, held: frozenset[str]) -> Iterator[Column[Any]]:
    for other in SQLModel.metadata.sorted_tables:
        for key in sorted(other.foreign_keys, key=lambda key: key.parent.name):
            counts = other.name in held or not _goes_along(key.parent)
            if key.column.table.name == table and counts:
                yield key.parent


def _goes_along(column: Column[Any]) -> bool:
    """Whether the row that names goes with the named one: its owner's column leads its key."""
    [key] = column.foreign_keys
    leads = next(iter(column.table.primary_key.columns)) is column
    return key.ondelete == "SET NULL" or (key.ondelete == "CASCADE" and leads)


def _holder(column: Column[Any]) -> tuple[str, Column[Any]]:
    """The type and the row number of what names: the owner of a link, or a node itself."""
    table = column.table
    names = {inspect(model).local_table.name: name for name, model in NODES.items()}
    if table.name in names:
        return names[table.name], table.c.id
    for owner in table.columns:
        for key in owner.foreign_keys:
            owns = key.ondelete == "CASCADE" and owner is not column
            if owns and key.column.table.name in names:
                return names[key.column.table.name], owner
    raise TypeError(f"{table.name} belongs to nothing that the graph shows")
