"""A staged thing as the database will take it: decoded values, by column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from connectors.payloads.holdings import MADE, list_of
from connectors.payloads.said import Row
from connectors.payloads.shapes import Shape
from connectors.payloads.staging import Thing
from connectors.payloads.tables import default_of
from connectors.payloads.values import decoder_of


@dataclass(slots=True)
class Entry:
    """One thing on its way into the database.

    ``fields`` are what was said, by column; ``defaults`` only fill a new row, and ``firsts`` what
    is empty. ``documents`` are keys inside JSON columns, where a list of rows that has nothing
    left to keep has no key. ``hints`` were said for us, and for no column.
    """

    thing: Thing
    fields: dict[str, Any]
    rows: dict[str, list[Row]]
    defaults: dict[str, Any] = field(default_factory=dict)
    firsts: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    hints: dict[str, Any] = field(default_factory=dict)

    @property
    def row_id(self) -> int:
        """The row of a thing that has one."""
        if self.thing.row_id is None:
            raise LookupError(self.thing.token)
        return self.thing.row_id

    def value(self, name: str) -> Any:
        """What is said of a column, of a key in a JSON column, or for us; None where nothing is."""
        column, _, key = name.partition(".")
        if key:
            return self.documents.get(column, {}).get(key)
        return self.hints.get(name) if name.startswith(MADE) else self.fields.get(name)

    def natural(self, shape: Shape, name: str) -> Any:
        """What is said of something that identifies the thing, as `tables.value_in` answers it."""
        value = self.value(name)
        if "." in name:
            return None if value is None else str(value)
        return default_of(shape.table, name) if value is None else value

    def document(self, shape: Shape, column: str, before: Any) -> Any:
        """A JSON column with what was said put into what stood there before."""
        said = self.documents[column]
        if column in shape.keyed:
            return _merged(said, before, shape.keyed[column]) or None
        gone = self.rows.keys() - said.keys() if column == shape.rest else set()
        there = before if isinstance(before, Mapping) else {}
        kept = {name: value for name, value in there.items() if name not in gone}
        return kept | said or None


def _merged(said: Mapping[str, Any], before: Any, key: str) -> list[Any]:
    """A list of objects in which those that are spoken of say something else."""
    there = before if isinstance(before, list) else []
    others = [item for item in there if not isinstance(item, dict) or key not in item]
    known = {str(item[key]): item for item in there if isinstance(item, dict) and key in item}
    for name, item in said.items():
        known[name] = {**known.get(name, {}), **item}
    return [*known.values(), *others]


def entry_of(shape: Shape, thing: Thing) -> Entry:
    """What was said of a thing, completed and decoded."""
    said = thing.said
    entry = Entry(thing, {name: value for name, (_, value) in said.fields.items()}, {})
    for name, (_, rows) in said.rows.items():
        entry.rows.setdefault(list_of(name), []).extend(rows)
    if shape.complete is not None:
        shape.complete(entry)
    for name in [name for name in entry.fields if name.startswith(MADE)]:
        entry.hints[name] = entry.fields.pop(name)
    for name in [name for name in entry.fields if "." in name]:
        column, _, key = name.partition(".")
        entry.documents.setdefault(column, {})[key] = entry.fields.pop(name)
    if any(not shape.lists[name].slices for name in entry.rows):
        entry.documents.setdefault(shape.rest, {})
    for values in (entry.fields, entry.defaults, entry.firsts):
        decode(shape.table, values)
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
