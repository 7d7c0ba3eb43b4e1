"""From what an operation selects to what it costs: each field with the price of its kind."""

from collections.abc import Sequence
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from gateway.cost import CHANGE, PRICES, SCHEMA, TYPE, Ids, Step, Window
from gateway.selection import Selected
from schema.kinds import KIND, Column, Computed

INTROSPECTION = {"__schema": SCHEMA, "__type": TYPE}


def steps(
    schema: GraphQLSchema, selected: Sequence[Selected], *, is_change: bool = False
) -> tuple[Step, ...]:
    """What is to be paid for; `is_change` says that the fields are mutations."""
    return tuple(
        step for each in selected if (step := _step(schema, each, is_change=is_change)) is not None
    )


def _step(schema: GraphQLSchema, selected: Selected, *, is_change: bool) -> Step | None:
    """The price of one field and of what stands behind it; None where that is nothing."""
    field = selected.field
    if field is None:
        price = INTROSPECTION.get(selected.name)
        return Step(selected.key, price) if price else None
    kind = field.extensions["strawberry-definition"].metadata.get(KIND)
    is_column = isinstance(kind, Column | Computed)
    if is_column and not selected.branches:
        return None
    inner = get_named_type(field.type)
    return Step(
        selected.key,
        CHANGE if is_change else PRICES.get(type(kind), 1),
        _sized(selected),
        is_column=is_column,
        is_list=is_composite_type(inner) and is_list_type(get_nullable_type(field.type)),
        is_node=_is_node(schema, inner),
        branches=tuple(steps(schema, branch) for branch in selected.branches),
    )


def _sized(selected: Selected) -> Window | Ids | None:
    """What says how many things a field answers."""
    arguments = selected.arguments
    if selected.field and "first" in selected.field.args:
        return Window(tuple(arguments[name] for name in ("last", "first") if name in arguments))
    asked = arguments.get("ids") or arguments.get("input")
    return Ids((asked,)) if asked else None


def _is_node(schema: GraphQLSchema, kind: Any) -> bool:
    """Whether objects of the type have an id, or some of them."""
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        return any(_is_node(schema, possible) for possible in schema.get_possible_types(kind))
    return any(each.name == "Node" for each in getattr(kind, "interfaces", ()))
