"""How many SQL statements a query runs: one for each place that names an edge, never one a row.

On PostgreSQL the edges without arguments below a place come along with its statement.
"""

import random
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    visit,
)

from gateway.app import graph
from gateway.demo import load
from models.database import Database
from schema.kinds import KIND, Batched, Many, One, Paged, Root

SCHEMA = graph()._schema  # noqa: SLF001  Strawberry has no public name for it

SIX_DEEP = """{
  experiments(first: 200, orderBy: [{startedAt: ASC}]) {
    totalCount
    nodes {
      key status source { name }
      owners { name teams { name parent { name } } }
      tags { tag }
      applications { version application { name } }
      primaryMetric {
        name
        goal { name teams { name users { email teams { name } } } tags { tag } }
      }
      secondaryMetrics { role metric { name owners { email } } }
      results { variantIndex mean metric { name } }
      notes(first: 2) { totalCount nodes { note createdBy { email } } }
    }
  }
}"""

CYCLIC = """{
  experiments(first: 200) {
    nodes {
      key
      primaryMetric {
        name
        experiments(first: 3) {
          totalCount
          nodes {
            key
            primaryMetric {
              name
              experiments(first: 2, role: PRIMARY) {
                nodes { key primaryMetric { name experiments(first: 1) { nodes { key } } } }
              }
            }
          }
        }
      }
    }
  }
}"""


class Budget(Visitor):
    """Counts what may cost a statement in an operation, each place once."""

    def __init__(self, types: TypeInfo, costly: tuple[type[Any], ...]) -> None:
        super().__init__()
        self.types = types
        self.costly = costly
        self.statements = 0

    def enter_field(self, *_: Any) -> None:
        definition = self.types.get_field_def()
        if definition is None or "strawberry-definition" not in definition.extensions:
            return
        kind = definition.extensions["strawberry-definition"].metadata.get(KIND)
        if isinstance(kind, self.costly):
            self.statements += 1


def budget(query: str, database: Database) -> int:
    types = TypeInfo(SCHEMA)
    alone = (Paged, Batched, Root)
    counter = Budget(types, (*alone, One, Many) if database.is_sqlite else alone)
    visit(parse(query), TypeInfoVisitor(types, counter))
    return counter.statements


async def run(client: httpx.AsyncClient, query: str) -> Any:
    answer = await client.post("/graphql", json={"query": query})
    body = answer.json()
    assert "errors" not in body, body["errors"]
    return body["data"]


@pytest.mark.parametrize("query", [SIX_DEEP, CYCLIC], ids=["six deep", "cyclic"])
async def test_a_deep_query_runs_one_statement_for_each_place_that_names_an_edge(
    client: httpx.AsyncClient, database: Database, statements: Any, query: str
) -> None:
    await load(database, experiments=60)
    statements.clear()
    await run(client, query)

    assert len(statements.seen) == budget(query, database)


async def test_ten_and_a_thousand_experiments_take_the_same_number_of_statements(
    client: httpx.AsyncClient, database: Database, statements: Any
) -> None:
    await load(database, experiments=1000)
    counted = {}
    for size in (10, 200):
        for query in (SIX_DEEP, CYCLIC):
            statements.clear()
            await run(client, query.replace("first: 200", f"first: {size}"))
            counted[query, size] = len(statements.seen)

    assert counted[SIX_DEEP, 10] == counted[SIX_DEEP, 200] == budget(SIX_DEEP, database)
    assert counted[CYCLIC, 10] == counted[CYCLIC, 200] == budget(CYCLIC, database)


class Asker:
    """Makes valid queries at random: every field of every type turns up sooner or later."""

    def __init__(self, seed: int, deepest: int = 7) -> None:
        self.chance = random.Random(seed)  # noqa: S311  a fixed stream is what a test wants
        self.deepest = deepest

    def query(self) -> str:
        return f"{{ {self.fields(SCHEMA.query_type, 0, roots=True)} }}"

    def fields(self, kind: Any, depth: int, *, roots: bool = False) -> str:
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            return "__typename"
        assert isinstance(kind, GraphQLObjectType)
        names = [
            name
            for name, field in kind.fields.items()
            if not any(is_required_argument(given) for given in field.args.values())
            and not (roots and name == "experiment")  # it wants an id or a key
        ]
        leaves = [name for name in names if is_leaf_type(get_named_type(kind.fields[name].type))]
        others = [name for name in names if name not in leaves]
        chosen = self.chance.sample(leaves, min(3, len(leaves)))
        if depth < self.deepest and others:
            for name in self.chance.sample(others, min(self.chance.choice([1, 1, 2]), len(others))):
                chosen.append(self.branch(kind, name, depth))
        return " ".join(chosen or ["__typename"])

    def branch(self, kind: GraphQLObjectType, name: str, depth: int) -> str:
        field = kind.fields[name]
        size = self.chance.choice([1, 3, 40 if depth == 0 else 2])
        arguments = f"(first: {size})" if "first" in field.args else ""
        return f"{name}{arguments} {{ {self.fields(get_named_type(field.type), depth + 1)} }}"


async def test_no_query_runs_more_statements_than_places(
    client: httpx.AsyncClient, database: Database, statements: Any
) -> None:
    await load(database, experiments=40)
    for seed in range(60):
        query = Asker(seed).query()
        statements.clear()
        await run(client, query)

        assert len(statements.seen) <= budget(query, database), query


async def test_a_page_of_nothing_runs_no_statement(
    client: httpx.AsyncClient, database: Database, statements: Any
) -> None:
    await load(database, experiments=40)
    statements.clear()
    data = await run(client, "{ experiments(first: 0) { totalCount nodes { key } } }")

    assert data == {"experiments": {"totalCount": 40, "nodes": []}}
    assert len(statements.seen) == 1


async def test_things_by_id_take_one_statement_for_each_type(
    client: httpx.AsyncClient, database: Database, statements: Any
) -> None:
    await load(database, experiments=40)
    data = await run(
        client, "{ experiments(first: 3) { nodes { id } } goals(first: 2) { nodes { id } } }"
    )
    ids = [node["id"] for page in data.values() for node in page["nodes"]]
    listed = ", ".join(f'"{text}"' for text in ids)
    statements.clear()
    found = await run(client, f"{{ nodes(ids: [{listed}]) {{ __typename id }} }}")

    assert [node["id"] for node in found["nodes"]] == ids
    assert len(statements.seen) == 2
