"""What operations cost, before they run; it is never less than what comes back."""

import os
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    OperationDefinitionNode,
    parse,
    validate,
)

from gateway.admission import Admission
from gateway.app import graph
from gateway.errors import Invalid
from gateway.rate_limit import RateLimits
from gateway.settings import Settings
from resolvers.access import Viewer

SCHEMA: Any = graph()._schema  # noqa: SLF001  Strawberry has no public name for it
ME = Viewer("me", "me")
CASES = 1000 if "TRIALGRAPH_SOAK" in os.environ else 60


def admission(**settings: Any) -> Admission:
    """What judges operations, over no database at all."""
    chosen = Settings(**settings)
    limits = RateLimits(None, chosen.points_a_minute)  # type: ignore[arg-type]
    return Admission(SCHEMA, chosen, limits)


def operation(query: str) -> tuple[DocumentNode, OperationDefinitionNode]:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    node = document.definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return document, node


def cost(query: str, **variables: Any) -> int:
    return admission(max_cost=10**9).admit(*operation(query), variables, ME).cost


PRICES = {
    "nothing": ("{ __typename }", 1),
    "the columns of a row": ("{ team(id: 1) { id name createdAt } }", 1),
    "an edge to one": ("{ experiment(id: 1) { primaryMetric { goal { name } } } }", 3),
    "a list": ("{ experiment(id: 1) { owners { email } } }", 1 + 3),
    "a list in a list": ("{ experiment(id: 1) { owners { teams { name } } } }", 1 + 3 + 9),
    "a page": ("{ teams { nodes { name } } }", 25),
    "a page of a size": ("{ teams(first: 7) { nodes { name } } }", 7),
    "a page from its end": ("{ teams(last: 7) { nodes { name } } }", 7),
    "a page of nothing": ("{ teams(first: 0) { nodes { name } } }", 1),
    "a page whose rows nobody sees": ("{ teams { pageInfo { endCursor } } }", 25),
    "a count beside a page": ("{ teams { totalCount } }", 25 + 1),
    "a page shown as edges": ("{ teams { edges { cursor node { name } } } }", 25),
    "a page shown twice": ("{ teams { nodes { name } edges { node { name } } } }", 25 + 25),
    "pages in a page": (
        "{ teams(first: 7) { nodes { experiments(first: 3) { nodes { key } } } } }",
        7 + 21,
    ),
    "pages in pages": (
        """{ teams(first: 7) { nodes { experiments(first: 3) { nodes {
            notes(first: 2) { totalCount nodes { createdBy { email } } } } } } } }""",
        7 + 21 + 42 + 21 + 42,
    ),
    "a batched field": (
        "{ teams(first: 7) { nodes { experiments(first: 0) { totalCount } } } }",
        21,
    ),
    "a batched list": ("{ experiment(id: 1) { availableTransitions { action } } }", 1 + 3),
    "things by their ids": ('{ nodes(ids: ["a", "b", "c", "d"]) { id } }', 4),
    "the dearest of several types": (
        """{ node(id: 1) { ... on Team { parent { name } users { email } }
            ... on User { avatar { id } }
            ... on Tag { experiments(first: 2) { totalCount } } } }""",
        1 + 4,
    ),
    "the same field twice": (
        "{ team(id: 1) { users { id } ...F } } fragment F on Team { users { name } }",
        4,
    ),
    "the same field by two names": ("{ team(id: 1) { a: users { id } b: users { id } } }", 7),
    "what is skipped": (
        "{ team(id: 1) { users @skip(if: true) { id } parent @include(if: false) { id } } }",
        1,
    ),
    "a mutation": ("mutation { deleteTag(input: {id: 1}) { ok event { at } } }", 10 + 1),
    "a batch of mutations": (
        """mutation { transitionExperiments(input: {action: START, ids: ["a", "b"]}) {
            results { experiment { owners { id } } } } }""",
        2 * 10 + 2 + 6,
    ),
    "the schema": ("{ __schema { types { name } } }", 5000),
    "a type": ('{ __type(name: "Team") { name } }', 50),
}


@pytest.mark.parametrize(("query", "expected"), PRICES.values(), ids=PRICES)
def test_the_price_follows_from_the_kinds_of_the_fields(query: str, expected: int) -> None:
    assert cost(query) == expected


def test_variables_count_as_what_they_stand_for() -> None:
    query = "query($n: Int = 7) { teams(first: $n) { nodes { name } } }"
    assert (cost(query), cost(query, n=2), cost(query, n=None)) == (7, 2, 25)
    ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(ids, ids=["a"] * 9) == 9
    batch = "mutation($i: TransitionExperimentsInput!) { transitionExperiments(input: $i) { ok } }"
    assert cost(batch, i={"ids": ["a"] * 9, "action": "START"}) == 90
    choice = (
        "query($y: Boolean = true, $n: Boolean!) { team(id: 1) { users @include(if: $y) { id } "
        "parent @skip(if: $n) { id } } }"
    )
    assert (cost(choice, n=False), cost(choice, n=True, y=False)) == (5, 1)


def test_a_document_that_is_kept_costs_by_the_variables_of_each_request() -> None:
    judge = admission()
    asked = operation(
        """query($n: Int, $y: Boolean!) {
            teams(first: $n) { nodes { users @include(if: $y) { id } } } }"""
    )
    costs = [
        judge.admit(*asked, {"n": n, "y": y}, ME).cost
        for n, y in ((2, True), (2, False), (9, True), (2, True))
    ]
    assert costs == [8, 2, 36, 8]


def test_an_operation_costs_as_much_as_the_limit_and_not_more() -> None:
    asked = operation("query Q($n: Int) { teams(first: $n) { nodes { name } } }")
    judge = admission(max_cost=20)
    assert judge.admit(*asked, {"n": 20}, ME).cost == 20
    with pytest.raises(Invalid) as caught:
        judge.admit(*asked, {"n": 21}, ME)
    [error] = caught.value.errors
    assert error.message == "This operation costs 21 points; 20 is the most. Ask for less."
    assert error.nodes == [asked[1]]
    assert error.extensions == {
        "code": "GRAPHQL_VALIDATION_FAILED",
        "limit": "MAX_COST",
        "maximum": 20,
        "found": 21,
    }


def test_fields_are_counted_for_every_type_that_may_come() -> None:
    every = "{ node(id: 1) { id " + "".join(f"f{i}: id " for i in range(600)) + "} }"
    with pytest.raises(Invalid) as caught:
        admission().admit(*operation(every), {}, ME)
    [error] = caught.value.errors
    assert error.message == (
        "With every type that may come, this operation has 10001 fields or more; at most 10000 are "
        "answered."
    )
