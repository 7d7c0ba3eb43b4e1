"""What a plan is made of: selections of fields, and fields that lead to selections."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationDefinitionNode,
)

from execution.arguments import Given
from execution.kinds import Batch, Kind

Slow = Callable[[int, Any, int], Any]
"""What is answered for a value of the field of that number, of the row of that number."""

Build = Callable[[Sequence[Any], Slow], list[dict[str, Any]]]
"""Makes the answers of rows; what takes a batch, or a selection of its own, is None at first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a field: how many lists are around what is named, and what may not be null.

    ``required`` has an entry for each list, from the outside, and the last one for what is named.
    """

    named: GraphQLNamedType
    required: tuple[bool, ...]

    @property
    def depth(self) -> int:
        """How many lists are around what is named."""
        return len(self.required) - 1


def no_arguments(_: object) -> dict[str, Any]:
    """The arguments of a field that takes none."""
    return {}


@dataclass(slots=True, eq=False)
class Field:
    """A field at one place of an operation, with everything that is merged into it."""

    key: str
    number: int
    """Which one it is of its selection."""
    definition: GraphQLField
    parent: GraphQLObjectType
    nodes: list[FieldNode]
    shape: Shape
    kind: Kind
    within: "Field | None"
    """The field whose selection it stands in; None at the root."""
    selections: dict[str, "Selection"] = field(default_factory=dict)
    """What is asked of each type of object that it may lead to; nothing of leaves."""
    given: Given = no_arguments
    """What gives a batch its arguments."""
    known: dict[type[Any], "Selection"] = field(default_factory=dict)
    """The same, by the classes of the values that were met so far."""

    @property
    def name(self) -> str:
        """The name of the field, whatever key it is answered under."""
        return self.nodes[0].name.value

    @property
    def length(self) -> int:
        """How long the path of the field's value is."""
        return 1 + (self.within.length + self.within.shape.depth if self.within else 0)

    @property
    def asks_below(self) -> bool:
        """Whether a batch is asked for anything that the field leads to."""
        return any(
            isinstance(each.kind, Batch) or each.asks_below
            for selection in self.selections.values()
            for each in selection.fields
        )

    def survivor(self, depth: int) -> int:
        """How long the path is of what becomes null when a value in ``depth`` lists fails.

        0 is the whole answer.
        """
        at: Field | None = self
        length = self.length + depth
        while at is not None:
            for required in reversed(at.shape.required[: depth + 1]):
                if not required:
                    return length
                length -= 1
            at = at.within
            depth = at.shape.depth if at else 0
        return 0


@dataclass(slots=True, eq=False)
class Selection:
    """What is asked of the objects of one type at one place."""

    fields: Sequence[Field]
    build: Build = field(init=False)
    """Made when it is decided what kind each field has."""
    nested: Sequence[Field] = ()
    """The fields that lead to objects which the parent itself holds."""
    batches: Sequence[Field] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """An operation that is ready to run: any number of times, and several times at once."""

    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    root: Selection
    size: int
    """How many fields its selections have."""
