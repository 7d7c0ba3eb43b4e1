"""Values at every end of their types, as variables: each is answered or refused, in either way."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema, get_named_type, is_leaf_type, is_non_null_type
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzzing import READERS, SOAK, Target, target
from tests.odd_values import Values, changed, documents, rarely
from tests.serving import KEY

pytestmark = pytest.mark.large

MANY = 3000 if SOAK else 60
RANDOM = SystemRandom().randrange(10**9)
GRAPH = build_schema((Path(__file__).parent.parent / "schema/schema.graphql").read_text())

COUNT = """query($a: String!) { events(where: { actor: { eq: $a } }) { totalCount } }"""
PAGE = (
    """query($o: [ExperimentOrder!]) { experiments(first: 5, orderBy: $o) { edges { cursor } } }"""
)
ORDERS: tuple[Any, ...] = (
    [],
    [{"key": "ASC"}],
    [{"createdAt": "DESC"}],
    [{"unitType": {"name": "ASC"}}],
)


@cache
def selection(kind: Any, depth: int) -> str:
    """All that a type has without arguments, and so much below it."""
    parts = ["__typename"]
    for name, field in getattr(kind, "fields", {}).items():
        named = get_named_type(field.type)
        if any(is_non_null_type(argument.type) for argument in field.args.values()):
            continue
        if is_leaf_type(named):
            parts.append(name)
        elif depth:
            parts.append(f"{name} {selection(named, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"


def written(root: GraphQLObjectType, name: str, given: Any) -> str:
    """An operation of one field, with its arguments as variables of the same names."""
    field = root.fields[name]
    declared = ", ".join(f"${each}: {field.args[each].type}" for each in given)
    said = ", ".join(f"{each}: ${each}" for each in given)
    below = get_named_type(field.type)
    text = f"{name} {f'({said})' if said else ''}"
    text += "" if is_leaf_type(below) else selection(below, 1)
    return f"{root.name.lower()} {f'({declared})' if declared else ''} {{ {text} }}"


def cursors(here: Target) -> st.SearchStrategy[Any]:
    """Cursors of some orders, cursors that were changed, and what is no cursor inside of one."""
    pages = [here.ask(PAGE, {"o": order}) for order in ORDERS]
    known = [edge["cursor"] for page in pages for edge in page["data"]["experiments"]["edges"]]
    names = st.sampled_from([["id"], ["key:ASC", "id"], ["createdAt:DESC", "id"], []])
    inside = st.tuples(names, documents | st.lists(documents, min_size=1, max_size=3))
    made = inside.map(lambda each: urlsafe_b64encode(json.dumps(each).encode()).decode())
    return st.sampled_from(known) | st.sampled_from(known).flatmap(changed) | made | st.none()


def asked(root: GraphQLObjectType, values: Values) -> st.SearchStrategy[tuple[str, Any]]:
    """A field that takes arguments, and some of them."""

    def with_arguments(name: str) -> st.SearchStrategy[tuple[str, Any]]:
        return st.tuples(st.just(name), values.arguments(root.fields[name]))

    names = sorted(name for name, field in root.fields.items() if field.args)
    return st.sampled_from(names).flatmap(with_arguments)


def run(number: int, made: st.SearchStrategy[Any], ask: Callable[[Any], None]) -> None:
    """Ask for what is made, without looking for a smaller one that fails as well."""
    chosen = settings(
        max_examples=MANY,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(chosen(given(made)(ask)))()


@pytest.mark.parametrize(
    ("new_database_url", "executor", "number"),
    [
        ("sqlite", "reference", 1),
        ("sqlite", "breadth", RANDOM),
        ("postgresql", "breadth", 1),
        ("postgresql", "reference", RANDOM),
    ],
    indirect=["new_database_url"],
    ids=["sqlite-fixed", "sqlite-random", "postgresql-fixed", "postgresql-random"],
)
def test_values_of_every_type_are_answered_or_refused(
    new_database_url: str, executor: str, number: int, tmp_path: Path
) -> None:
    with target(tmp_path, database_url=new_database_url, executor=executor) as here:
        keys = st.sampled_from([KEY, KEY, here.key("reader", *READERS)])
        places = cursors(here)
        sizes = rarely(st.integers(-1, 201), st.integers(0, 30))
        given = {"after": places, "before": st.none() | places, "first": sizes, "last": st.none()}
        values = Values(GRAPH, here.ids, given)

        def ask(made: tuple[str, GraphQLObjectType, tuple[str, Any]]) -> None:
            key, root, (name, variables) = made
            answer = here.ask(written(root, name, variables), variables, key)
            if root is GRAPH.mutation_type and answer.get("data", {}).get(name):
                here.counts[str(answer["data"][name]["ok"])] += 1

        for root in (GRAPH.query_type, GRAPH.mutation_type):
            assert root is not None
            run(number, st.tuples(keys, st.just(root), asked(root, values)), ask)

        assert here.counts["answered"] > MANY / 2
        assert here.counts["True"] or number == RANDOM  # which may change nothing, by chance
        assert here.ask(COUNT, {"a": "reader"})["data"] == {"events": {"totalCount": 0}}


def test_what_no_json_and_no_text_holds_is_refused_in_one_sentence(tmp_path: Path) -> None:
    query = "query($t: String!) { search(text: $t) { totalCount } }"
    headers = {"Content-Type": "application/json", "Authorization": f"Api-Key {KEY}"}
    with target(tmp_path) as here:

        def message(said: str) -> tuple[int, str]:
            body = f'{{"query": "{query}", "variables": {{"t": {said}}}}}'
            response = here.http.post("graphql", content=body.encode(), headers=headers)
            [error] = here.sound(response)["errors"]
            return response.status_code, error["message"]

        for said in ("NaN", "Infinity", "-Infinity", '"\\ud800"', '"\\udc00\\ud800"', "01", "'x'"):
            status, text = message(said)
            assert (status, text[:28]) == (400, "The body is not valid JSON: "), said
        assert message('"a\\u0000b"') == (200, "text is not text: 'a\\x00b'.")
        assert message(json.dumps("x" * 500_000))[0] == 200
        assert message(json.dumps("x" * 2**20))[0] == 413
