"""The cost of any operation, against a plain reading of it, and against what comes back."""

import os
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    parse,
    print_ast,
    validate,
    value_from_ast_untyped,
    visit,
)
from graphql.execution.values import VariableValues, get_variable_values
from pydantic import SecretStr

from gateway.app import create_app, graph
from gateway.cost import CHANGE, LISTED, SCHEMA, TYPE, total
from gateway.demo import load
from gateway.pricing import steps
from gateway.selection import Reading, select
from gateway.settings import Settings
from models.database import Database
from schema.kinds import KIND, Column, Computed
from tests.conftest import AUTHORIZED, KEY
from tests.operations import Asker
from tests.test_statements import Asker as Walker

GRAPH: Any = graph()._schema  # noqa: SLF001  Strawberry has no public name for it
CASES = 4000 if "TRIALGRAPH_SOAK" in os.environ else 400
QUERIES = 300 if "TRIALGRAPH_SOAK" in os.environ else 30


class Reader:
    """Reads an operation object by object, as if every list were as long as it may be."""

    def __init__(self, query: str, variables: dict[str, Any]) -> None:
        definitions = parse(query).definitions
        self.operation = next(
            each for each in definitions if isinstance(each, OperationDefinitionNode)
        )
        self.fragments = {
            each.name.value: each
            for each in definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self.variables = {
            each.variable.name.value: value_from_ast_untyped(each.default_value)
            for each in self.operation.variable_definitions or ()
            if each.default_value
        } | variables

    def price(self) -> int:
        """What the whole operation costs."""
        root = GRAPH.get_root_type(self.operation.operation)
        is_change = self.operation.operation.value == "mutation"
        paid, shown = self.object(root, [self.operation.selection_set], None, is_change=is_change)
        return max(paid + shown, 1)

    def object(
        self, kind: Any, sets: list[Any], around: int | None, *, is_change: bool = False
    ) -> tuple[int, int]:
        """The points of one object, and those of rows in it that a page has paid for."""
        paid = shown = 0
        found: dict[str, list[FieldNode]] = {}
        for node in [node for each in sets for node in self.flat(kind, each)]:
            found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        for nodes in found.values():
            more = self.field(kind, nodes, around, is_change=is_change)
            paid, shown = paid + more[0], shown + more[1]
        return paid, shown

    def flat(self, kind: Any, selection_set: SelectionSetNode) -> Iterator[FieldNode]:
        """The fields that an object of the type has to answer."""
        for node in selection_set.selections:
            if not all(map(self.holds, node.directives or ())):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            assert isinstance(node, InlineFragmentNode | FragmentSpreadNode)
            inner = (
                node if isinstance(node, InlineFragmentNode) else self.fragments[node.name.value]
            )
            on = inner.type_condition and inner.type_condition.name.value
            if on in {None, kind.name, *(each.name for each in kind.interfaces)} or (
                kind.name in {each.name for each in getattr(GRAPH.type_map[on], "types", ())}
            ):
                yield from self.flat(kind, inner.selection_set)

    def holds(self, directive: Any) -> bool:
        """Whether @skip and @include let something be."""
        said = value_from_ast_untyped(directive.arguments[0].value, self.variables)
        return bool(said) is (directive.name.value == "include")

    def field(
        self, parent: Any, nodes: list[FieldNode], around: int | None, *, is_change: bool
    ) -> tuple[int, int]:
        """The points of one field of one object."""
        name = nodes[0].name.value
        if name.startswith("__"):
            return {"__schema": SCHEMA, "__type": TYPE}.get(name, 0), 0
        field = parent.fields[name]
        inner = get_named_type(field.type)
        kind = field.extensions["strawberry-definition"].metadata[KIND]
        is_list = is_composite_type(inner) and is_list_type(get_nullable_type(field.type))
        is_column = isinstance(kind, Column | Computed)
        given = {
            each.name.value: value_from_ast_untyped(each.value, self.variables)
            for each in nodes[0].arguments or ()
        }
        size = self.size(field, given)
        length = (around if is_column else size) if is_list else 1
        sets = [node.selection_set for node in nodes if node.selection_set]
        paid = shown = rows = 0
        for _ in range(LISTED if length is None else length):
            of_each = [self.object(each, sets, size) for each in kinds(inner)] if sets else [(0, 0)]
            paid += max(each[0] for each in of_each)
            shown += max(each[1] for each in of_each)
            rows += 1
        if is_column:
            return paid, shown + (rows if named(inner) else 0)
        if "first" in field.args:
            return paid + max(shown, size or 1), 0
        times = rows if is_list else max(1 if size is None else size, 1)
        return paid + shown + times * (CHANGE if is_change else 1), 0

    def size(self, field: Any, given: dict[str, Any]) -> int | None:
        """How many rows or ids are asked for, where that is said."""
        if "first" in field.args:
            asked = [given.get("last"), given.get("first"), 25]
            return max(next(each for each in asked if isinstance(each, int)), 0)
        ids = given.get("ids", (given.get("input") or {}).get("ids"))
        return len(ids) if isinstance(ids, list) else None


def kinds(kind: Any) -> list[GraphQLObjectType]:
    """The types that may come where this one is declared."""
    return [kind] if isinstance(kind, GraphQLObjectType) else list(GRAPH.get_possible_types(kind))


def named(kind: Any) -> bool:
    """Whether what comes may have an id."""
    return any(each.name == "Node" for of in kinds(kind) for each in of.interfaces)


@pytest.mark.generated
@pytest.mark.parametrize("root", ["query", "mutation"])
def test_the_cost_is_that_of_a_plain_reading(root: str) -> None:
    read = 0
    for seed in range(CASES):
        asker = Asker(GRAPH, random.Random(seed), fields=10)  # noqa: S311  a fixed stream is wanted
        query = asker.operation(root)
        document = parse(query)
        node = next(
            each for each in document.definitions if isinstance(each, OperationDefinitionNode)
        )
        declared = node.variable_definitions or ()
        if validate(GRAPH, document) or not isinstance(
            get_variable_values(GRAPH, declared, asker.variables), VariableValues
        ):
            continue
        reading = Reading(document, node, asker.variables)
        selected = select(GRAPH, reading, 10_000)
        priced = steps(GRAPH, selected, is_change=root == "mutation")
        found = total(priced, 1, None, reading.variables).price
        if found > 50_000:
            continue
        read += 1
        assert found == Reader(query, asker.variables).price(), (query, asker.variables)
    assert read > CASES / 5


class Marking(Visitor):
    """Asks every thing that has an id for it, under a name of its own."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        kind = self.types.get_parent_type()
        if not isinstance(kind, GraphQLObjectType) or not named(kind):
            return node
        asked = FieldNode(alias=NameNode(value="marked"), name=NameNode(value="id"))
        return SelectionSetNode(selections=(*node.selections, asked))


def things(answer: Any) -> int:
    """How many things an answer shows."""
    if isinstance(answer, list):
        return sum(map(things, answer))
    if not isinstance(answer, dict):
        return 0
    return ("marked" in answer) + sum(map(things, answer.values()))


async def test_the_cost_is_never_less_than_the_number_of_things_that_come(
    database: Database,
) -> None:
    await load(database, experiments=40)
    settings = Settings(bootstrap_key=SecretStr(KEY), show_cost=True, max_cost=10**9)
    transport = httpx.ASGITransport(create_app(settings, database))
    most = 0
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=AUTHORIZED
    ) as client:
        for seed in range(QUERIES):
            types = TypeInfo(GRAPH)
            plain = parse(Walker(1000 + seed).query())
            query = print_ast(visit(plain, TypeInfoVisitor(types, Marking(types))))
            answer = (await client.post("/graphql", json={"query": query})).json()
            assert "errors" not in answer, answer
            came = things(answer["data"])
            most = max(most, came)
            assert answer["extensions"]["cost"]["requested"] >= came, query
    assert most > 100
