"""All that one platform says: its shapes, and the forms of its answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.payloads.holdings import MADE
from connectors.payloads.shapes import Guise, Object, Shape
from connectors.payloads.tokens import shape_name
from models.phase import Platform

Head = Mapping[str, Any]
"""The outermost keys of an object: with their values, and the first object of each list."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Vocabulary:
    """All that one platform says.

    ``shapes`` stand in an order in which a row's owner comes before the row; ``guises`` are what
    else can be read as one of them. ``lists`` and ``singles`` are the keys of answers, with what
    stands there: None where each object must be recognised. A key in both is either. ``placeless``
    are answers of things that no table takes, ``plain`` are keys that say nothing of things. An
    object with one of the ``bare`` keys is no answer but a thing itself. ``siblings`` are
    references that a thing of an answer has to the thing beside it: key → (column, key of the
    other).

    ``recognise`` names what an object is that may be anything; a name that is no shape is a thing
    that no table takes. ``claims`` tells whether a document can be of this platform, by its head,
    ``failure`` what went wrong, where it is the answer to a call that failed. ``afterwards`` is
    what else follows when everything is written.
    """

    platform: Platform
    name: str
    shapes: Mapping[str, Shape]
    lists: Mapping[str, str | None]
    singles: Mapping[str, str | None]
    placeless: frozenset[str]
    plain: frozenset[str]
    bare: frozenset[str]
    recognise: Callable[[Object], str | None]
    claims: Callable[[Head], bool]
    failure: Callable[[Head], str | None]
    guises: Mapping[str, Guise] = field(default_factory=dict)
    siblings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    afterwards: Callable[[Any], Any] | None = None

    def shape_of(self, token: str) -> Shape:
        """The shape of the thing that a token names."""
        return self.shapes[shape_name(token)]

    def understood(self, name: str, value: Object) -> tuple[str, Object]:
        """What an object is read as, and what it says as that.

        A key that looks as if we had made it gets one more sign in front, and is nobody's then.
        """
        if any(key.startswith(MADE) for key in value):
            value = {MADE + key if key.startswith(MADE) else key: value[key] for key in value}
        guise = self.guises.get(name)
        if guise is not None:
            name, value = guise.shape, guise.rewrite(value)
        prepare = self.shapes[name].prepare
        return name, value if prepare is None else prepare(value)
