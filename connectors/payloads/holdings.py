"""What an object may hold: values for columns, and the parts that are things or rows of their own.

All plain data. Shapes are named and not nested, since payloads are recursive.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table as SqlTable

from connectors.payloads.values import Reader, text
from models.base import Table

if TYPE_CHECKING:  # a shape has parts, and rows have a shape
    from connectors.payloads.shapes import Shape

LEFT = "left"
"""The ``rest`` of a row: it goes, with that of the other rows, into the rest of the holder."""

MADE = "@"
"""How keys begin that no platform writes: a shape's ``prepare`` adds them to those that it does.

A column of such a name is none of the table: it is for ``complete``, and dropped afterwards.
"""

PLACE = f"{MADE}place"
"""What is said of a thing that stands in a whole list: where."""


SLICED = "/"


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
    words: Mapping[str, str | None] | None = None
    keep: bool = False


Columns = Mapping[str, str | Column | tuple[str | Column, ...]]


@dataclass(frozen=True, slots=True)
class One:
    """One other thing: nested under ``key``, named by the id under ``beside``, or both.

    A thing that is ``own`` belongs to the holder, or to the holder of the row that names it.
    """

    key: str
    beside: str
    column: str
    shape: str
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list of rows that belong to the holder alone; each list that is said replaces the last.

    A row of an association has a ``target``: the thing nested under that key (or the row itself).
    Rows are told apart by ``key``, else by their order, which goes into ``ordinal`` where the row
    does not say it (counted within equal ``within``). ``single`` is one object instead of a list;
    ``keyed_by`` takes an object of rows, too, whose keys go under that key.

    What is said replaces only the rows that are equal in the ``slices`` columns: the results of
    one metric leave those of others alone. Where it ``adds``, it replaces nothing at all.
    """

    name: str
    shape: "Shape"
    target: One | None = None
    key: tuple[str, ...] = ()
    ordinal: str | None = "position"
    within: tuple[str, ...] = ()
    single: bool = False
    keyed_by: str | None = None
    slices: tuple[str, ...] = ()
    adds: bool = False

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

    def slice(self, values: Iterable[Any]) -> str:
        """The name under which a slice is said; `list_of` leads back."""
        return f"{self.name}{SLICED}{json.dumps(list(values))}"

    def default(self, column: str) -> Any:
        """What the database puts into a column that a row does not say."""
        known = self.table.columns[column].default
        return known.arg if known is not None else None  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Contained:
    """Things of their own that stand inside the holder.

    They point back at it by the references in ``back``, and share those in ``same`` with it,
    unless they say otherwise. With ``family`` they are iterations of the holder. A list that is
    ``whole`` names all that the holder has: what is not in it goes.
    """

    shape: str
    back: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    family: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """A list of objects that is kept as it is in a JSON column, each told apart by its ``key``.

    What is said of one leaves the others alone.
    """

    column: str
    key: str = "id"


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
    named here are that one's. Where the object is only an ``envelope``, its keys are kept as if
    they were the holder's own.
    """

    columns: Columns = field(default_factory=dict)
    parts: "Parts" = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    alone: bool = True
    envelope: bool = False


Part = One | Rows | Contained | Keyed | Back | Inline
Parts = Mapping[str, Part | tuple[Part, ...]]
Keys = Mapping[str, tuple[tuple[Column, ...], tuple[Part, ...]]]
"""What each key of an object means: the columns it fills, and the parts it is."""


def list_of(name: str) -> str:
    """The name of the list that something is said of, be it whole or a slice."""
    return name.partition(SLICED)[0]


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
