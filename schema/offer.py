"""The fields of the graph, as the executor is offered them: each by its kind."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType
from strawberry.types.arguments import convert_arguments

from execution import Arguments, Attribute, Batch, Kind, Offer, Pure
from resolvers.context import Context
from schema.fields import KIND, Column, Computed, GraphField, Root


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

        return Batch(_rooted(kind, name) if isinstance(kind, Root) else kind.batch, takes)

    return offer


async def _told(_: Context, events: Sequence[Any], __: Mapping[str, Any]) -> Sequence[Any]:
    """The value of a subscription's field is the event."""
    return events


def _rooted(kind: Root, name: str) -> Any:
    async def batch(
        context: Context, parents: Sequence[Any], arguments: Mapping[str, Any]
    ) -> Sequence[Any]:
        return [await kind.ask(context, name, arguments) for _ in parents]

    return batch
