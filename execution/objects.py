"""Which type of object a value is. Its class decides: what one value is, all of its class are."""

from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    default_type_resolver,
    is_abstract_type,
    is_object_type,
)
from graphql.pyutils import inspect

from execution.plan import Field, Selection


def selection_of(field: Field, value: Any, schema: GraphQLSchema, info: Any) -> Selection:
    """What is asked of a value. Raises GraphQLError where it may not stand here."""
    found = field.known.get(type(value))
    if found is None:
        named: Any = field.shape.named
        if is_abstract_type(named):
            named = _runtime_type(field, value, schema, info)
        if named.is_type_of is not None and not named.is_type_of(value, info):
            raise GraphQLError(
                f"Expected value of type '{named}' but got: {inspect(value)}.", field.nodes
            )
        found = field.known[type(value)] = field.selections[named.name]
    return found


def _runtime_type(field: Field, value: Any, schema: GraphQLSchema, info: Any) -> GraphQLObjectType:
    abstract: Any = field.shape.named
    name = (abstract.resolve_type or default_type_resolver)(value, info, abstract)
    place = f"for field '{field.parent}.{field.name}'"
    if name is None:
        problem = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime {place}."
            f" Either the '{abstract}' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function."
        )
    elif not isinstance(name, str):
        problem = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime {place}"
            f" with value {inspect(value)}, received '{inspect(name)}',"
            " which is not a valid Object type name."
        )
    elif (found := schema.get_type(name)) is None:
        problem = (
            f"Abstract type '{abstract}' was resolved to a type '{name}'"
            " that does not exist inside the schema."
        )
    elif not is_object_type(found):
        problem = f"Abstract type '{abstract}' was resolved to a non-object type '{name}'."
    elif not schema.is_sub_type(abstract, found):
        problem = f"Runtime Object type '{found}' is not a possible type for '{abstract}'."
    else:
        return found
    raise GraphQLError(problem, field.nodes)
