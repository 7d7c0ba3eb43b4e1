"""Conditions and orders, against a straightforward reading of them in Python.

The rows hold what trips databases up: nulls, duplicates, letters of several scripts in both cases,
wildcards, quotes, and code points that sort differently under a locale.
"""

import json
import os
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models as m
from models.database import Database

LETTERS = "aAbBzZéÉñÑжЖσΣ%_\\'\"-𐐀𐐨ￕ "  # noqa: RUF001  that is the point
START = datetime(2026, 1, 1, tzinfo=UTC)
PHASES = list(m.Phase)
DIRECTIONS = ["ASC", "DESC"]

Row = dict[str, Any]


def word(chance: random.Random, longest: int = 4) -> str:
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(1, longest)))


async def populate(database: Database) -> list[Row]:
    """Forty experiments over a few metrics, goals and teams, and the same as plain dicts."""
    chance = random.Random(7)  # noqa: S311  a fixed stream is what a test wants
    async with database.write() as session:
        source = m.Source(name="s", platform=m.Platform.LOCAL)
        session.add(source)
        await session.flush()
        goals = [m.Goal(name=word(chance), source_id=source.id) for _ in range(3)]
        teams = [m.Team(name=word(chance), source_id=source.id) for _ in range(4)]
        session.add_all([*goals, *teams])
        await session.flush()
        metrics = [
            m.Metric(
                name=word(chance),
                description=chance.choice([None, word(chance)]),
                goal_id=chance.choice([None, *(goal.id for goal in goals)]),
                source_id=source.id,
            )
            for _ in range(5)
        ]
        session.add_all(metrics)
        await session.flush()
        rows = []
        for number in range(40):
            family = m.Family(source_id=source.id, key=f"{number}")
            session.add(family)
            await session.flush()
            metric = chance.choice([None, *metrics])
            experiment = m.Experiment(
                key=word(chance, 2),
                name=word(chance),
                description=chance.choice([None, "", word(chance), word(chance)]),
                iteration=chance.randint(1, 3),
                phase=chance.choice(PHASES),
                archived=chance.random() < 0.2,
                full_on_at=chance.choice([None, None, START]),
                full_on_variant=chance.choice([None, 0, 1]),
                start_scheduled_at=chance.choice([None, None, START]),
                deleted_at=chance.choice([None, None, None, None, START]),
                started_at=chance.choice(
                    [None, *(START + timedelta(hours=hour) for hour in range(3))]
                ),
                percentage_of_traffic=chance.choice([None, 0.0, 12.5, 100.0]),
                primary_metric_id=None if metric is None else metric.id,
                family_id=family.id,
                source_id=source.id,
            )
            session.add(experiment)
            await session.flush()
            members = chance.sample(teams, chance.randint(0, 3))
            session.add_all(
                m.ExperimentTeam(experiment_id=experiment.id, team_id=team.id) for team in members
            )
            rows.append(plain(experiment, metric, goals, members))
    return rows


def plain(experiment: m.Experiment, metric: m.Metric | None, goals: Any, teams: Any) -> Row:
    goal = next((goal for goal in goals if metric and goal.id == metric.goal_id), None)
    return {
        "row": experiment.id,
        "key": experiment.key,
        "name": experiment.name,
        "description": experiment.description,
        "iteration": experiment.iteration,
        "phase": experiment.phase.value,
        "status": status(experiment),
        "archived": experiment.archived,
        "fullOnVariant": experiment.full_on_variant,
        "startedAt": experiment.started_at,
        "percentageOfTraffic": experiment.percentage_of_traffic,
        "primaryMetric": metric
        and {
            "name": metric.name,
            "description": metric.description,
            "goal": goal and {"name": goal.name},
        },
        "teams": [{"name": team.name} for team in teams],
    }


def status(row: m.Experiment) -> str:
    if row.deleted_at:
        return "DELETED"
    if row.archived:
        return "ARCHIVED"
    if row.phase == "RUNNING" and row.full_on_at:
        return "FULL_ON"
    if row.phase in {"DRAFT", "READY"} and row.start_scheduled_at:
        return "SCHEDULED"
    return row.phase.value


# --- what the conditions say, read in Python


def holds(where: Mapping[str, Any], row: Row | None) -> bool:
    if row is None:
        return False
    return all(demand(name, value, row) for name, value in where.items())


def demand(name: str, value: Any, row: Row) -> bool:
    match name:
        case "and":
            return all(holds(part, row) for part in value)
        case "or":
            return any(holds(part, row) for part in value)
        case "not":
            return not holds(value, row)
        case "primaryMetric" | "goal":
            return holds(value, row[name])
        case "teams":
            return all(each(way, inner, row["teams"]) for way, inner in value.items())
    return all(compare(way, row[name], wanted) for way, wanted in value.items())


def each(way: str, where: Mapping[str, Any], rows: list[Row]) -> bool:
    found = [holds(where, row) for row in rows]
    return {"some": any(found), "none": not any(found), "every": all(found)}[way]


def compare(way: str, value: Any, wanted: Any) -> bool:
    if isinstance(value, datetime) and isinstance(wanted, str):
        wanted = datetime.fromisoformat(wanted)
    if way == "isNull":
        return bool((value is None) == wanted)
    if way in {"ne", "notIn"}:
        return bool(value != wanted if way == "ne" else value not in wanted)
    if value is None:
        return False
    ways: dict[str, Callable[[], bool]] = {
        "eq": lambda: value == wanted,
        "in": lambda: value in wanted,
        "lt": lambda: value < wanted,
        "lte": lambda: value <= wanted,
        "gt": lambda: value > wanted,
        "gte": lambda: value >= wanted,
        "contains": lambda: wanted.casefold() in value.casefold(),
        "startsWith": lambda: value.casefold().startswith(wanted.casefold()),
        "endsWith": lambda: value.casefold().endswith(wanted.casefold()),
    }
    return ways[way]()


def ordered(rows: list[Row], orders: list[dict[str, Any]]) -> list[Row]:
    result = sorted(rows, key=lambda row: row["row"])
    for order in reversed(orders):
        path, direction = [], order
        while isinstance(direction, dict):
            [(name, direction)] = direction.items()
            path.append(name)
        result = sort(result, path, reverse=direction == "DESC")
    return result


def sort(rows: list[Row], path: list[str], *, reverse: bool) -> list[Row]:
    there = [row for row in rows if value_at(row, path) is not None]
    missing = [row for row in rows if value_at(row, path) is None]
    return sorted(there, key=lambda row: value_at(row, path), reverse=reverse) + missing


def value_at(row: Row | None, path: list[str]) -> Any:
    value: Any = row
    for name in path:
        value = value and value[name]
    if path == ["phase"]:
        return [phase.value for phase in m.Phase].index(value)
    if path == ["status"]:
        return [each.value for each in m.Status].index(value)
    return value


# --- conditions and orders of every shape

texts = st.text(st.sampled_from(LETTERS), max_size=3)
moments = st.sampled_from([(START + timedelta(hours=hour)).isoformat() for hour in range(3)])
compared = ["eq", "ne", "lt", "lte", "gt", "gte"]


def operators(values: Any, *ways: str) -> Any:
    single = {way: values for way in ways if way not in {"in", "notIn"}}
    several = {way: st.lists(values, max_size=3) for way in ways if way in {"in", "notIn"}}
    optional = {**single, **several, "isNull": st.booleans()}
    return st.fixed_dictionaries({}, optional=optional).map(
        lambda chosen: dict(list(chosen.items())[:2])
    )


string_filters = operators(texts, *compared, "in", "notIn", "contains", "startsWith", "endsWith")
metric_where = st.fixed_dictionaries(
    {},
    optional={
        "name": string_filters,
        "description": string_filters,
        "goal": st.fixed_dictionaries({}, optional={"name": string_filters}),
    },
)
leaves = st.one_of(
    st.fixed_dictionaries({"name": string_filters}),
    st.fixed_dictionaries({"description": string_filters, "key": string_filters}),
    st.fixed_dictionaries({"iteration": operators(st.integers(0, 4), *compared, "in", "notIn")}),
    st.fixed_dictionaries({"fullOnVariant": operators(st.integers(0, 1), *compared)}),
    st.fixed_dictionaries(
        {"status": operators(st.sampled_from([s.value for s in m.Status]), "eq", "ne", "in")}
    ),
    st.fixed_dictionaries(
        {"phase": operators(st.sampled_from([p.value for p in m.Phase]), "eq", "in", "notIn")}
    ),
    st.fixed_dictionaries({"archived": operators(st.booleans(), "eq")}),
    st.fixed_dictionaries({"startedAt": operators(moments, "eq", "lt", "lte", "gt", "gte")}),
    st.fixed_dictionaries(
        {"percentageOfTraffic": operators(st.sampled_from([0, 12.5, 100]), "eq", "lt", "gte")}
    ),
    st.fixed_dictionaries({"primaryMetric": metric_where}),
    st.fixed_dictionaries(
        {
            "teams": st.fixed_dictionaries(
                {},
                optional={
                    way: st.fixed_dictionaries({"name": string_filters})
                    for way in ("some", "none", "every")
                },
            )
        }
    ),
)
wheres = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, max_size=2)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
        st.tuples(inner, inner).map(lambda pair: {**pair[0], **pair[1]}),
    ),
    max_leaves=5,
)
terms = st.one_of(
    st.tuples(
        st.sampled_from(
            ["key", "name", "iteration", "phase", "status", "startedAt", "percentageOfTraffic"]
        ),
        st.sampled_from(DIRECTIONS),
    ).map(lambda pair: {pair[0]: pair[1]}),
    st.sampled_from(DIRECTIONS).map(lambda way: {"primaryMetric": {"name": way}}),
    st.sampled_from(DIRECTIONS).map(lambda way: {"primaryMetric": {"goal": {"name": way}}}),
)
orders = st.lists(terms, max_size=3)

PAGE = """query Page($where: ExperimentWhere, $orderBy: [ExperimentOrder!],
    $first: Int, $after: String, $last: Int, $before: String) {
  experiments(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last,
      before: $before) {
    totalCount
    edges { cursor node { key name iteration } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def ask(client: httpx.AsyncClient, **variables: Any) -> Any:
    answer = await client.post("/graphql", json={"query": PAGE, "variables": variables})
    body = answer.json()
    assert "errors" not in body, json.dumps([body, variables])
    return body["data"]["experiments"]


def seen(page: Any) -> list[tuple[Any, ...]]:
    return [tuple(edge["node"].values()) for edge in page["edges"]]


def shown(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(row["key"], row["name"], row["iteration"]) for row in rows]


@pytest.fixture
async def rows(database: Database) -> list[Row]:
    return await populate(database)


generated = settings(
    max_examples=1000 if "TRIALGRAPH_SOAK" in os.environ else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@generated
@given(where=wheres, order_by=orders)
async def test_a_list_is_what_python_finds_in_the_same_order(
    client: httpx.AsyncClient, rows: list[Row], where: Any, order_by: Any
) -> None:
    page = await ask(client, where=where, orderBy=order_by, first=200)
    expected = ordered([row for row in rows if holds(where, row)], order_by)

    assert seen(page) == shown(expected)
    assert page["totalCount"] == len(expected)


EVERY: dict[str, dict[str, list[Any]]] = {
    "status": {"eq": ["DRAFT", "DELETED"], "ne": ["DELETED", "DRAFT"], "in": [["DRAFT"], []]},
    "phase": {"eq": ["RUNNING", "READY"], "notIn": [["READY", "DRAFT"], ["STOPPED", "READY"]]},
    "name": {
        **{way: ["a", "%"] for way in ("eq", "ne", "lt", "lte", "gt", "gte")},
        **{way: ["É", "_", "/"] for way in ("contains", "startsWith", "endsWith")},
        **{way: [["a", "b"], ["B", "z"], []] for way in ("in", "notIn")},
    },
    "description": {"ne": ["a", "ж"], "isNull": [True, False], "contains": ["a", "\\"]},
    "startedAt": {"gte": ["2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z"]},
}
"""Every operator with values one after the other, which share a statement."""


@pytest.mark.parametrize("field", EVERY)
async def test_values_of_the_same_condition_take_turns(
    client: httpx.AsyncClient, rows: list[Row], field: str
) -> None:
    for operator, values in EVERY[field].items():
        for value in [*values, *values]:
            for where in ({field: {operator: value}}, {"not": {field: {operator: value}}}):
                page = await ask(client, where=where, orderBy=[], first=200)
                expected = [row for row in rows if holds(where, row)]
                assert seen(page) == shown(ordered(expected, [])), where
                assert page["totalCount"] == len(expected)


@settings(generated, max_examples=1000 if "TRIALGRAPH_SOAK" in os.environ else 20)
@given(where=st.one_of(st.just({}), wheres), order_by=orders, size=st.integers(1, 7))
async def test_pages_in_both_directions_make_the_same_list(
    client: httpx.AsyncClient, rows: list[Row], where: Any, order_by: Any, size: int
) -> None:
    expected = shown(ordered([row for row in rows if holds(where, row)], order_by))
    forwards: list[Any] = []
    after: str | None = None
    while True:
        page = await ask(client, where=where, orderBy=order_by, first=size, after=after)
        forwards += seen(page)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    backwards: list[Any] = []
    before: str | None = None
    while True:
        page = await ask(client, where=where, orderBy=order_by, last=size, before=before)
        backwards = seen(page) + backwards
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]

    assert forwards == expected
    assert backwards == expected


async def refusal(client: httpx.AsyncClient, where: Any) -> tuple[str, str, Any]:
    answer = await client.post("/graphql", json={"query": PAGE, "variables": {"where": where}})
    [error] = answer.json()["errors"]
    return error["extensions"]["code"], error["message"], error.get("path")


async def test_a_null_operator_is_refused_and_named(client: httpx.AsyncClient) -> None:
    assert await refusal(client, {"name": {"eq": None}}) == (
        "BAD_USER_INPUT",
        "name.eq is null: ask with isNull.",
        ["experiments"],
    )


async def test_a_null_condition_is_refused_and_named(client: httpx.AsyncClient) -> None:
    assert await refusal(client, {"primaryMetric": None}) == (
        "BAD_USER_INPUT",
        "primaryMetric is null: leave it out, or ask with isNull or not.",
        ["experiments"],
    )


async def test_text_that_no_database_holds_is_refused(client: httpx.AsyncClient) -> None:
    assert await refusal(client, {"name": {"contains": "a\0b"}}) == (
        "BAD_USER_INPUT",
        "name.contains is not text: 'a\\x00b'.",
        ["experiments"],
    )


async def test_an_id_of_another_type_is_refused(client: httpx.AsyncClient) -> None:
    code, message, path = await refusal(client, {"id": {"eq": "VGVhbTox"}})

    assert (code, path) == ("BAD_USER_INPUT", ["experiments"])
    assert message == "'VGVhbTox' is the id of a thing of type Team, not Experiment."


async def test_conditions_nested_without_end_are_refused(client: httpx.AsyncClient) -> None:
    where: dict[str, Any] = {}
    for _ in range(40):
        where = {"not": where}

    assert await refusal(client, where) == (
        "BAD_USER_INPUT",
        "where is nested 17 levels deep; 16 is the most.",
        None,
    )


EDGES: Any = {"name": {"eq": "x"}}
for _ in range(3):
    EDGES = {"experiments": {"some": {"primaryMetric": EDGES}}}

TOO_MUCH = {
    "edges": ({"primaryMetric": EDGES}, "where follows 6 edges in a row; 5 is the most."),
    "conditions": (
        {"or": [{"key": {"eq": "a"}}] * 300},
        "where holds 201 or more conditions; 200 is the most.",
    ),
    "values": (
        {"or": [{"iteration": {"in": list(range(400))}}] * 3},
        "where lists 1200 values; 1000 is the most.",
    ),
}


@pytest.mark.parametrize(("where", "message"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
async def test_conditions_without_measure_are_refused(
    client: httpx.AsyncClient, where: Any, message: str
) -> None:
    assert await refusal(client, where) == ("BAD_USER_INPUT", message, None)


async def test_the_largest_conditions_that_are_allowed_are_answered(
    client: httpx.AsyncClient, rows: list[Row]
) -> None:
    wide = {"or": [{"key": {"eq": row["key"]}} for row in rows[:40]] * 4}
    long = {"iteration": {"in": list(range(1000))}}
    deep: Any = {"key": {"contains": ""}}
    for _ in range(7):
        deep = {"not": {"not": deep}}
    listed: Any = {"key": {"contains": ""}}
    for _ in range(14):
        listed = {"and": [listed]}
    for where in (wide, long, deep, listed):
        page = await ask(client, where=where, first=1)
        assert page["totalCount"] == 40


async def test_an_order_without_measure_is_refused(client: httpx.AsyncClient) -> None:
    order = [{"key": "ASC"}] * 9
    answer = await client.post("/graphql", json={"query": PAGE, "variables": {"orderBy": order}})
    [error] = answer.json()["errors"]

    assert error["message"] == "orderBy lists 9 fields; 8 is the most."
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
