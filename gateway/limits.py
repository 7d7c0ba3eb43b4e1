"""How large an operation may be. What is larger is refused before anything of it runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.errors import VALIDATION_FAILED


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is answered; `tokens` is for the parser, the rest for `exceeded`."""

    tokens: int
    depth: int
    aliases: int
    root_fields: int


class Size(NamedTuple):
    """What a selection asks for, with its fragments written out.

    Levels are selection sets within selection sets: `{ a }` has none, `{ a { b } }` has one.
    """

    levels: int = 0
    aliases: int = 0
    fields: int = 0


def exceeded(document: DocumentNode, limits: Limits) -> Iterator[GraphQLError]:
    """One error for each limit that an operation of the document is over."""
    ruler = _Ruler(document)
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        try:
            size = ruler.selections(operation.selection_set)
        except RecursionError:
            yield GraphQLError("The fragments of this document are nested too deeply.", operation)
            continue
        if size.levels > limits.depth:
            yield _error(operation, "MAX_DEPTH", "levels", limits.depth, size.levels)
        if size.aliases > limits.aliases:
            yield _error(operation, "MAX_ALIASES", "aliases", limits.aliases, size.aliases)
        if size.fields > limits.root_fields:
            yield _error(
                operation, "MAX_ROOT_FIELDS", "root fields", limits.root_fields, size.fields
            )


def _error(
    operation: OperationDefinitionNode, limit: str, unit: str, maximum: int, found: int
) -> GraphQLError:
    name = f"The operation {operation.name.value}" if operation.name else "This operation"
    return GraphQLError(
        f"{name} has {found} {unit}; at most {maximum} are answered.",
        operation,
        extensions={
            "code": VALIDATION_FAILED,
            "limit": limit,
            "maximum": maximum,
            "found": found,
        },
    )


class _Ruler:
    """Measures selections; each fragment once, however often it is spread."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.measured: dict[str, Size] = {}

    def selections(self, selection_set: SelectionSetNode) -> Size:
        sizes = [self.selection(node) for node in selection_set.selections]
        return Size(
            max((size.levels for size in sizes), default=0),
            sum(size.aliases for size in sizes),
            sum(size.fields for size in sizes),
        )

    def selection(self, node: SelectionNode) -> Size:
        if isinstance(node, FieldNode):
            return self.field(node)
        if isinstance(node, InlineFragmentNode):
            return self.selections(node.selection_set)
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value)
        return Size()

    def field(self, node: FieldNode) -> Size:
        alias = 1 if node.alias else 0
        # Introspection has a rule of its own in graphql-core, and its standard query is deep.
        if node.selection_set is None or node.name.value.startswith("__"):
            return Size(aliases=alias, fields=1)
        inner = self.selections(node.selection_set)
        return Size(inner.levels + 1, inner.aliases + alias, 1)

    def fragment(self, name: str) -> Size:
        if name not in self.measured:
            self.measured[name] = Size()  # where a cycle closes; validation refuses it
            if name in self.fragments:
                self.measured[name] = self.selections(self.fragments[name].selection_set)
        return self.measured[name]
