"""The schema: what is promised to clients, and that every part of it says what it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_specified_scalar_type,
    parse,
    validate,
)

import models
from gateway.app import graph
from resolvers.edges import ToOne
from schema.kinds import KIND, Batched, Column, Computed, Many, One, Paged, Root

SCHEMA = graph()._schema  # noqa: SLF001  Strawberry has no public name for it
SNAPSHOT = Path("schema/schema.graphql")
QUERIES = sorted(Path("examples/queries").glob("*.graphql"))

AUDIT = {"createdBy", "updatedBy"}
LINKS = {"ExperimentMetric", "ExperimentSavedMetric", "ExperimentApplication", "Favorite"}
"""Types that only carry what is said of a link: an edge leads through them."""


def types() -> Iterator[GraphQLNamedType]:
    for name, kind in SCHEMA.type_map.items():
        if not name.startswith("__") and not is_specified_scalar_type(kind):
            yield kind


def kind_of(field: GraphQLField) -> Any:
    return field.extensions["strawberry-definition"].metadata.get(KIND)


def fields() -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    for kind in types():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                yield kind, name, field


def undescribed() -> Iterator[str]:
    for kind in types():
        if not kind.description:
            yield kind.name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                if not field.description:
                    yield f"{kind.name}.{name}"
                for argument, given in getattr(field, "args", {}).items():
                    if not given.description:
                        yield f"{kind.name}.{name}({argument}:)"
        if isinstance(kind, GraphQLEnumType):
            yield from (
                f"{kind.name}.{name}"
                for name, value in kind.values.items()
                if not value.description
            )


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert SNAPSHOT.read_text() == graph().as_str() + "\n"


def test_every_type_field_argument_and_enum_value_has_a_description() -> None:
    assert list(undescribed()) == []


def test_every_field_is_of_one_of_the_five_kinds() -> None:
    kinds = (Column, One, Many, Paged, Computed, Batched, Root)
    others = [
        f"{kind.name}.{name}"
        for kind, name, field in fields()
        if not isinstance(kind_of(field), kinds)
    ]

    assert others == []


def test_lists_and_what_is_in_them_are_never_null() -> None:
    nullable = [
        f"{kind.name}.{name}: {field.type}"
        for kind, name, field in fields()
        if "[" in str(field.type) and not str(field.type).endswith("!]!")
    ]

    assert nullable == ["Query.nodes: [Node]!"]


def reached(kind: GraphQLObjectType, seen: frozenset[str] = frozenset()) -> set[str]:
    """The types that the edges of a type lead to, through the types of links."""
    found = set()
    for name, field in kind.fields.items():
        if name in AUDIT or not isinstance(kind_of(field), One | Many | Paged):
            continue
        target = get_named_type(field.type)
        assert isinstance(target, GraphQLObjectType)
        if target.name.endswith("Connection"):
            target = get_named_type(target.fields["nodes"].type)
            assert isinstance(target, GraphQLObjectType)
        found.add(target.name)
        if target.name in LINKS and target.name not in seen:
            found |= reached(target, seen | {target.name})
    return found


def test_every_edge_exists_in_both_directions() -> None:
    edges = {
        kind.name: reached(kind)
        for kind in types()
        # Nothing leads back to whoever asks, or to what a change answers: those are no rows.
        if isinstance(kind, GraphQLObjectType) and hasattr(models, kind.name)
    }
    one_way = [
        f"{start} → {end}"
        for start, ends in edges.items()
        for end in ends
        if start not in LINKS and end not in LINKS and start not in edges[end]
    ]

    assert one_way == []


def test_a_to_one_edge_is_nullable_unless_its_column_must_be_filled() -> None:
    promised = []
    for kind, name, field in fields():
        edge = kind_of(field)
        if isinstance(edge, One) and str(field.type).endswith("!"):
            assert isinstance(edge.edge, ToOne)
            promised.append(f"{kind.name}.{name}")

    assert promised == ["Experiment.family"]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_the_example_queries_are_valid(path: Path) -> None:
    assert validate(SCHEMA, parse(path.read_text())) == []


def test_there_are_example_queries() -> None:
    assert len(QUERIES) >= 5
