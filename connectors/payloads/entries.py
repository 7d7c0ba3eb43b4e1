"""A staged thing as the database will take it: decoded values, by column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from connectors.payloads.said import Row
from connectors.payloads.shapes import Shape
from connectors.payloads.staging import Thing
from connectors.payloads.values import decoder_of


@dataclass(slots=True)
class Entry:
    """One thing on its way into the database.

    ``fields`` are what was said, by column; ``defaults`` only fill a new row. ``documents`` are
    keys inside JSON columns, where a list of rows that has nothing left to keep has no key.
    """

    thing: Thing
    fields: dict[str, Any]
    rows: dict[str, list[Row]]
    defaults: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def row_id(self) -> int:
        """The row of a thing that has one."""
        if self.thing.row_id is None:
            raise LookupError(self.thing.token)
        return self.thing.row_id

    def document(self, shape: Shape, column: str, before: Mapping[str, Any] | None) -> Any:
        """A JSON column with what was said put into what stood there before."""
        said = self.documents[column]
        gone = self.rows.keys() - said.keys() if column == shape.rest else set()
        kept = {name: value for name, value in (before or {}).items() if name not in gone}
        return kept | said or None


def entry_of(shape: Shape, thing: Thing) -> Entry:
    """What was said of a thing, completed and decoded."""
    said = thing.said
    entry = Entry(
        thing,
        {name: value for name, (_, value) in said.fields.items()},
        {name: rows for name, (_, rows) in said.rows.items()},
    )
    if shape.complete is not None:
        shape.complete(entry)
    for name in [name for name in entry.fields if "." in name]:
        column, _, key = name.partition(".")
        entry.documents.setdefault(column, {})[key] = entry.fields.pop(name)
    if entry.rows:
        entry.documents.setdefault(shape.rest, {})
    decode(shape.table, entry.fields)
    decode(shape.table, entry.defaults)
    return entry


def decode(table: Table, fields: dict[str, Any]) -> dict[str, Any]:
    """Turn staged values, in place, into what the database takes."""
    decoders = DECODERS.get(table.name)
    if decoders is None:
        found = {column.name: decoder_of(column) for column in table.columns}
        decoders = DECODERS[table.name] = {name: read for name, read in found.items() if read}
    for name in fields.keys() & decoders.keys():
        fields[name] = decoders[name](fields[name])
    return fields


DECODERS: dict[str, dict[str, Any]] = {}
