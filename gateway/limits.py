"""How large a document may be. What is larger is refused before anything of it runs.

Each limit is measured before validation, whose work grows with the square of some of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

from gateway.errors import VALIDATION_FAILED
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is answered.

    `tokens` are counted by the parser, and `comparisons` of fields with each other by validation;
    the rest is measured here.
    """

    tokens: int
    depth: int
    aliases: int
    root_fields: int
    characters: int = 100_000
    definitions: int = 200
    fields: int = 1_000
    directives: int = 100
    field_directives: int = 5
    variables: int = 100
    literals: int = 1_000
    comparisons: int = 25_000

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """The limits that are set."""
        return cls(
            tokens=settings.max_tokens,
            depth=settings.max_depth,
            aliases=settings.max_aliases,
            root_fields=settings.max_root_fields,
            characters=settings.max_document_characters,
            definitions=settings.max_definitions,
            fields=settings.max_fields,
            directives=settings.max_directives,
            field_directives=settings.max_field_directives,
            variables=settings.max_variables,
            literals=settings.max_literals,
            comparisons=settings.max_comparisons,
        )


def beyond(
    limit: str, what: str, found: int, maximum: int, unit: str, node: Node | None = None
) -> GraphQLError:
    """The error that names the limit, what was found, and where."""
    return GraphQLError(
        f"{what} {found} {unit}; at most {maximum} are answered.",
        node,
        extensions={
            "code": VALIDATION_FAILED,
            "limit": limit,
            "maximum": maximum,
            "found": found,
        },
    )


def too_long(query: str, limits: Limits) -> GraphQLError | None:
    """The error for a document that is not even parsed."""
    if len(query) <= limits.characters:
        return None
    what = "The document has"
    return beyond("MAX_DOCUMENT_CHARACTERS", what, len(query), limits.characters, "characters")


def exceeded(document: DocumentNode, limits: Limits) -> Iterator[GraphQLError]:
    """One error for each limit that the document, or an operation of it, is over."""
    most = limits.definitions
    if len(document.definitions) > most:
        count, place = len(document.definitions), document.definitions[most]
        yield beyond("MAX_DEFINITIONS", "The document has", count, most, "definitions", place)
        return
    try:
        yield from islice(_decorated(document, limits.field_directives), 1)
        yield from islice(_written(document, limits.literals), 1)
        ruler = _Ruler(document)
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                yield from _oversized(operation, ruler.selections(operation.selection_set), limits)
    except RecursionError:
        yield GraphQLError("The fragments of this document are nested too deeply.", document)


class Size(NamedTuple):
    """What a selection asks for, with its fragments written out.

    Levels are selection sets within selection sets: `{ a }` has none, `{ a { b } }` has one.
    `roots` are the fields of the selection itself, `fields` those of every level.
    """

    levels: int = 0
    aliases: int = 0
    roots: int = 0
    fields: int = 0
    directives: int = 0


def _oversized(
    operation: OperationDefinitionNode, size: Size, limits: Limits
) -> Iterator[GraphQLError]:
    name = f"The operation {operation.name.value}" if operation.name else "This operation"
    variables = operation.variable_definitions or ()
    found = size._replace(directives=size.directives + len(operation.directives or ()))
    for limit, unit, count, most in (
        ("MAX_DEPTH", "levels", found.levels, limits.depth),
        ("MAX_ALIASES", "aliases", found.aliases, limits.aliases),
        ("MAX_ROOT_FIELDS", "root fields", found.roots, limits.root_fields),
        ("MAX_FIELDS", "fields", found.fields, limits.fields),
        ("MAX_DIRECTIVES", "directives", found.directives, limits.directives),
        ("MAX_VARIABLES", "variables", len(variables), limits.variables),
    ):
        if count > most:
            place = variables[most] if limit == "MAX_VARIABLES" else operation
            yield beyond(limit, f"{name} has", count, most, unit, place)


def _decorated(node: DocumentNode, most: int) -> Iterator[GraphQLError]:
    """An error for each node of the document that has too many directives."""
    waiting: list[DefinitionNode | SelectionNode] = list(node.definitions)
    while waiting:
        each = waiting.pop()
        count = len(getattr(each, "directives", None) or ())
        if count > most:
            yield beyond("MAX_FIELD_DIRECTIVES", "This place has", count, most, "directives", each)
        inner = getattr(each, "selection_set", None)
        waiting += inner.selections if inner else ()


def _written(document: DocumentNode, most: int) -> Iterator[GraphQLError]:
    """An error where the document holds too many arguments and values."""
    count = 0
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        for name in HOLDERS:
            waiting += getattr(node, name, None) or ()
        for name in ("selection_set", "value", "default_value"):
            found = getattr(node, name, None)
            if isinstance(found, Node):
                waiting.append(found)
        if isinstance(node, ValueNode):
            count += 1
            if count > most:
                yield beyond(
                    "MAX_LITERALS", "The document has", count, most, "values or more", node
                )


HOLDERS = (
    "definitions",
    "selections",
    "arguments",
    "directives",
    "variable_definitions",
    "fields",
    "values",
)
"""Where the syntax tree keeps several nodes, as far as values can stand below them."""


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
        levels = aliases = roots = fields = directives = 0
        for node in selection_set.selections:
            size = self.selection(node)
            levels = max(levels, size.levels)
            aliases += size.aliases
            roots += size.roots
            fields += size.fields
            directives += size.directives + len(node.directives or ())
        return Size(levels, aliases, roots, fields, directives)

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
        if node.selection_set is None:
            return Size(aliases=alias, roots=1, fields=1)
        inner = self.selections(node.selection_set)
        # Introspection has a rule of its own in graphql-core, and its standard query is deep.
        levels = 0 if node.name.value.startswith("__") else inner.levels + 1
        return Size(levels, inner.aliases + alias, 1, inner.fields + 1, inner.directives)

    def fragment(self, name: str) -> Size:
        if name not in self.measured:
            self.measured[name] = Size()  # where a cycle closes; validation refuses it
            if name in self.fragments:
                self.measured[name] = self.selections(self.fragments[name].selection_set)
        return self.measured[name]
