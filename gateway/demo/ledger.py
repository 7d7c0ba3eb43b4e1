"""Rows on their way into the tables: numbered when they are noted, written in bulk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.sql.schema import ScalarElementColumnDefault as Scalar
from sqlmodel import SQLModel

Values = dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """The rows of one table that wait; ``blank`` is what a row says where nobody says anything."""

    table: Table
    blank: Values
    numbered: bool
    last: int = 0
    rows: list[Values] = field(default_factory=list)


class Ledger:
    """Rows that wait, and the last id of every table.

    Tables are drained in the order in which they were first met, so whoever notes a row before
    those that refer to it satisfies every foreign key.
    """

    def __init__(self, last: Mapping[str, int] | None = None) -> None:
        self.size = 0
        self._last = dict(last or {})
        self._sheets: dict[type[SQLModel], Sheet] = {}

    def add(self, model: type[SQLModel], **values: Any) -> int:
        """Note a row. Its id is the answer, or 0 for a table whose rows have none."""
        sheet = self._sheets.get(model) or self._open(model)
        row = {**sheet.blank, **values}
        if sheet.numbered:
            sheet.last += 1
            row["id"] = sheet.last
        sheet.rows.append(row)
        self.size += 1
        return sheet.last

    def drain(self) -> Iterator[tuple[Table, list[Values]]]:
        """The rows that waited, table by table."""
        for sheet in self._sheets.values():
            if sheet.rows:
                yield sheet.table, sheet.rows
                self.size -= len(sheet.rows)
                sheet.rows = []

    def _open(self, model: type[SQLModel]) -> Sheet:
        table: Table = inspect(model, raiseerr=True).local_table
        blank = {
            column.name: column.default.arg if isinstance(column.default, Scalar) else None
            for column in table.columns
            if not (column.default and column.default.is_clause_element)  # the database says it
        }
        sheet = Sheet(table, blank, "id" in blank, self._last.get(table.name, 0))
        self._sheets[model] = sheet
        return sheet
