"""The fields of the graph, as the executor is offered them: each by its kind."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType, get_nullable_type, is_scalar_type
from strawberry.types.arguments import StrawberryArgument, convert_arguments

from execution import Arguments, Attribute, Batch, Field, Function, Kind, Offer, Pure
from resolvers.context import Context
from schema import reads
from schema.fields import GraphField
from schema.kinds import KIND, Column, Computed, Many, One, Paged, Root, RootList, RootRow


def offering(graph: strawberry.Schema) -> Offer:
    """How the executor is told of the fields of a graph."""
    read = partial(
        convert_arguments,
        scalar_registry=graph.schema_converter.scalar_registry,
        config=graph.config,
    )

    def offer(_: GraphQLObjectType, name: str, field: GraphQLField) -> Kind | None:
        declared = field.extensions.get("strawberry-definition")
        if not isinstance(declared, GraphField):
            return None
        kind = declared.metadata[KIND]
        if isinstance(kind, Column):
            return Attribute(declared.python_name)
        if isinstance(kind, Computed):
            return Pure(kind.function)
        if declared.is_subscription:
            return Batch(_told)

        taking = _taking(field, declared.arguments, read)
        function = _rooted(kind, name) if isinstance(kind, Root) else kind.batch
        return Batch(function, taking, partial(_narrowed, kind, function))

    return offer


def _taking(
    field: GraphQLField, arguments: Sequence[StrawberryArgument], read: Callable[..., Any]
) -> Callable[[dict[str, Any]], Arguments]:
    """How coerced arguments become those of a function: scalars and nulls are what they are."""
    named = dict(zip(field.args, arguments, strict=True))
    names = {key: str(argument.python_name) for key, argument in named.items()}
    rest = {
        key: argument
        for key, argument in named.items()
        if not is_scalar_type(get_nullable_type(field.args[key].type))
    }

    def takes(coerced: dict[str, Any]) -> Arguments:
        taken = {name: coerced[key] for key, name in names.items() if key in coerced}
        asked = [argument for key, argument in rest.items() if coerced.get(key) is not None]
        return taken | read(coerced, asked) if asked else taken

    return takes


def _narrowed(kind: Any, function: Any, field: Field) -> Function:
    """The same function, which reads only what is asked for there, and all of it that it can."""
    match kind:
        case One(edge) | Many(edge):
            return partial(function, wanted=reads.of_rows(field, edge.target))
        case Paged(edge):
            return partial(function, wanted=reads.of_page(field, edge.target))
        case RootRow(_, model) | RootList(_, model):
            find = reads.of_rows if isinstance(kind, RootRow) else reads.of_page
            wanted = find(field, model)
            return partial(function, wanted=wanted, is_all=not field.asks_below)
    whole: Function = function
    return whole


async def _told(_: Context, events: Sequence[Any], __: Mapping[str, Any]) -> Sequence[Any]:
    """The value of a subscription's field is the event."""
    return events


def _rooted(kind: Root, name: str) -> Any:
    async def batch(
        context: Context, parents: Sequence[Any], arguments: Mapping[str, Any], **more: Any
    ) -> Sequence[Any]:
        return [await kind.ask(context, name, {**arguments, **more}) for _ in parents]

    return batch
