"""A field is one of five kinds, and each says what it costs for one level of a query.

===========  ================================================================  ================
column       an attribute of the parent value                                  nothing
one, many    an edge of `resolvers.relations`, with its arguments              one statement
computed     a pure function of the row, naming the columns that it reads      nothing
batched      an async function of all parents at once                          whatever it does
root         an async function of the request                                  whatever it does
===========  ================================================================  ================

There is no other kind, so a field that costs something for each parent cannot be written. A
description is required everywhere.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolvers import batches, paging
from resolvers.connection import Question
from resolvers.context import Context
from resolvers.edges import ToMany, ToOne
from resolvers.filters import conditions
from resolvers.mutation import Work, perform
from resolvers.reading import WHOLE, Wanted, followed

KIND = "trialgraph.kind"
"""The key of a field's metadata that holds its kind."""


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute of the parent, called as the field is in Python."""


@dataclass(frozen=True, slots=True)
class One:
    """At most one target of an edge."""

    edge: ToOne

    async def batch(
        self,
        context: Context,
        parents: Sequence[Any],
        arguments: Mapping[str, Any],
        wanted: Wanted = WHOLE,
    ) -> Sequence[Any]:
        """The target of each parent."""
        del arguments
        return await followed(context, self.edge, parents, wanted)


@dataclass(frozen=True, slots=True)
class Many:
    """All targets of an edge."""

    edge: ToMany

    async def batch(
        self,
        context: Context,
        parents: Sequence[Any],
        arguments: Mapping[str, Any],
        wanted: Wanted = WHOLE,
    ) -> Sequence[Any]:
        """The targets of each parent."""
        del arguments
        return await followed(context, self.edge, parents, wanted)


@dataclass(frozen=True, slots=True)
class Paged:
    """A page of the targets of an edge."""

    edge: ToMany

    async def batch(
        self,
        context: Context,
        parents: Sequence[Any],
        arguments: Mapping[str, Any],
        wanted: Wanted = WHOLE,
    ) -> Sequence[Any]:
        """The page of each parent."""
        about, asked = question(self.edge.target, self.edge, dict(arguments))
        return await batches.pages(context, about, asked, parents, wanted)


@dataclass(frozen=True, slots=True)
class Computed:
    """A pure function of the row."""

    function: Callable[[Any], Any]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batched:
    """An async function of all parents at once."""

    function: Callable[..., Awaitable[Sequence[Any]]]

    async def batch(
        self, context: Context, parents: Sequence[Any], arguments: Mapping[str, Any]
    ) -> Sequence[Any]:
        """The answer for each parent."""
        return await self.function(context, parents, **arguments)


@dataclass(frozen=True, slots=True)
class Root:
    """An async function of the request."""

    function: Callable[..., Awaitable[Any]]

    def ask(self, context: Context, _: str, arguments: Mapping[str, Any]) -> Awaitable[Any]:
        """The function's value, later."""
        return self.function(context, **arguments)


@dataclass(frozen=True, slots=True)
class RootRow(Root):
    """One row of a model."""

    model: type[Any]


@dataclass(frozen=True, slots=True)
class RootList(Root):
    """A page of all rows of a model."""

    model: type[Any]


@dataclass(frozen=True, slots=True)
class Mutation(Root):
    """A root that changes something, in a transaction of its own."""

    function: Work

    def ask(self, context: Context, name: str, arguments: Mapping[str, Any]) -> Awaitable[Any]:
        """What became of the change that is called ``name``, later."""
        return perform(context, name, self.function, arguments["input"])


Kind = Column | One | Many | Paged | Computed | Batched | Root


def question(
    model: type[Any], edge: ToMany | None, arguments: dict[str, Any]
) -> tuple[Question, paging.Window]:
    """What the arguments of a connection ask for, and which part of it."""
    asked = paging.window(
        *(arguments.pop(name, None) for name in ("first", "after", "last", "before"))
    )
    where, order_by = arguments.pop("where", None), arguments.pop("order_by", None)
    wanted = None if where is None else conditions(where)
    return Question(model, edge, wanted, order_by, arguments), asked
