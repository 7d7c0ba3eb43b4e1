"""How much arguments may ask for, in the document or as variables, before anything is run."""

import os
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.types.arguments import convert_argument

from gateway.app import graph
from gateway.arguments import Most, bulk, measured
from gateway.selection import Reading, Selected, select
from gateway.settings import Settings
from models.errors import BadUserInput
from resolvers import bounds
from schema.experiment import ExperimentWhere

GRAPH = graph()
SCHEMA: Any = GRAPH._schema  # noqa: SLF001  Strawberry has no public name for it
MOST = Most.of(Settings())


def problems(query: str, most: Most = MOST, **variables: Any) -> list[GraphQLError]:
    """Why the arguments of an operation are too large."""
    document = parse(query)
    node = document.definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    reading = Reading(document, node, variables)
    found = []
    waiting: list[Selected] = list(select(SCHEMA, reading, 1000))
    while waiting:
        each = waiting.pop()
        found += [argument.problem(reading.variables, most) for argument in measured(each)]
        waiting += [inner for branch in each.branches for inner in branch]
    return [problem for problem in found if problem is not None]


def both(
    argument: str,
    literal: str,
    value: Any,
    kind: str,
    most: Most = MOST,
    field: str = "experiments",
) -> list[str]:
    """The problems of a value in the document, which are those of the same value as a variable."""
    written = problems(f"{{ {field}({argument}: {literal}) {{ totalCount }} }}", most)
    query = f"query($v: {kind}) {{ {field}({argument}: $v) {{ totalCount }} }}"
    sent = problems(query, most, v=value)
    defaulted = problems(query.replace(kind, f"{kind} = {literal}"), most)

    for found in (sent, defaulted):
        assert [each.message for each in found] == [each.message for each in written]
        assert [each.extensions for each in found] == [each.extensions for each in written]
    return [each.message for each in written]


@pytest.mark.parametrize("name", ["first", "last"])
def test_a_page_has_as_many_rows_as_the_limit_and_not_one_more(name: str) -> None:
    most = replace(MOST, page=50)
    assert both(name, "0", 0, "Int", most) == both(name, "50", 50, "Int", most) == []
    assert both(name, "51", 51, "Int", most) == [f"{name} is 51; it may be 0 to 50."]
    assert both(name, "-1", -1, "Int", most) == [f"{name} is -1; it may be 0 to 50."]


def test_a_page_that_is_too_large_is_found_at_any_depth_with_its_place() -> None:
    [error] = problems(
        "{ node(id: 1) { ... on Team { experiments { nodes { notes(first: 201) { totalCount } } } "
        "} } }"
    )
    assert error.locations is not None
    assert (error.locations[0].line, error.locations[0].column) == (1, 66)
    assert error.extensions == {
        "code": "BAD_USER_INPUT",
        "limit": "MAX_PAGE",
        "maximum": 200,
        "found": 201,
    }


def nested(levels: int) -> tuple[str, dict[str, Any]]:
    """A `where` of so many levels, as text and as a value."""
    text = "{}"
    value: dict[str, Any] = {}
    for _ in range(levels):
        text, value = f"{{not: {text}}}", {"not": value}
    return text, value


def test_where_is_nested_as_deeply_as_the_limit_and_not_deeper() -> None:
    assert both("where", *nested(16), "ExperimentWhere") == []
    assert both("where", *nested(17), "ExperimentWhere") == [
        "where is nested 17 levels deep; 16 is the most."
    ]
    assert both("where", *nested(60), "ExperimentWhere") == [
        "where is nested 17 levels deep; 16 is the most."
    ]


def through(edges: int) -> tuple[str, dict[str, Any]]:
    """A `where` that follows so many edges: templates of templates."""
    text = "{}"
    value: dict[str, Any] = {}
    for _ in range(edges):
        text, value = f"{{template: {text}}}", {"template": value}
    return text, value


def test_where_follows_as_many_edges_as_the_limit_and_not_more() -> None:
    assert both("where", *through(5), "ExperimentWhere") == []
    assert both("where", *through(6), "ExperimentWhere") == [
        "where follows 6 edges in a row; 5 is the most."
    ]


def wide(count: int) -> tuple[str, dict[str, Any]]:
    """A `where` with so many conditions, the first of which joins the others."""
    condition, given = '{key: {eq: "a"}}', {"key": {"eq": "a"}}
    return f"{{or: [{condition * (count - 1)}]}}", {"or": [given] * (count - 1)}


def test_where_holds_as_many_conditions_as_the_limit_and_not_more() -> None:
    assert both("where", *wide(200), "ExperimentWhere") == []
    assert both("where", *wide(201), "ExperimentWhere") == [
        "where holds 201 or more conditions; 200 is the most."
    ]


def listing(count: int) -> tuple[str, dict[str, Any]]:
    """A `where` that lists so many values."""
    return "{key: {in: [" + '"a" ' * count + "]}}", {"key": {"in": ["a"] * count}}


def test_where_lists_as_many_values_as_the_limit_and_not_more() -> None:
    assert both("where", *listing(1000), "ExperimentWhere") == []
    assert both("where", *listing(1001), "ExperimentWhere") == [
        "where lists 1001 values; 1000 is the most."
    ]


def test_an_order_has_as_many_fields_as_the_limit_and_not_more() -> None:
    one = {"key": "ASC"}
    assert both("orderBy", "[" + "{key: ASC}" * 8 + "]", [one] * 8, "[ExperimentOrder!]") == []
    assert both("orderBy", "[" + "{key: ASC}" * 9 + "]", [one] * 9, "[ExperimentOrder!]") == [
        "orderBy lists 9 fields; 8 is the most."
    ]


@pytest.mark.parametrize(
    ("edges", "expected"), [(5, []), (6, ["orderBy follows 6 edges; 5 is the most."])]
)
def test_an_order_follows_as_many_edges_as_the_limit_and_not_more(
    edges: int, expected: list[str]
) -> None:
    text = "{name: ASC}"
    value: dict[str, Any] = {"name": "ASC"}
    for _ in range(edges):
        text, value = f"{{parent: {text}}}", {"parent": value}
    assert both("orderBy", text, value, "[TeamOrder!]", field="teams") == expected
    assert both("orderBy", f"[{text}]", [value], "[TeamOrder!]", field="teams") == expected


def test_what_its_type_will_refuse_is_left_to_its_type() -> None:
    odd: list[Any] = [None, 1, "x", [], {"nothing": {}}, {"key": 1}, {"or": 1}, {"owners": 1}]
    for value in odd:
        assert problems("query($v: X) { experiments(where: $v) { totalCount } }", v=value) == []
    assert problems("query($v: X) { experiments(first: $v) { totalCount } }", v="many") == []
    assert problems("query($v: X) { experiments(orderBy: $v) { totalCount } }", v="up") == []


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"a": [1] * 8, "b": 1}, None),
        ({"a": [1] * 9, "b": 1}, "The variables hold 11 or more values; 10 is the most."),
        ({"a": {"b": {"c": [1]}}}, None),
        (
            {"a": {"b": {"c": [[1]]}}},
            "The variables are nested 5 or more levels deep; 4 is the most.",
        ),
    ],
)
def test_variables_are_as_many_and_as_deep_as_their_limits(
    variables: dict[str, Any], found: str | None
) -> None:
    problem = bulk(variables, 10, 4)
    assert (problem and problem.message) == found


LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "key": st.fixed_dictionaries(
            {}, optional={"eq": st.just("a"), "in": st.lists(st.just("a"))}
        ),
        "variantCount": st.fixed_dictionaries({}, optional={"gt": st.just(1), "lt": st.just(3)}),
    },
)


def conditions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Conditions that hold others: joined, through an edge to one thing, or through one to many."""
    return st.fixed_dictionaries(
        {},
        optional={
            "and": st.lists(inner, max_size=4),
            "or": st.lists(inner, max_size=4),
            "not": inner,
            "template": inner,
            "metrics": st.fixed_dictionaries(
                {},
                optional={
                    "some": st.fixed_dictionaries(
                        {"experiments": st.fixed_dictionaries({"none": inner})}
                    ),
                    "every": st.just({"goal": {"name": {"eq": "a"}}}),
                },
            ),
            "key": st.just({"in": ["a", "b"]}),
        },
    )


@given(st.recursive(LEAVES, conditions, max_leaves=12), st.integers(0, 6), st.integers(0, 30))
@settings(max_examples=2000 if "TRIALGRAPH_SOAK" in os.environ else 200, deadline=None)
def test_a_where_is_measured_as_it_is_after_it_was_turned_into_conditions(
    where: dict[str, Any], depth: int, count: int
) -> None:
    limits = {"DEEPEST": depth, "MOST_EDGES": depth // 2, "MOST_CONDITIONS": count}
    most = replace(MOST, depth=depth, edges=depth // 2, conditions=count, values=max(count - 2, 0))
    converted = convert_argument(
        where, ExperimentWhere, GRAPH.schema_converter.scalar_registry, GRAPH.config
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (limits | {"MOST_VALUES": max(count - 2, 0)}).items():
            patch.setattr(bounds, name, value)
        try:
            bounds.bound_where(converted)
            is_refused = False
        except BadUserInput:
            is_refused = True
    found = problems(
        "query($v: ExperimentWhere) { experiments(where: $v) { totalCount } }", most, v=where
    )
    assert bool(found) is is_refused
