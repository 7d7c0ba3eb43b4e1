"""The one transaction of an import: what every step of it needs, and the order of the steps."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    Executable,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.payloads.shapes import Shape
from connectors.payloads.staging import Place, Staging
from connectors.payloads.tables import default_of, of_source, owner_of, owners_table
from connectors.payloads.tokens import external_id_of, shape_name, token_of_id
from connectors.payloads.vocabulary import Vocabulary
from connectors.report import Report

Values = dict[str, Any]

MOST_BOUND = 5_000
"""Values that are bound at a time: a database takes some 32,000 in one statement."""

KEY, NEW = "key of ", "new value of "
"""Before the names of bound values, so that they differ from those of every column."""

NEW_IDS = {
    "sqlite": """
        WITH RECURSIVE fresh (id) AS (
            SELECT max(
                coalesce(max(id), 0),
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = trim(:table, '"')), 0)
            ) + 1 FROM {table}
            UNION ALL SELECT id + 1 FROM fresh
        ) SELECT id FROM fresh LIMIT :count
    """,
    "postgresql": "SELECT nextval(pg_get_serial_sequence(:table, 'id')) "
    "FROM generate_series(1, :count)",
}
"""Ids for rows to come. SQLite has one writer at a time, so that nobody else can take them."""


@dataclass(frozen=True, slots=True)
class Writing:
    """The transaction, the source that it writes for, and the things to be written."""

    connection: AsyncConnection
    source: int
    vocabulary: Vocabulary
    staging: Staging
    report: Report
    done: Callable[[int], None]
    """Told how many things were just dealt with."""

    leave: frozenset[str] = frozenset()
    """The external ids of experiments that stay as they are, whatever is said of them."""

    async def rows(self, statement: Executable) -> Sequence[Any]:
        """The rows that a statement answers."""
        return (await self.connection.execute(statement)).all()

    async def rows_of(self, statement: Select[Any], column: Any, among: Iterable[Any]) -> list[Any]:
        """The rows whose column is among these values; databases bind only so many at a time."""
        found: list[Any] = []
        values = iter(among)
        while some := list(islice(values, MOST_BOUND)):
            found += await self.rows(statement.where(column.in_(some)))
        return found

    async def places(self, tokens: Iterable[str]) -> dict[str, Place]:
        """The rows of the things that tokens name, staged here or known from before."""
        wanted = set(tokens)
        found = self.staging.places(wanted)
        missing: dict[str, list[str]] = {}
        for token in wanted:
            known, external_id = found.get(token), external_id_of(token)
            if external_id is not None and (known is None or known.row_id is None):
                missing.setdefault(shape_name(token), []).append(external_id)
        for name, external_ids in missing.items():
            for row_id, external_id in await self.known(self.vocabulary.shapes[name], external_ids):
                found[token_of_id(name, external_id)] = Place(row_id)
        return found

    async def known(self, shape: Shape, external_ids: Collection[str]) -> Sequence[Any]:
        """The id and the external id of each row of this source that is there already."""
        columns = shape.table.columns
        statement = select(columns.id, columns.external_id).where(*self.within(shape))
        return await self.rows_of(statement, columns.external_id, external_ids)

    def within(self, shape: Shape, rows: FromClause | None = None) -> list[Any]:
        """The conditions for rows of this source and, among tags, of this family."""
        columns = (shape.table if rows is None else rows).columns
        ours = of_source(shape.table, self.source, columns)
        space = [columns[name] == value for name, value in shape.space.items()]
        return space if ours is None else [ours, *space]

    async def insert(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows that may say different columns."""
        if rows:
            names = sorted({name for row in rows for name in row})
            fill = {name: default_of(table, name) for name in names}
            await self.connection.execute(insert(table), [{**fill, **row} for row in rows])

    async def insert_known(
        self, table: Table, rows: Sequence[Values], unplaced: str | None = None
    ) -> list[int]:
        """Insert rows, and answer their ids: drawn before, since RETURNING keeps no order.

        ``unplaced`` is a column of places that are not known yet: each row gets one of its own.
        """
        if not rows:
            return []
        asked = {"table": f'"{table.name}"', "count": len(rows)}
        statement = text(NEW_IDS[self.connection.dialect.name].format(**asked))
        ids = [row[0] for row in await self.connection.execute(statement, asked)]
        known = [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)]
        if unplaced:
            known = [{**row, unplaced: place_of(row["id"])} for row in known]
        await self.insert(table, known)
        return ids

    async def update(
        self, table: Table, changes: Iterable[tuple[Values, Values]], *, grow: bool = False
    ) -> None:
        """Update rows, each given by its key and its new values; with ``grow``, their versions."""
        groups: dict[tuple[str, ...], list[Values]] = {}
        for key, values in changes:
            bound = {f"{KEY}{name}": value for name, value in key.items()}
            bound |= {f"{NEW}{name}": value for name, value in values.items()}
            groups.setdefault(tuple(values), []).append(bound)
        for names, bound_rows in groups.items():
            columns = table.columns
            new: Values = {
                name: bindparam(f"{NEW}{name}", type_=columns[name].type) for name in names
            }
            if grow:
                new["version"] = columns.version + 1
            statement = update(table).where(_is_key(table)).values(new)
            await self.connection.execute(statement, bound_rows)

    async def delete(self, table: Table, keys: Sequence[Values]) -> None:
        """Delete rows by their keys."""
        if keys:
            bound = [{f"{KEY}{name}": value for name, value in key.items()} for key in keys]
            await self.connection.execute(delete(table).where(_is_key(table)), bound)

    async def changed(self, table: Table, row_ids: Iterable[int]) -> None:
        """Lists or references of these rows changed: each version grows, once in an import.

        A row without a version is part of something that has one.
        """
        fresh = self.staging.changed(table.name, row_ids)
        if "version" in table.columns:
            await self.update(table, [({"id": row_id}, {}) for row_id in fresh], grow=True)
        else:
            await self.part_changed(table, fresh)

    async def part_changed(self, table: Table, row_ids: Iterable[int]) -> None:
        """Something that these rows are part of changed with them."""
        column = owner_of(table)
        if column is not None:
            found = await self.rows_of(select(column), table.columns.id, row_ids)
            await self.changed(owners_table(column), {row[0] for row in found})


def place_of(row_id: int) -> int:
    """Where a row stands among those of its owner until its place is known: nowhere else."""
    return -row_id


def key_of(table: Table, row: Any) -> Values:
    """The primary key of a row."""
    return {column.name: getattr(row, column.name) for column in table.primary_key.columns}


def _is_key(table: Table) -> Any:
    columns = table.primary_key.columns
    return and_(*(column == bindparam(f"{KEY}{column.name}") for column in columns))
