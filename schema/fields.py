"""How fields are declared: by their kind (`schema.kinds`), and never without a description."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import strawberry
from graphql.pyutils import Path
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from resolvers import paging
from resolvers.access import require_read
from resolvers.connection import root_page
from resolvers.context import Context
from resolvers.edges import ToMany, ToOne
from resolvers.mutation import Work
from resolvers.reading import WHOLE, Wanted
from schema.kinds import (
    KIND,
    Batched,
    Column,
    Computed,
    Many,
    Mutation,
    One,
    Paged,
    Root,
    RootList,
    RootRow,
    question,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field; ``annotation`` is its type as a class body would spell it."""

    name: str
    annotation: Any
    description: str
    default: Any = None


WINDOW = (
    Argument(
        "first",
        int | None,
        f"How many rows from the start; {paging.DEFAULT_SIZE} unless said, "
        f"{paging.LARGEST_PAGE} at most.",
    ),
    Argument("after", str | None, "Only rows behind this cursor."),
    Argument("last", int | None, f"How many rows from the end; {paging.LARGEST_PAGE} at most."),
    Argument("before", str | None, "Only rows ahead of this cursor."),
)
"""The arguments of every connection."""


class GraphField(StrawberryField):
    """Strawberry's field, answered by its kind."""

    @property
    def is_basic_field(self) -> bool:
        """Only a column is read without asking anything else."""
        return isinstance(self.metadata.get(KIND), Column)

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        """What the kind answers."""
        del args  # positional arguments are for resolver functions
        kind = self.metadata[KIND]
        if isinstance(kind, Column):
            return getattr(source, self.python_name)
        if isinstance(kind, Computed):
            return kind.function(source)
        if isinstance(kind, Root):
            return kind.ask(info.context, info.field_name, kwargs)
        batch = partial(kind.batch, info.context, arguments=kwargs)
        return info.context.loaders.load(batch, source, place(info))


def column(description: str, *, name: str | None = None, deprecated: str | None = None) -> Any:
    """An attribute of the parent, called as the class attribute is."""
    return _field(Column(), description, (), name=name, deprecated=deprecated)


def one(edge: ToOne, description: str) -> Any:
    """The target of a to-one edge."""
    return _field(One(edge), description, ())


def many(edge: ToMany, description: str) -> Any:
    """All targets of a to-many edge that belong to one thing."""
    return _field(Many(edge), description, ())


def connection(
    edge: ToMany, description: str, *, where: Any, order_by: Any, arguments: Sequence[Argument] = ()
) -> Any:
    """A page of the targets of an edge without bound."""
    taken = (*window_arguments(where, order_by), *arguments)
    return _field(Paged(edge), description, taken)


def computed(
    function: Callable[[Any], Any],
    columns: Sequence[str],
    description: str,
    *,
    name: str | None = None,
) -> Any:
    """A pure function of the row, which reads only ``columns``."""
    return _field(Computed(function, tuple(columns)), description, (), name=name)


def batched(
    function: Callable[..., Awaitable[Sequence[Any]]],
    description: str,
    arguments: Sequence[Argument] = (),
) -> Any:
    """An async function of (context, parents, **arguments), answering one value for each."""
    return _field(Batched(function), description, arguments)


def root(
    function: Callable[..., Awaitable[Any]],
    description: str,
    arguments: Sequence[Argument] = (),
) -> Any:
    """An async function of (context, **arguments)."""
    return _field(Root(function), description, arguments)


def root_row(
    model: type[Any],
    function: Callable[..., Awaitable[Any]],
    description: str,
    arguments: Sequence[Argument],
) -> Any:
    """An async function of (context, wanted, **arguments) that answers a row of a model.

    ``wanted`` is what is read of it and at once with it.
    """
    return _field(RootRow(function, model), description, arguments)


def subscription(
    function: Callable[..., Awaitable[AsyncIterator[Any]]],
    description: str,
    arguments: Sequence[Argument],
) -> Any:
    """An async function of (context, **arguments) that answers a source of events.

    The field's value is the event that the source has told of.
    """
    made = _field(Root(function), description, arguments)
    made.is_subscription = True
    return made


def mutation(work: Work, given: Any, description: str) -> Any:
    """A change, as `resolvers.mutation.perform` makes it. ``given`` is its input type."""
    said = Argument("input", given, "What is wanted.", strawberry.UNSET)
    return _field(Mutation(work), description, [said])


def root_list(model: type[Any], description: str, *, where: Any, order_by: Any) -> Any:
    """A page of all rows of a model."""

    async def read(
        context: Context, wanted: Wanted = WHOLE, *, is_all: bool = False, **arguments: Any
    ) -> paging.Page:
        require_read(model, context.viewer)
        about, asked = question(model, None, arguments)
        return await root_page(context, about, asked, wanted, is_all=is_all)

    return _field(RootList(read, model), description, window_arguments(where, order_by))


def window_arguments(where: Any, order_by: Any) -> tuple[Argument, ...]:
    """The arguments of every connection that can be filtered and ordered."""
    order = "The order; later entries break ties of earlier ones, and ids break the rest."
    return (
        *WINDOW,
        Argument("where", where | None, "Only rows that satisfy this, applied before paging."),
        Argument("order_by", list[order_by] | None, order),
    )


def of_rows(
    model: type[Any], description: str, *, name: str | None = None
) -> Callable[[type[T]], type[T]]:
    """An object type whose values are rows (or facts) of ``model``, returned as they are."""

    def bind(declared: type[T]) -> type[T]:
        declared.is_type_of = staticmethod(  # type: ignore[attr-defined]
            lambda value, _info: isinstance(value, model)
        )
        return strawberry.type(declared, description=description, name=name)

    return bind


def place(info: strawberry.Info[Any, Any]) -> tuple[str, ...]:
    """The response path without list indexes: the place that is being answered.

    Each step carries the type that it was taken from: behind an abstract type, what different types
    answer arrives at different times.
    """
    keys = []
    step: Path | None = info.path
    while step is not None:
        if isinstance(step.key, str):
            keys.append(f"{step.typename}.{step.key}")
        step = step.prev
    return tuple(keys)


def _field(
    kind: Any,
    description: str,
    arguments: Sequence[Argument],
    *,
    name: str | None = None,
    deprecated: str | None = None,
) -> Any:
    made = GraphField(
        graphql_name=name,
        description=description,
        deprecation_reason=deprecated,
        metadata={KIND: kind},
    )
    made.arguments = [
        StrawberryArgument(
            python_name=argument.name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(argument.annotation),
            description=argument.description,
            default=argument.default,
        )
        for argument in arguments
    ]
    return made
