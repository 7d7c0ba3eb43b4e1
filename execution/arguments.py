"""What variables and arguments come to, with the work that is the same each time done once.

Whatever is not as plain as usual, and whatever is wrong, is left to graphql-core each time: its
answers and its errors are the ones that count.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLError,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_nullable_type,
    is_non_null_type,
    is_required_argument,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_argument_values,
    get_variable_values,
)
from graphql.pyutils import Undefined

MAX_ERRORS = 50
"""How many variables may be wrong before the rest is not looked at, as in graphql-core."""

SMALLEST, LARGEST = -(2**31), 2**31 - 1

PLAIN: Mapping[Any, Callable[[Any], bool]] = {
    GraphQLString: lambda value: type(value) is str,
    GraphQLID: lambda value: type(value) is str,
    GraphQLBoolean: lambda value: type(value) is bool,
    GraphQLInt: lambda value: type(value) is int and SMALLEST <= value <= LARGEST,
    GraphQLFloat: lambda value: type(value) is float and math.isfinite(value),
}
"""The types of which some values are taken as they are, and which ones."""

Given = Callable[[VariableValues], dict[str, Any]]
"""The coerced arguments of a field. It may raise GraphQLError."""


class Variables:
    """The variables that an operation declares."""

    def __init__(
        self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        self._plain: list[tuple[GraphQLVariableSignature, Callable[[Any], bool], bool]] | None = []
        for definition in definitions:
            signature = get_variable_signature(schema, definition)
            if isinstance(signature, GraphQLError) or self._plain is None:
                self._plain = None
                continue
            test = PLAIN.get(get_nullable_type(signature.type))
            if test is None:
                self._plain = None
            else:
                self._plain.append((signature, test, definition.default_value is not None))

    def coerced(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values, or what is wrong with them."""
        if self._plain is not None:
            values = self._taken(self._plain, given)
            if values is not None:
                return values
        return get_variable_values(self._schema, self._definitions, given, max_errors=MAX_ERRORS)

    def _taken(self, plain: Sequence[Any], given: dict[str, Any]) -> VariableValues | None:
        """The values as they are; None where one of them cannot be taken so."""
        sources, coerced = {}, {}
        for signature, test, has_default in plain:
            name = signature.name
            value = given.get(name, Undefined)
            if value is Undefined:
                if has_default or is_non_null_type(signature.type):
                    return None
                sources[name] = VariableValueSource(signature)
                continue
            if not (not is_non_null_type(signature.type) if value is None else test(value)):
                return None
            sources[name], coerced[name] = VariableValueSource(signature, value), value
        return VariableValues(sources, coerced)


def given_to(definition: GraphQLField, node: FieldNode) -> Given:
    """What gives a field its arguments, for any variables."""

    def asked(variables: VariableValues) -> dict[str, Any]:
        return get_argument_values(definition, node, variables)

    nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
    named = {name: value for name, value in nodes.items() if isinstance(value, VariableNode)}
    if any(_varies(value) for name, value in nodes.items() if name not in named):
        return asked
    try:
        fixed = _fixed(definition, node, named)
    except GraphQLError:
        return asked
    if any(isinstance(value, list | dict) for value in fixed.values()):
        return asked  # whoever is given them may change them
    places = [
        Place(argument.out_name or name, argument, named[name].name.value if name in named else "")
        for name, argument in definition.args.items()
    ]
    return partial(_taken, places, fixed, asked)


class Place(NamedTuple):
    """An argument under the name that it is given by, and the variable that stands for it."""

    name: str
    argument: GraphQLArgument
    variable: str


def _taken(
    places: Sequence[Place], fixed: Mapping[str, Any], asked: Given, variables: VariableValues
) -> dict[str, Any]:
    """What is fixed, and the values of variables as they are."""
    found = {}
    for name, argument, variable in places:
        value = variables.coerced.get(variable, Undefined) if variable else Undefined
        if value is Undefined:
            if variable and is_required_argument(argument):
                return asked(variables)
            value = fixed.get(name, Undefined)
        elif value is None and is_non_null_type(argument.type):
            return asked(variables)
        if value is not Undefined:
            found[name] = value
    return found


def _fixed(definition: GraphQLField, node: FieldNode, named: Mapping[str, Any]) -> dict[str, Any]:
    """What the arguments come to that are no variables, and the defaults of those that are."""
    rest = [each for each in node.arguments or () if each.name.value not in named]
    optional = {
        name: argument
        for name, argument in definition.args.items()
        if name not in named or not is_required_argument(argument)
    }
    without = FieldNode(name=node.name, arguments=tuple(rest), loc=node.loc)
    return get_argument_values(GraphQLField(definition.type, optional), without)


def _varies(node: ValueNode) -> bool:
    """Whether a variable stands somewhere in a value."""
    if isinstance(node, VariableNode):
        return True
    inner = [*getattr(node, "values", ()), *(each.value for each in getattr(node, "fields", ()))]
    return any(map(_varies, inner))
