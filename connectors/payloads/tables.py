"""What tables say of themselves: defaults, whose their rows are, and keys inside JSON columns."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, cast, select


def default_of(table: Table, name: str) -> Any:
    """What stands in a column of a row that does not say it; None for a key in a JSON column."""
    column = table.columns.get(name)
    default = None if column is None else column.default
    return default.arg if default is not None else None  # type: ignore[attr-defined]


def owner_of(table: Table) -> Column[Any] | None:
    """The column of what a row goes with, if it is part of something."""
    owners = (key for key in table.foreign_keys if key.ondelete == "CASCADE")
    return next((key.parent for key in owners), None)


def owners_table(column: Column[Any]) -> Table:
    """The table that a reference leads to."""
    return next(iter(column.foreign_keys)).column.table


def of_source(table: Table, source: int, columns: Any = None) -> ColumnElement[bool] | None:
    """The condition for rows of a source, be it by what they are part of; None where none is.

    ``columns`` are those of an alias of the table, if it is not about the table itself.
    """
    columns = table.columns if columns is None else columns
    if "source_id" in columns:
        ours: ColumnElement[bool] = columns.source_id == source
        return ours
    column = owner_of(table)
    if column is None:
        return None
    owner = owners_table(column)
    theirs = of_source(owner, source)
    if theirs is None:
        return None
    found: ColumnElement[bool] = columns[column.name].in_(select(owner.columns.id).where(theirs))
    return found


def value_in(table: Table, name: str) -> ColumnElement[Any]:
    """A column, or a key inside a JSON column (``details.team_id``) as text."""
    column, _, key = name.partition(".")
    found = table.columns[column]
    return cast(found[key].as_string(), Text) if key else found
