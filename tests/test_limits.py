"""What is too large is refused before anything runs, and what is checked once is kept a while."""

import time
from dataclasses import replace

import pytest
import strawberry
from graphql import get_introspection_query, parse

from gateway.documents import Documents, Prepared
from gateway.errors import Invalid
from gateway.limits import Limits, exceeded


@strawberry.type
class Thing:
    id: int = 1

    @strawberry.field
    def thing(self) -> "Thing":
        return Thing()


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing:
        return Thing()


GRAPH = strawberry.Schema(Query, extensions=[Prepared])
LIMITS = Limits(tokens=10_000, depth=30, aliases=100, root_fields=50)


def nested(levels: int) -> str:
    return "{ thing " * levels + "{ id }" + " }" * levels


def problems(query: str, limits: Limits = LIMITS) -> list[str]:
    return [error.message for error in exceeded(parse(query), limits)]


def refusals(query: str, limits: Limits = LIMITS) -> list[str]:
    with pytest.raises(Invalid) as caught:
        Documents(GRAPH, limits).get(query)
    return [error.message for error in caught.value.errors]


def test_the_deepest_query_that_is_answered_has_as_many_levels_as_the_limit_says() -> None:
    assert problems(nested(30)) == []
    assert problems(nested(31)) == ["This operation has 31 levels; at most 30 are answered."]


def test_fifteen_connections_within_each_other_are_answered() -> None:
    query = "{ experiments { nodes " * 15 + "{ id }" + " } }" * 15
    assert problems(query) == []


def test_a_refusal_names_the_operation_the_limit_and_what_was_found() -> None:
    [error] = exceeded(parse("query Deep " + nested(32)), LIMITS)
    assert error.message == "The operation Deep has 32 levels; at most 30 are answered."
    assert error.extensions == {
        "code": "GRAPHQL_VALIDATION_FAILED",
        "limit": "MAX_DEPTH",
        "maximum": 30,
        "found": 32,
    }


def test_depth_is_measured_through_fragments() -> None:
    query = """
        { thing { ...A } }
        fragment A on Thing { thing { ... on Thing { thing { ...B } } } }
        fragment B on Thing { thing { id } }
    """
    limits = Limits(tokens=1000, depth=3, aliases=0, root_fields=1)
    assert problems(query, limits) == ["This operation has 4 levels; at most 3 are answered."]


def test_aliases_are_counted_as_often_as_their_fragment_is_spread() -> None:
    query = "{ a: thing { ...F } thing { ...F ...F } } fragment F on Thing { b: id c: id }"
    limits = Limits(tokens=1000, depth=3, aliases=6, root_fields=9)
    assert problems(query, limits) == ["This operation has 7 aliases; at most 6 are answered."]


def test_root_fields_are_counted_through_fragments() -> None:
    query = (
        "{ thing { id } ...F ... on Query { thing { id } } } fragment F on Query { thing { id } }"
    )
    limits = Limits(tokens=1000, depth=3, aliases=0, root_fields=2)
    assert problems(query, limits) == ["This operation has 3 root fields; at most 2 are answered."]


def test_each_operation_is_measured_by_itself() -> None:
    limits = Limits(tokens=1000, depth=1, aliases=0, root_fields=1)
    document = "query A " + nested(1) + " query B " + nested(2)
    assert problems(document, limits) == ["The operation B has 2 levels; at most 1 are answered."]


def test_the_standard_introspection_query_passes_the_narrowest_limits() -> None:
    query = get_introspection_query(input_value_deprecation=True)
    narrow = Limits(tokens=1000, depth=3, aliases=0, root_fields=1)
    assert Documents(GRAPH, narrow).get(query).definitions


def test_circular_introspection_is_refused_all_the_same() -> None:
    query = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    assert refusals(query) == ["Maximum introspection depth exceeded"]


def test_a_document_of_too_many_tokens_is_not_even_parsed() -> None:
    limits = Limits(tokens=100, depth=30, aliases=0, root_fields=1000)
    assert Documents(GRAPH, limits).get("{ thing { " + "id " * 95 + "} }").definitions
    assert refusals("{ thing { " + "id " * 96 + "} }", limits) == [
        "Syntax Error: Document contains more than 100 tokens. Parsing aborted."
    ]


def test_comments_count_against_the_tokens() -> None:
    limits = Limits(tokens=100, depth=30, aliases=0, root_fields=1)
    [message] = refusals("#\n" * 101 + "{ thing { id } }", limits)
    assert message.startswith("Syntax Error: Document contains more than 100 comments.")


CYCLE = "{ thing { ...A } } fragment A on Thing { a: id ...B } fragment B on Thing { b: id ...A }"
DOUBLING = (
    "{ thing { ...F0 } } "
    + " ".join(
        f"fragment F{i} on Thing {{ thing {{ ...F{i + 1} }} a: thing {{ ...F{i + 1} }} }}"
        for i in range(25)
    )
    + " fragment F25 on Thing { id }"
)
CHAIN = (
    "{ thing { ...F0 } } "
    + " ".join(f"fragment F{i} on Thing {{ ...F{i + 1} }}" for i in range(1200))
    + " fragment F1200 on Thing { id }"
)


def test_fragments_that_spread_each_other_in_a_circle_are_refused() -> None:
    assert refusals(CYCLE) == ["Cannot spread fragment 'A' within itself via 'B'."]


def test_fragments_that_double_at_each_step_are_counted_without_being_written_out() -> None:
    assert refusals(DOUBLING) == [
        f"This operation has {2**25 - 1} aliases; at most 100 are answered.",
        f"This operation has {3 * 2**25 - 1} fields; at most 1000 are answered.",
    ]


def test_a_chain_of_very_many_fragments_is_refused() -> None:
    assert refusals(CHAIN, replace(LIMITS, definitions=2000)) == [
        "The fragments of this document are nested too deeply."
    ]


HOSTILE = {
    "cycle": CYCLE,
    "doubling": DOUBLING,
    "chain": CHAIN,
    "the same root field": "{" + "thing { id } " * 2400 + "}",
    "the same field": "{ thing {" + "thing { id } " * 2300 + "} }",
    "the same leaf": "{ thing {" + "id " * 9000 + "} }",
    "introspection": "{" + "__typename " * 9000 + "}",
    "aliases": "{" + " ".join(f"a{i}: thing {{ id }}" for i in range(1500)) + "}",
    "braces": "{ thing " * 4000,
    "brackets": "{ thing(a: " + "[" * 9000,
    "directives": "{ thing { id " + "@skip(if: true) " * 1600 + "} }",
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused_after_little_work(query: str) -> None:
    started = time.process_time()
    assert refusals(query)
    assert time.process_time() - started < 2


def test_a_document_that_repeats_itself_too_often_is_told_so() -> None:
    query = "{ thing {" + "id " * 900 + "} }"
    assert refusals(query) == ["The document repeats too many fields or fragments to be checked."]


def test_a_document_is_checked_once_while_it_is_kept() -> None:
    documents = Documents(GRAPH, LIMITS)
    assert documents.get("{ thing { id } }") is documents.get("{ thing { id } }")


def test_the_documents_that_were_not_asked_for_longest_give_way_first() -> None:
    first, second, third = ("{ thing { id } } # 1", "{ thing { id } } # 2", "{ thing { id } } # 3")
    documents = Documents(GRAPH, LIMITS, room=2 * len(first))
    kept, lost = documents.get(first), documents.get(second)
    assert documents.get(first) is kept
    documents.get(third)
    assert documents.get(first) is kept
    assert documents.get(second) is not lost


def test_a_document_that_is_larger_than_the_room_is_answered_and_not_kept() -> None:
    documents = Documents(GRAPH, LIMITS, room=10)
    query = "{ thing { id } }"
    assert documents.get(query) is not documents.get(query)


async def test_a_prepared_document_is_run_as_it_is() -> None:
    prepared = {Prepared.DOCUMENT: Documents(GRAPH, LIMITS).get("{ thing { id } }")}
    result = await GRAPH.execute("not a query", operation_extensions=prepared)
    assert (result.data, result.errors) == ({"thing": {"id": 1}}, None)


async def test_a_document_that_was_not_prepared_is_parsed_and_validated() -> None:
    result = await GRAPH.execute("{ thin { id } }")
    assert result.errors is not None
    assert "Cannot query field 'thin'" in result.errors[0].message
