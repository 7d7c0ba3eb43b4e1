"""Each limit of a document: what is as large is answered, and what is larger by one is refused."""

import re
from dataclasses import replace
from typing import Any

import pytest
from graphql import parse

from gateway.documents import Documents
from gateway.errors import Invalid
from gateway.limits import exceeded
from gateway.settings import Settings
from tests.endpoint import GRAPH as ENDPOINT
from tests.test_limits import GRAPH, LIMITS, refusals


def edge(limit: str, most: int, fits: str, exceeds: str, message: str) -> Any:
    return pytest.param(limit, most, fits, exceeds, message, id=limit)


EDGES = [
    edge(
        "characters",
        20,
        "{ thing { id } }" + " " * 4,
        "{ thing { id } }" + " " * 5,
        "The document has 21 characters; at most 20 are answered.",
    ),
    edge(
        "definitions",
        3,
        "query A { thing { ...F } } query B { thing { id } } fragment F on Thing { id }",
        "query A { thing { ...F } } query B { thing { id } } fragment F on Thing { id ...G } "
        "fragment G on Thing { id }",
        "The document has 4 definitions; at most 3 are answered.",
    ),
    edge(
        "fields",
        5,
        "{ thing { id ...F } } fragment F on Thing { thing { thing { id } } }",
        "{ thing { id ...F ...F } } fragment F on Thing { thing { id } }",
        "This operation has 6 fields; at most 5 are answered.",
    ),
    edge(
        "directives",
        2,
        "{ thing { id @skip(if: true) ... @include(if: true) { id } } }",
        "query Q @maybe { thing { id @skip(if: true) ... @include(if: true) { id } } }",
        "The operation Q has 3 directives; at most 2 are answered.",
    ),
    edge(
        "field_directives",
        2,
        "{ thing { id @skip(if: true) @include(if: true) } }",
        "{ thing { id @skip(if: true) @include(if: true) @maybe } }",
        "This place has 3 directives; at most 2 are answered.",
    ),
    edge(
        "variables",
        2,
        "query($a: Boolean!, $b: Boolean!) { thing { id @skip(if: $a) @include(if: $b) } }",
        "query($a: Int, $b: Int, $c: Int) { thing { id } }",
        "This operation has 3 variables; at most 2 are answered.",
    ),
    edge(
        "literals",
        4,
        "query($a: Boolean! = true) { thing { id @skip(if: $a) id @skip(if: $a) id @skip(if: $a) } "
        "}",
        "{ thing(a: [1, {b: 2}]) { id @skip(if: true) } }",
        "The document has 5 values or more; at most 4 are answered.",
    ),
]


@pytest.mark.parametrize(("limit", "most", "fits", "exceeds", "message"), EDGES)
def test_what_is_as_large_as_a_limit_is_answered_and_what_is_larger_is_not(
    limit: str, most: int, fits: str, exceeds: str, message: str
) -> None:
    limits = replace(LIMITS, **{limit: most})
    assert Documents(GRAPH, limits).get(fits).definitions
    assert refusals(exceeds, limits) == [message]
    with pytest.raises(Invalid) as caught:
        Documents(GRAPH, limits).get(exceeds)
    [error] = caught.value.errors
    name = "MAX_" + {"characters": "document_characters"}.get(limit, limit).upper()
    assert error.extensions == {
        "code": "GRAPHQL_VALIDATION_FAILED",
        "limit": name,
        "maximum": most,
        "found": int(re.findall(r"\d+", message)[0]),
    }
    assert hasattr(Settings(), name.lower())


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        ("definitions", (1, 85)),
        ("field_directives", (1, 11)),
        ("variables", (1, 25)),
    ],
)
def test_a_refusal_points_to_what_is_too_much(limit: str, place: tuple[int, int]) -> None:
    [most, exceeds] = next(each.values[1:4:2] for each in EDGES if each.id == limit)
    [error] = exceeded(parse(exceeds), replace(LIMITS, **{limit: most}))
    assert error.locations is not None
    assert [(found.line, found.column) for found in error.locations] == [place]


def test_a_document_of_too_many_tokens_names_the_limit() -> None:
    with pytest.raises(Invalid) as caught:
        Documents(GRAPH, replace(LIMITS, tokens=5)).get("{ thing { id id } }")
    assert caught.value.errors[0].extensions == {"limit": "MAX_TOKENS", "maximum": 5}


def test_fields_that_would_be_compared_too_often_name_the_limit() -> None:
    with pytest.raises(Invalid) as caught:
        Documents(GRAPH, replace(LIMITS, comparisons=1000)).get("{ thing {" + "id " * 100 + "} }")
    assert caught.value.errors[-1].extensions == {
        "code": "GRAPHQL_VALIDATION_FAILED",
        "limit": "MAX_COMPARISONS",
        "maximum": 1000,
    }
    assert Documents(GRAPH, LIMITS).get("{ thing {" + "id " * 100 + "} }").definitions


def test_a_number_of_more_digits_than_can_be_read_is_refused_at_its_place() -> None:
    with pytest.raises(Invalid) as caught:
        Documents(ENDPOINT, LIMITS).get("{ hello(times: " + "1" * 5000 + ") }")
    [error] = caught.value.errors
    assert error.message == "This value cannot be read."
    assert error.extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert error.original_error is None
    assert error.locations is not None
    assert [(found.line, found.column) for found in error.locations] == [(1, 16)]
