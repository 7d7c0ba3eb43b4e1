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

from connectors.payloads.values import Reader, reader_of, text, word
from models.base import Table

LEFT = "left"
"""The ``rest`` of a row: it goes, with that of the other rows, into the rest of the holder."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value goes. A dotted ``name`` is a key inside a JSON column (``details.power``).

    ``read`` is the converter, by default that of the column's type. Null is not said where the
    column is not ``nullable``. ``words`` are the values that are known; another one is counted,
    and with ``keep`` it is also kept verbatim among what the model has no place for.
    """

    name: str
    read: Reader = text
    nullable: bool = True
    words: Mapping[str, str] | None = None
    keep: bool = False


Columns = Mapping[str, str | Column | tuple[str | Column, ...]]


@dataclass(frozen=True, slots=True)
class One:
    """One other thing: nested under ``key``, named by the id under ``beside``, or both."""

    key: str
    beside: str
    column: str
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list of rows that belong to the holder alone; each list that is said replaces the last.

    A row of an association has a ``target``: the thing nested under that key (or the row itself).
    Rows are told apart by ``key``, else by their order, which goes into ``ordinal`` where the row
    does not say it (counted within equal ``within``). ``single`` is one object instead of a list;
    ``keyed_by`` takes an object of rows, too, whose keys go under that key.
    """

    name: str
    shape: "Shape"
    target: One | None = None
    key: tuple[str, ...] = ()
    ordinal: str | None = "position"
    within: tuple[str, ...] = ()
    single: bool = False
    keyed_by: str | None = None

    @property
    def kind(self) -> str:
        """The name of the table of the rows."""
        return self.shape.kind

    @property
    def table(self) -> SqlTable:
        """The table of the rows."""
        return self.shape.table

    @property
    def is_unique(self) -> bool:
        """Whether the key alone tells rows apart, so that a second one of it is a mistake."""
        return self.target is not None or self.ordinal in self.key

    def default(self, column: str) -> Any:
        """What the database puts into a column that a row does not say."""
        known = self.table.columns[column].default
        return known.arg if known is not None else None  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Contained:
    """Things of their own that stand inside the holder.

    They point back at it by the references in ``back``, and share those in ``same`` with it,
    unless they say otherwise. With ``family`` they are iterations of the holder.
    """

    shape: str
    back: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    family: bool = False


@dataclass(frozen=True, slots=True)
class Back:
    """An association seen from its other end: it adds links, and never removes one."""

    model: type[Table]
    key: str
    beside: str
    shape: str

    @property
    def kind(self) -> str:
        """The name of the table of the association."""
        return str(self.model.__tablename__)

    @property
    def table(self) -> SqlTable:
        """The table of the association."""
        return self.model.metadata.tables[self.kind]


@dataclass(frozen=True, slots=True)
class Inline:
    """A nested object whose values belong to the holder.

    Unless it stands ``alone``, another part reads the same object, and the keys that are not
    named here are that one's.
    """

    columns: Columns = field(default_factory=dict)
    parts: "Parts" = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    alone: bool = True


Part = One | Rows | Contained | Back | Inline
Parts = Mapping[str, Part | tuple[Part, ...]]
Keys = Mapping[str, tuple[tuple[Column, ...], tuple[Part, ...]]]
"""What each key of an object means: the columns it fills, and the parts it is."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Shape:
    """One kind of object, and the table that its rows are in.

    ``natural`` are the columns that identify a thing without an id (the first must be said);
    ``owner`` is the reference without which a row cannot be. Keys in ``kept`` have no column and
    go, like unknown ones, verbatim into the JSON column ``rest``; keys in ``ignored`` only repeat
    what the container says. ``complete`` works out what follows from several values at once.
    """

    name: str
    model: type[Table]
    columns: Columns = field(default_factory=dict)
    parts: Parts = field(default_factory=dict)
    natural: tuple[str, ...] = ()
    owner: str | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    rest: str = "extra"
    kept: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
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
        """The columns that a new row must be given, as far as a payload gives them."""
        ours = {"id", "source_id", "family_id", self.owner, *self.constants}
        return frozenset(
            column.name
            for column in self.table.columns
            if not column.nullable and column.default is None and column.name not in ours
        )

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

    def says(self, table: SqlTable, names: frozenset[str]) -> bool:
        """Whether one of these lists is the one that is kept in this table."""
        return any(self.lists[name].table is table for name in names)

    @cached_property
    def ones(self) -> dict[str, One]:
        """The references to one other thing, by column."""
        return {part.column: part for part in self.parts.values() if isinstance(part, One)}


def together(said: Any) -> tuple[Any, ...]:
    """One or several, as several."""
    return said if isinstance(said, tuple) else (said,)


def walk(parts: Parts) -> list[Part]:
    """All parts, those of inlined objects included."""
    found: list[Part] = []
    for said in parts.values():
        for part in together(said):
            found += walk(part.parts) if isinstance(part, Inline) else [part]
    return found


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
    words: Mapping[str, str],
    *,
    otherwise: str | None = None,
    native: str | None = None,
) -> tuple[Column, ...]:
    """A word of an enum, and beside it the word verbatim: in ``native``, else among the rest."""
    known = Column(column, word(words, otherwise), words=words, keep=native is None)
    return (known,) if native is None else (known, Column(native))
