"""What can be written of a noun: one frozen value for each field of its inputs.

A noun's table (`Noun`) says for each field of an input which column or link table takes it and what
it must be. A field that is left out is untouched, null clears, a list replaces what the viewer sees
of the list that was there.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.base import Link, Sourced
from models.errors import UserError
from models.rules import Rule
from resolvers.change import Change

MOST_ITEMS = 200


@dataclass(frozen=True, slots=True)
class Value:
    """A column that takes the value as it is; ``rule`` says what it must be."""

    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A column ``<field>_id`` that takes the row of a global id."""

    target: type[Sourced]


@dataclass(frozen=True, slots=True)
class Links:
    """A link table that takes a list: of global ids, or of inputs that hold one.

    ``far`` is the link's column for the target. ``extras`` are further columns, by their names in
    the item; the item's field for the target is called as ``far`` without ``_id``.
    """

    link: type[Link]
    target: type[Sourced]
    near: str
    far: str
    extras: Mapping[str, Rule | None] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """The item's field for the target."""
        return self.far.removesuffix("_id")


Kind = Value | Reference | Links


@dataclass(slots=True)
class Patch:
    """What an input writes: columns, links, and every reason why it cannot be written."""

    given: Any
    source_id: int
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    reasons: list[UserError] = field(default_factory=list)


Check = Callable[[Change, Any, Patch], Awaitable[None]]
"""Adds reasons (or further columns) to a patch; the row is None when it is about to be made."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What can be written of a model.

    ``unique`` are columns that no two rows of a source share; ``folded`` compares them without
    case. ``checks`` see the whole patch before anything is written.
    """

    model: type[Sourced]
    fields: Mapping[str, Kind]
    unique: tuple[str, ...] = ("name",)
    folded: bool = False
    checks: tuple[Check, ...] = ()
