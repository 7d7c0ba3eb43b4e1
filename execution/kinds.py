"""How a field comes by its values: what a schema offers the executor.

A kind says what one level of a query costs: an attribute or a pure function costs nothing, a batch
is asked once for all parents together. A field that has none of these kinds is not planned.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import GraphQLField, GraphQLObjectType

if TYPE_CHECKING:
    from execution.plan import Field

Arguments = Mapping[str, Any]


def as_they_are(arguments: dict[str, Any]) -> Arguments:
    """The arguments as GraphQL coerced them."""
    return arguments


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the parent."""

    name: str

    @property
    def read(self) -> Callable[[Any], Any]:
        """The value of a parent."""
        return attrgetter(self.name)


@dataclass(frozen=True, slots=True)
class Pure:
    """A function of the parent, which is called once for it and changes nothing."""

    read: Callable[[Any], Any]


Function = Callable[[Any, Sequence[Any], Arguments], Awaitable[Sequence[Any]]]
"""An async function of (context, parents, arguments), with one value for each parent."""


@dataclass(frozen=True, slots=True)
class Batch:
    """An async function of all parents at once.

    A value that is an exception is the failure of that parent; an exception that is raised is the
    failure of all. ``takes`` turns what GraphQL coerced into the arguments of the function.
    ``planned`` is asked once for the function of a place, and may look at what is selected there.
    It may give fields below the place another kind: an attribute that this batch brings, in place
    of a batch of their own.
    """

    function: Function
    takes: Callable[[dict[str, Any]], Arguments] = as_they_are
    planned: "Callable[[Field], Function] | None" = None


Kind = Attribute | Pure | Batch

Offer = Callable[[GraphQLObjectType, str, GraphQLField], Kind | None]
"""The kind of a type's field of that name; None where it has none of these."""
