"""From a validated operation to its plan, once for each choice of what is skipped and included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from execution.arguments import Variables, given_to
from execution.building import TYPENAME, builder
from execution.kinds import Attribute, Batch, Kind, Offer
from execution.plan import Field, Plan, Selection, Shape

PLANNED = frozenset({"skip", "include"})
"""The directives that a plan has an answer to; any other one is left to the reference."""

LARGEST = 20_000
"""The most fields of a plan: what abstract types multiply beyond that is left to the reference."""


class Unplanned(Exception):
    """The operation is for the reference. The document is kept, so that its id stays its own."""

    size = 1

    def __init__(self, asked: "Operation") -> None:
        super().__init__()
        self.asked = asked


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a document, and what its plan depends on."""

    document: DocumentNode
    node: OperationDefinitionNode
    variables: Variables
    fragments: Mapping[str, FragmentDefinitionNode]
    choices: Sequence[str]
    """The variables that say what is skipped and included."""
    is_plain: bool
    """Whether nothing in it is beyond plans."""


def operation(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Operation | None:
    """The operation of this name, or the only one; None where there is none."""
    fragments, found = {}, []
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
        elif isinstance(definition, OperationDefinitionNode) and name in {None, _name(definition)}:
            found.append(definition)
    if len(found) != 1:
        return None
    choices: list[str] = []
    is_plain = not any(fragment.variable_definitions for fragment in fragments.values())
    for node in chain(_nodes(found[0]), *map(_nodes, fragments.values())):
        if isinstance(node, DirectiveNode):
            if node.name.value in PLANNED:
                within = _nodes(node)
                choices += [each.name.value for each in within if isinstance(each, VariableNode)]
            else:
                is_plain = False
    variables = Variables(schema, found[0].variable_definitions or ())
    choices = list(dict.fromkeys(choices))
    return Operation(document, found[0], variables, fragments, choices, is_plain)


def plan(schema: GraphQLSchema, offer: Offer, asked: Operation, variables: VariableValues) -> Plan:
    """The plan of an operation. Raises Unplanned where the reference has to run it."""
    root = schema.get_root_type(asked.node.operation)
    if root is None or not asked.is_plain:
        raise Unplanned(asked)
    planner = _Planner(schema, offer, asked, variables)
    try:
        selection = planner.selection(root, planner.collected(root), None)
        _decide(selection)
    except (GraphQLError, RecursionError):  # the reference says it where it belongs
        raise Unplanned(asked) from None
    return Plan(asked.document, asked.node, asked.fragments, selection, planner.size)


def _decide(selection: Selection) -> None:
    """Ask the batches what they do there, from the top: one may bring what those below it would."""
    fields = selection.fields
    for field in fields:
        if isinstance(field.kind, Batch) and field.kind.planned is not None:
            field.kind = replace(field.kind, function=field.kind.planned(field))
        for below in field.selections.values():
            _decide(below)
    selection.build = builder(fields)
    selection.batches = [each for each in fields if isinstance(each.kind, Batch)]
    selection.nested = [
        each for each in fields if each.selections and not isinstance(each.kind, Batch)
    ]


def _name(node: OperationDefinitionNode) -> str | None:
    return node.name.value if node.name else None


def _nodes(node: Node) -> Iterator[Node]:
    waiting: list[Any] = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Node):
            yield here
            waiting += [getattr(here, key) for key in here.keys if key != "loc"]
        elif isinstance(here, list | tuple):
            waiting += here


class _Planner:
    def __init__(
        self, schema: GraphQLSchema, offer: Offer, asked: Operation, variables: VariableValues
    ) -> None:
        self.schema = schema
        self.offer = offer
        self.asked = asked
        self.variables = variables
        self.fragments = {name: FragmentDetails(node) for name, node in asked.fragments.items()}
        self.size = 0

    def collected(self, root: GraphQLObjectType) -> CollectedFields:
        return collect_fields(self.schema, self.fragments, self.variables, root, self.asked.node)

    def selection(
        self, kind: GraphQLObjectType, collected: CollectedFields, within: Field | None
    ) -> Selection:
        groups = collected.grouped_field_set
        self.size += 1 + len(groups)
        if self.size > LARGEST:
            raise Unplanned(self.asked)
        fields = [
            self.field(kind, key, details, number, within)
            for number, (key, details) in enumerate(groups.items())
        ]
        return Selection(fields)

    def field(
        self,
        parent: GraphQLObjectType,
        key: str,
        details: list[FieldDetails],
        number: int,
        within: Field | None,
    ) -> Field:
        nodes = [detail.node for detail in details]
        name = nodes[0].name.value
        definition = self.schema.get_field(parent, name)
        if definition is None:
            raise Unplanned(self.asked)
        kind = self.kind(parent, name, definition, nodes[0])
        made = Field(key, number, definition, parent, nodes, _shape(definition.type), kind, within)
        named: Any = made.shape.named
        if not is_leaf_type(named):
            types = self.schema.get_possible_types(named) if is_abstract_type(named) else [named]
            made.selections = {
                each.name: self.selection(each, self.below(each, details), made) for each in types
            }
        if definition.args:
            made.given = given_to(definition, nodes[0])
        return made

    def kind(self, parent: GraphQLObjectType, name: str, definition: Any, node: FieldNode) -> Kind:
        if name == TYPENAME:
            return Attribute(TYPENAME)
        found = None if name.startswith("__") else self.offer(parent, name, definition)
        # What is read from the parent takes no arguments.
        if found is None or (node.arguments and not isinstance(found, Batch)):
            raise Unplanned(self.asked)
        return found

    def below(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> CollectedFields:
        return collect_subfields(
            self.schema, self.fragments, self.variables, self.asked.node, kind, details
        )


def _shape(kind: Any) -> Shape:
    required = []
    while True:
        required.append(is_non_null_type(kind))
        kind = kind.of_type if required[-1] else kind
        if not is_list_type(kind):
            return Shape(kind, tuple(required))
        kind = kind.of_type
