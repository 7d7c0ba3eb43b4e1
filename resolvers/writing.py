"""What can be written of a noun: one frozen value for each field of its inputs.

A noun's table (`Noun`) says for each field of an input which column or link table takes it and what
it must be. A field that is left out is untouched, null clears, a list replaces what the viewer sees
of the list that was there. When a row is made, null says nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from models import Source
from models.arguments import FieldError
from models.base import Audited, Link, Sourced
from models.errors import UserError
from models.rules import Rule
from models.shapes import Shape
from resolvers.change import Change

MOST_ITEMS = 200


@dataclass(frozen=True, slots=True)
class Value:
    """A column that takes the value as it is, or as ``stored`` writes it.

    ``rule`` says what it must be; ``shape`` is looked at only where the rule is kept. What is
    ``required`` cannot be cleared, although its column could be empty.
    """

    rule: Rule | None = None
    shape: Shape | None = None
    required: bool = False
    stored: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A column ``<field>_id`` that takes the row of a global id."""

    target: type[Sourced]


@dataclass(frozen=True, slots=True)
class Links:
    """A link table that takes a list: of global ids, or of inputs that hold one.

    ``far`` is the link's column for the target. ``extras`` are further columns, by their names in
    the item; the item's field for the target is called as ``far`` without ``_id``. ``only`` are
    columns of the target with the values that they must have. ``names`` is what the graph calls a
    further column, where it is not the column's name; positions count ``within`` one of them.
    """

    link: type[Link]
    target: type[Sourced]
    near: str
    far: str
    extras: Mapping[str, Rule | None] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    within: str | None = None

    @property
    def called(self) -> str:
        """The item's field for the target."""
        return self.far.removesuffix("_id")

    def shown(self, column: str) -> str:
        """What the graph calls a further column."""
        return self.names.get(column) or to_camel_case(column)


Kind = Value | Reference | Links


@dataclass(slots=True)
class Patch:
    """What an input writes: columns, links, and every reason why it cannot be written.

    ``source`` is the one that the row belongs to; our own for rows that belong to none. What is
    ``wrong`` with a field keeps its value out of ``values``. ``parts`` is what checks have prepared
    for the noun's ``writes``.
    """

    given: Any
    source: Source
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    wrong: list[FieldError] = field(default_factory=list)
    reasons: list[UserError] = field(default_factory=list)


Check = Callable[[Change, Any, Patch], Awaitable[None]]
"""Adds what is wrong (or further columns) to a patch; the row is None when it is about to be made.
"""

Told = dict[str, Any]
"""What an event tells, by the names of the graph."""

Write = Callable[[Change, Any, Patch], Awaitable[tuple[Told, Told]]]
"""Writes what belongs to a row; answers what that was and what it is, where it changed."""

Guard = Callable[[Change, Any], Awaitable[None]]
"""Raises a Refusal where the viewer may not change or delete the row."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What can be written of a model.

    ``unique`` are columns that no two rows of a source share; ``folded`` compares them without
    case. ``checks`` see the whole patch before anything is written; ``writes`` come after the row
    and its links. ``held_by`` are links that go with the row and yet are in the way of deleting it.
    """

    model: type[Audited]
    fields: Mapping[str, Kind]
    unique: tuple[str, ...] = ("name",)
    folded: bool = False
    checks: tuple[Check, ...] = ()
    writes: tuple[Write, ...] = ()
    guard: Guard | None = None
    held_by: tuple[type[Link], ...] = ()

    @property
    def sourced(self) -> bool:
        """Whether its rows belong to a source; policies, for one, belong to the gateway."""
        return issubclass(self.model, Sourced)
