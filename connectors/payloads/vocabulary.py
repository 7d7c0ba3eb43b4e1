"""All that one platform says: its shapes, and the forms of its answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.payloads.shapes import Shape
from connectors.payloads.tokens import shape_name
from connectors.payloads.values import Reader, number_above_zero
from models.phase import Platform


@dataclass(frozen=True, eq=False, kw_only=True)
class Vocabulary:
    """All that one platform says.

    ``shapes`` stand in an order in which a row's owner comes before the row. ``lists`` and
    ``singles`` are the keys of answers; ``placeless`` are answers of things that no table takes,
    ``plain`` are keys that say nothing of things. An object with one of the ``bare`` keys is no
    answer but a thing itself, which `recognise` tells. ``siblings`` are references that a thing
    of an answer has to the thing beside it: key → (column, key of the other).
    """

    platform: Platform
    name: str
    shapes: Mapping[str, Shape]
    lists: Mapping[str, str]
    singles: Mapping[str, str]
    placeless: frozenset[str]
    plain: frozenset[str]
    bare: frozenset[str]
    recognise: Callable[[Mapping[str, Any]], str | None]
    siblings: Mapping[str, tuple[str, str]]
    identity: Reader = number_above_zero

    def shape_of(self, token: str) -> Shape:
        """The shape of the thing that a token names."""
        return self.shapes[shape_name(token)]
