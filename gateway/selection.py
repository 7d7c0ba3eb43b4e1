"""What an operation selects, with its fragments written out, as a tree of fields.

Fields of one name are merged as they will be when they are answered, `@skip` and `@include` are
decided, and behind an abstract type there is a branch for each type that may come.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    value_from_ast_untyped,
)

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


class TooManyFields(Exception):
    """The tree would have more fields than may be asked for."""


@dataclass(slots=True)
class Value:
    """What an argument is given: always the same, or what variables make of it."""

    node: ValueNode
    is_fixed: bool
    _fixed: Any

    @classmethod
    def at(cls, node: ValueNode) -> "Value":
        """The value that is written there."""
        is_fixed = not _has_variables(node)
        return cls(node, is_fixed, value_from_ast_untyped(node) if is_fixed else None)

    def of(self, variables: dict[str, Any]) -> Any:
        """The value, not yet coerced; None where a variable has none."""
        if self.is_fixed:
            return self._fixed
        found = value_from_ast_untyped(self.node, variables)
        return None if found is Undefined else found


def _has_variables(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(map(_has_variables, node.values))
    if isinstance(node, ObjectValueNode):
        return any(_has_variables(field.value) for field in node.fields)
    return isinstance(node, VariableNode)


@dataclass(slots=True)
class Selected:
    """A field of the answer. `field` is None for what is about the schema.

    What answers objects has a branch at least, be it one in which every field is skipped.
    """

    node: FieldNode
    field: GraphQLField | None
    arguments: dict[str, Value]
    branches: tuple[tuple["Selected", ...], ...] = ()

    @property
    def name(self) -> str:
        """What the schema calls it."""
        return self.node.name.value

    @property
    def key(self) -> str:
        """What the answer calls it."""
        return self.node.alias.value if self.node.alias else self.node.name.value


@dataclass
class Reading:
    """An operation of a validated document with the values of its variables as they came."""

    document: DocumentNode
    node: OperationDefinitionNode
    given: Mapping[str, Any]

    @cached_property
    def variables(self) -> dict[str, Any]:
        """The values of the variables, with the defaults of those that were not given."""
        values = {}
        for definition in self.node.variable_definitions or ():
            name = definition.variable.name.value
            if name in self.given:
                values[name] = self.given[name]
            elif definition.default_value is not None:
                values[name] = value_from_ast_untyped(definition.default_value)
        return values

    @cached_property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The fragments of the document by their names."""
        return {
            definition.name.value: definition
            for definition in self.document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }


def switches(reading: Reading) -> tuple[str, ...]:
    """The variables that decide which fields are selected, by name."""
    found: dict[str, None] = {}
    waiting: list[SelectionNode] = list(reading.node.selection_set.selections)
    for fragment in reading.fragments.values():
        waiting += fragment.selection_set.selections
    while waiting:
        node = waiting.pop()
        for directive in node.directives or ():
            if directive.name.value in {"skip", "include"}:
                for argument in directive.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        found[argument.value.name.value] = None
        inner = getattr(node, "selection_set", None)
        waiting += inner.selections if inner else ()
    return tuple(found)


def select(schema: GraphQLSchema, reading: Reading, most: int) -> tuple[Selected, ...]:
    """The fields that an operation selects. Raises TooManyFields beyond `most` of them."""
    roots = {
        OperationType.QUERY: schema.query_type,
        OperationType.MUTATION: schema.mutation_type,
        OperationType.SUBSCRIPTION: schema.subscription_type,
    }
    root = roots[reading.node.operation]
    if root is None:
        return ()
    return _Selecting(schema, reading, most).fields(root, [reading.node.selection_set])


class _Selecting:
    """One walk through an operation."""

    def __init__(self, schema: GraphQLSchema, reading: Reading, most: int) -> None:
        self.schema = schema
        self.reading = reading
        self.left = most

    def fields(
        self, parent: GraphQLObjectType, sets: Sequence[SelectionSetNode]
    ) -> tuple[Selected, ...]:
        grouped: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for each in sets:
            for node in self.collected(parent, each, spread):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
        self.left -= len(grouped)
        if self.left < 0:
            raise TooManyFields
        return tuple(self.field(parent, nodes) for nodes in grouped.values())

    def field(self, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Selected:
        first = nodes[0]
        field = parent.fields.get(first.name.value)
        arguments = {each.name.value: Value.at(each.value) for each in first.arguments or ()}
        inner = get_named_type(field.type) if field else None
        if not is_composite_type(inner):
            return Selected(first, field, arguments)
        sets = [node.selection_set for node in nodes if node.selection_set]
        branches = [self.fields(kind, sets) for kind in self.kinds(inner)]
        return Selected(first, field, arguments, tuple(filter(None, branches)) or ((),))

    def kinds(self, composite: Composite) -> Sequence[GraphQLObjectType]:
        if isinstance(composite, GraphQLObjectType):
            return [composite]
        return self.schema.get_possible_types(composite)

    def collected(
        self, parent: GraphQLObjectType, selection_set: SelectionSetNode, spread: set[str]
    ) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self.wanted(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self.applies(condition.name.value, parent):
                    yield from self.collected(parent, node.selection_set, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self.reading.fragments[node.name.value]
                if self.applies(fragment.type_condition.name.value, parent):
                    yield from self.collected(parent, fragment.selection_set, spread)

    def applies(self, name: str, parent: GraphQLObjectType) -> bool:
        if name == parent.name:
            return True
        kind = self.schema.type_map[name]
        return is_abstract_type(kind) and self.schema.is_sub_type(kind, parent)

    def wanted(self, node: SelectionNode) -> bool:
        """Whether the directives let the selection be."""
        for directive in node.directives or ():
            name = directive.name.value
            if name in {"skip", "include"} and directive.arguments:
                decided = Value.at(directive.arguments[0].value).of(self.reading.variables)
                if decided is (name == "skip"):
                    return False
        return True
