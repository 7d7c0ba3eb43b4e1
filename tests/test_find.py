"""Finding things: by id, by key, by text."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import encode


async def graph_of(database: Database) -> None:
    """Two sources with experiments of the same key, and things with like names."""
    async with database.write() as session:
        for name in ("first", "second"):
            source = m.Source(name=name, platform=m.Platform.LOCAL)
            session.add(source)
            await session.flush()
            family = m.Family(source_id=source.id, key="checkout")
            session.add(family)
            await session.flush()
            session.add_all(
                m.Experiment(
                    key="checkout",
                    name=f"Checkout {iteration}",
                    iteration=iteration,
                    family_id=family.id,
                    source_id=source.id,
                )
                for iteration in (1, 2)
            )
        session.add_all(
            [
                m.Goal(name="Été", source_id=source.id),
                m.Goal(name="50 % off", source_id=source.id),
                m.Goal(name="500 off", source_id=source.id),
                m.Metric(name="Checkout", source_id=source.id),
                m.Metric(name="Pre-checkout", source_id=source.id),
                m.Team(name="Payments", description="Owns the CHECKOUT", source_id=source.id),
                m.User(first_name="Zoë", email="zoe@example.com", source_id=source.id),
            ]
        )


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code in {200, 400}
    return answer.json()


async def test_a_key_finds_the_latest_iteration_of_its_source(
    client: httpx.AsyncClient, database: Database
) -> None:
    await graph_of(database)
    body = await ask(
        client, '{ experiment(key: "checkout", source: "second") { name source { name } } }'
    )

    assert body["data"] == {"experiment": {"name": "Checkout 2", "source": {"name": "second"}}}


async def test_a_key_of_several_sources_is_refused_and_they_are_named(
    client: httpx.AsyncClient, database: Database
) -> None:
    await graph_of(database)
    body = await ask(client, '{ experiment(key: "checkout") { name } }')
    [error] = body["errors"]

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"] == ["experiment"]
    assert error["message"] == (
        "The key 'checkout' is found in several sources: first, second. Say which with source."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "Give either id or key."),
        ('(id: "x", key: "y")', "Give either id or key."),
        ('(source: "s", id: "x")', "source goes with key, not with id."),
        ('(id: "x")', "'x' is not an id of this graph."),
        ('(id: "VGVhbTox")', "'VGVhbTox' is the id of a thing of type Team, not Experiment."),
    ],
)
async def test_an_experiment_without_sense_is_refused(
    client: httpx.AsyncClient, arguments: str, message: str
) -> None:
    body = await ask(client, f"{{ experiment{arguments} {{ key }} }}")
    [error] = body["errors"]

    assert (error["message"], error["extensions"]["code"], error["path"]) == (
        message,
        "BAD_USER_INPUT",
        ["experiment"],
    )


async def test_what_is_not_there_is_null(client: httpx.AsyncClient) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } goal(id: $id) { name } }"
    body = await ask(client, query, id=encode("Goal", 77))

    assert body == {"data": {"node": None, "goal": None}}


MALFORMED = ["", "Goal:1", "R29hbDox=", "R29hbDoxIA", "R29hbDotMQ", encode("Goal", 2**64), "é"]


@pytest.mark.parametrize("text", MALFORMED)
async def test_a_malformed_id_is_bad_input(client: httpx.AsyncClient, text: str) -> None:
    body = await ask(client, "query ($id: ID!) { node(id: $id) { id } }", id=text)
    [error] = body["errors"]

    assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["node"])


async def test_an_id_finds_the_row_that_it_was_given_for(
    client: httpx.AsyncClient, database: Database
) -> None:
    await graph_of(database)
    goals = await ask(client, "{ goals { nodes { id name } } }")
    ids = [goal["id"] for goal in goals["data"]["goals"]["nodes"]]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Goal { name } } }"
    body = await ask(client, query, ids=[ids[2], encode("Team", 99), ids[0], ids[2]])

    assert [node and (node["__typename"], node["name"]) for node in body["data"]["nodes"]] == [
        ("Goal", "500 off"),
        None,
        ("Goal", "Été"),
        ("Goal", "500 off"),
    ]


SEARCH = """query ($text: String!, $types: [SearchType!], $first: Int, $after: String) {
  search(text: $text, types: $types, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      __typename
      ... on Experiment { name }
      ... on Metric { name }
      ... on Goal { name }
      ... on Team { name }
      ... on User { email }
    }
  }
}"""


def found(body: Any) -> list[str]:
    return [
        f"{node['__typename']} {node.get('name', node.get('email'))}"
        for node in body["data"]["search"]["nodes"]
    ]


ALL = [
    "Experiment Checkout 1",
    "Experiment Checkout 2",
    "Experiment Checkout 1",
    "Experiment Checkout 2",
    "Metric Checkout",
    "Metric Pre-checkout",
    "Team Payments",
]


async def test_a_search_finds_names_before_what_only_mentions_the_text(
    client: httpx.AsyncClient, database: Database
) -> None:
    await graph_of(database)
    body = await ask(client, SEARCH, text=" cHeckout ")

    assert found(body) == ALL
    assert body["data"]["search"]["totalCount"] == 7


async def test_pages_of_a_search_make_the_whole_of_it(
    client: httpx.AsyncClient, database: Database
) -> None:
    await graph_of(database)
    names: list[str] = []
    after = None
    while True:
        body = await ask(client, SEARCH, text="checkout", first=2, after=after)
        names += found(body)
        info = body["data"]["search"]["pageInfo"]
        if not info["hasNextPage"]:
            break
        after = info["endCursor"]

    assert names == ALL


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("été", ["Goal Été"]),
        ("ÉT", ["Goal Été"]),
        ("0 %", ["Goal 50 % off"]),
        ("5_", []),
        ("zoË", ["User zoe@example.com"]),
        ("'; drop table goal; --", []),
    ],
)
async def test_a_search_knows_no_wildcards_and_no_case(
    client: httpx.AsyncClient, database: Database, text: str, names: list[str]
) -> None:
    await graph_of(database)

    assert found(await ask(client, SEARCH, text=text)) == names


async def test_a_search_may_be_for_some_types_only(
    client: httpx.AsyncClient, database: Database
) -> None:
    await graph_of(database)
    body = await ask(client, SEARCH, text="checkout", types=["TEAM", "METRIC"])

    assert found(body) == ["Metric Checkout", "Metric Pre-checkout", "Team Payments"]


async def test_a_search_for_nothing_is_refused(client: httpx.AsyncClient) -> None:
    body = await ask(client, SEARCH, text="  ")

    assert body["errors"][0]["message"] == "text is empty."
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_required_sample_size_follows_the_published_formula(
    client: httpx.AsyncClient,
) -> None:
    query = """{ requiredSampleSize(mean: 5, stdev: 7, minimumDetectableEffect: 0.1,
                 alpha: 0.1, power: 0.8) { total byVariant } }"""
    body = await ask(client, query)

    # 4 · (1.644854 + 0.841621)² · (7/5)² / 0.1² = 4847.0…, rounded up in each variant
    assert body["data"] == {"requiredSampleSize": {"total": 4848, "byVariant": [2424, 2424]}}


async def test_a_sample_size_without_sense_is_refused(client: httpx.AsyncClient) -> None:
    query = "{ requiredSampleSize(mean: 0, stdev: 7, minimumDetectableEffect: 0.1) { total } }"
    body = await ask(client, query)

    assert body["errors"][0]["message"] == "mean is 0.0, which no test can be planned with."
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


BY_TYPE = """query ($ids: [ID!]!, $first: Int) {
  nodes(ids: $ids) {
    ... on Goal { metrics(first: $first) { totalCount } }
    ... on Team { metrics(first: $first) { totalCount } }
    ... on Source { metrics(first: $first) { totalCount } }
  }
}"""


@pytest.mark.parametrize("first", [0, 1])
async def test_counts_of_several_types_at_one_place_are_each_their_own(
    client: httpx.AsyncClient, database: Database, first: int
) -> None:
    await graph_of(database)
    async with database.write() as session:
        session.add(m.Metric(name="of a goal", goal_id=1, source_id=1))
    ids = [encode("Goal", 1), encode("Source", 2), encode("Team", 1), encode("Source", 1)]
    body = await ask(client, BY_TYPE, ids=ids, first=first)

    assert [node["metrics"]["totalCount"] for node in body["data"]["nodes"]] == [1, 2, 0, 1]


async def test_an_exact_name_is_found_before_a_key_that_only_mentions_it(
    client: httpx.AsyncClient, database: Database
) -> None:
    await graph_of(database)
    async with database.write() as session:
        session.add(m.User(first_name="Ann", last_name="Lee", email="x@y.z", source_id=1))
        session.add(m.User(first_name="Y", last_name="X", email="ann.lee@y.z", source_id=1))

    assert found(await ask(client, SEARCH, text="ann lee")) == ["User x@y.z"]
    assert found(await ask(client, SEARCH, text="ann")) == ["User x@y.z", "User ann.lee@y.z"]


@pytest.mark.parametrize(
    "arguments",
    [
        "mean: 1e-300, stdev: 1e300, minimumDetectableEffect: 0.1",
        "mean: 1e400, stdev: 1, minimumDetectableEffect: 0.1",
        "mean: 1, stdev: 1, minimumDetectableEffect: 1e-200",
        "mean: 1, stdev: 1, minimumDetectableEffect: 1e-12",
        "mean: 1, stdev: 1, minimumDetectableEffect: 0.1, alpha: 1e-17",
        "mean: 1, stdev: 1, minimumDetectableEffect: 0.1, alpha: 0.99, power: 0.01",
        "mean: 1, stdev: 1, minimumDetectableEffect: 0.1, split: [0.9999999, 1e-320]",
        "mean: 1, stdev: 1, minimumDetectableEffect: 0.1, split: []",
    ],
)
async def test_a_plan_that_no_number_can_hold_is_bad_input(
    client: httpx.AsyncClient, arguments: str
) -> None:
    body = await ask(client, f"{{ requiredSampleSize({arguments}) {{ total }} }}")

    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
