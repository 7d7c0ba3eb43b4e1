"""The fields of the graph, as the executor is offered them: each by its kind."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType
from strawberry.types.arguments import convert_arguments

from execution import Arguments, Attribute, Batch, Field, Function, Kind, Offer, Pure
from resolvers.context import Context
from schema import reads
from schema.fields import GraphField
from schema.kinds import KIND, Column, Computed, Many, One, Paged, Root, RootList


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

        def takes(coerced: dict[str, Any]) -> Arguments:
            return read(coerced, declared.arguments)

        function = _rooted(kind, name) if isinstance(kind, Root) else kind.batch
        return Batch(function, takes, partial(_narrowed, kind, function))

    return offer


def _narrowed(kind: Any, function: Any, field: Field) -> Function:
    """The same function, which reads only the columns that are asked for there."""
    match kind:
        case One(edge) | Many(edge):
            return partial(function, names=reads.of_rows(field, edge.target))
        case Paged(edge):
            return partial(function, names=reads.of_page(field, edge.target))
        case RootList(_, model):
            return partial(function, names=reads.of_page(field, model))
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
