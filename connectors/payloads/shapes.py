"""How payloads are described: plain data, one `Shape` for each thing that a platform speaks of.

A shape says which key goes into which column, and what else an object holds (its parts): one
other thing, rows of its own, things contained in it, things that point at it. Shapes name each
other by their names, since payloads are recursive; a vocabulary holds all of a platform's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Table as SqlTable

from connectors.payloads.holdings import (
    Back,
    Column,
    Columns,
    Contained,
    Inline,
    Keyed,
    Keys,
    One,
    Parts,
    Rows,
    together,
    walk,
)
from connectors.payloads.values import Reader, number_above_zero, reader_of, word
from models.base import Table

Object = Mapping[str, Any]

Rewrite = Callable[[Object], Object]
"""From what a platform wrote to what a shape reads; it takes anything, and never raises."""


@dataclass(frozen=True, slots=True)
class Identity:
    """How an object says its id: under the first of these keys that has one."""

    keys: tuple[str, ...] = ("id",)
    read: Reader = number_above_zero


NUMBERED = Identity()
UNNUMBERED = Identity(())
"""For things that are known by what they say of themselves."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Shape:
    """One kind of object, and the table that its rows are in.

    ``natural`` are the columns that identify a thing without an id (the first must be said; a
    dotted one is a key inside a JSON column); ``owner`` is the reference without which a row
    cannot be, and ``through`` leads from other things to it: shape → the owner's column that names
    them. ``needs`` is what a new row must be told beside what its table demands; until then a
    ``patient`` thing waits, and another is left out. ``ordinal`` is the column of its place among
    all that its owner has.

    Keys in ``kept`` have no column and go, like unknown ones, verbatim into the JSON column
    ``rest``; keys in ``ignored`` only repeat what the container says. ``prepare`` rewrites an
    object before it is read, ``complete`` works out what follows from several values at once.
    """

    name: str
    model: type[Table]
    identity: Identity = NUMBERED
    columns: Columns = field(default_factory=dict)
    parts: Parts = field(default_factory=dict)
    natural: tuple[str, ...] = ()
    owner: str | None = None
    through: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    patient: bool = False
    ordinal: str | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    rest: str = "extra"
    kept: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    prepare: Rewrite | None = None
    complete: Callable[[Any], None] | None = None

    @cached_property
    def kind(self) -> str:
        """The name of the table that rows of this shape are in: their type, in a report."""
        return str(self.model.__tablename__)

    @cached_property
    def table(self) -> SqlTable:
        """The table that rows of this shape are in."""
        return self.model.metadata.tables[self.kind]

    @cached_property
    def space(self) -> Mapping[str, Any]:
        """What an external id is unique within, beside the source: the family, for tags."""
        within: tuple[str, ...] = getattr(self.model, "ID_SPACE", ())
        return {name: value for name, value in self.constants.items() if name in within}

    @cached_property
    def required(self) -> frozenset[str]:
        """What a new row must be given, as far as a payload gives it."""
        ours = {"id", "source_id", "family_id", self.owner, *self.constants}
        demanded = (
            column.name
            for column in self.table.columns
            if not column.nullable and column.default is None and column.name not in ours
        )
        return frozenset({*demanded, *self.needs})

    def keys(self, body: "Shape | Inline | None" = None) -> Keys:
        """What the keys of an object of this shape mean, or those of an object inlined in it."""
        body = body or self
        known = self._compiled.get(id(body))
        if known is None:
            known = self._compiled[id(body)] = {
                key: (
                    tuple(map(self._column, together(body.columns.get(key, ())))),
                    together(body.parts.get(key, ())),
                )
                for key in (*body.columns, *body.parts, *body.ignored)
            }
        return known

    @cached_property
    def _compiled(self) -> dict[int, Keys]:
        return {}

    def _column(self, said: str | Column) -> Column:
        if isinstance(said, str):
            column = self.table.columns[said]
            return Column(said, reader_of(column), bool(column.nullable))
        if said.name in self.table.columns:
            return replace(said, nullable=bool(self.table.columns[said.name].nullable))
        return said

    @cached_property
    def lists(self) -> dict[str, Rows]:
        """The lists of rows, by name, those of nested objects included."""
        return {part.name: part for part in walk(self.parts) if isinstance(part, Rows)}

    @cached_property
    def backs(self) -> tuple[Back, ...]:
        """The associations that are seen from here."""
        return tuple(part for part in walk(self.parts) if isinstance(part, Back))

    @cached_property
    def keyed(self) -> dict[str, str]:
        """The JSON columns that hold a list of objects, and the key by which these are told."""
        return {part.column: part.key for part in walk(self.parts) if isinstance(part, Keyed)}

    @cached_property
    def wholes(self) -> frozenset[str]:
        """The shapes of things that stand in whole lists here."""
        parts = (part for part in walk(self.parts) if isinstance(part, Contained))
        return frozenset(part.shape for part in parts if part.whole)

    def says(self, table: SqlTable, names: frozenset[str]) -> bool:
        """Whether one of these lists is the one that is kept, whole, in this table."""
        lists = (self.lists[name] for name in names)
        return any(part.table is table and not part.adds for part in lists)

    @cached_property
    def ones(self) -> dict[str, One]:
        """The references to one other thing, by column."""
        return {part.column: part for part in walk(self.parts) if isinstance(part, One)}


@dataclass(frozen=True, slots=True)
class Guise:
    """An object that says something of a thing of another shape, and is read as one of these."""

    shape: str
    rewrite: Rewrite


def same(names: str) -> dict[str, Any]:
    """Keys that are called like their columns."""
    return {name: name for name in names.split()}


def inside(document: str, read: Reader, names: str) -> dict[str, Any]:
    """Keys that go, converted, into a JSON column under their own names."""
    return {name: Column(f"{document}.{name}", read) for name in names.split()}


def words_of(kind: type[StrEnum], **also: StrEnum) -> dict[str, str]:
    """The words of an enum as platforms write them: in lower case."""
    known = {member.value.lower(): member.value for member in kind if member.value != "OTHER"}
    return known | {name: member.value for name, member in also.items()}


def choice(
    column: str,
    words: Mapping[str, str | None],
    *,
    otherwise: str | None = None,
    native: str | None = None,
) -> tuple[Column, ...]:
    """A word of an enum, and beside it the word verbatim: in ``native``, else among the rest."""
    known = Column(column, word(words, otherwise), words=words, keep=native is None)
    return (known,) if native is None else (known, Column(native))
