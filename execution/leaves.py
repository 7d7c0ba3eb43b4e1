"""What scalars and enums make of values, and what generated code may take for granted of them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from graphql.pyutils import Undefined, inspect

from execution.plan import Field


def written(field: Field, value: Any) -> Any:
    """A value as the field's type writes it. Raises what the type raises.

    Raises TypeError where the type makes nothing of the value.
    """
    named = cast("GraphQLLeafType", field.shape.named)
    answer = named.coerce_output_value(value)
    if answer is None or answer is Undefined:
        raise TypeError(
            f"Expected `{inspect(named)}.coerce_output_value({inspect(value)})`"
            f" to return non-nullable value, returned: {inspect(answer)}"
        )
    return answer


@dataclass(frozen=True, slots=True)
class Quick:
    """Values of exactly the class ``of`` that pass the tests need no look at their type.

    They are answered as they are, or as ``table`` says. A test is an expression over many values,
    which stand in its braces.
    """

    of: type[Any]
    tests: tuple[str, ...] = ()
    table: Mapping[Any, Any] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the class alone says that a value is answered as it is."""
        return not self.tests and self.table is None


QUICK = {
    GraphQLString: Quick(str),
    GraphQLID: Quick(str),
    GraphQLBoolean: Quick(bool),
    GraphQLInt: Quick(int, ("min({}) >= -2147483648", "max({}) <= 2147483647")),
    GraphQLFloat: Quick(float, ("all(map(isfinite, {}))",)),
}


def quick(named: GraphQLLeafType) -> Quick | None:
    """What is known ahead of a type's values; None where only the type can tell."""
    if isinstance(named, GraphQLEnumType):
        return _members(named)
    return QUICK.get(named)


def _members(named: GraphQLEnumType) -> Quick | None:
    classes = {type(value.value) for value in named.values.values()}
    # Strawberry's enums hold what the members hold, and know the class.
    of = getattr(named, "wrapped_cls", classes.pop() if len(classes) == 1 else None)
    if not (isinstance(of, type) and issubclass(of, enum.Enum)):
        return None
    try:
        return Quick(of, table={member: named.coerce_output_value(member) for member in of})
    except (GraphQLError, ValueError):  # a member that the schema does not show
        return None
