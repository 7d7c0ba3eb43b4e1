"""What becomes of Checkmango's resources, in today's shapes and in older ones, in the graph."""

import copy
from itertools import permutations
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.importing import payload, portrait, rows, take, together
from tests.making import ask

EXPERIMENTS = payload("checkmango/experiments")
EVENTS = payload("checkmango/events")
STATISTICS = payload("checkmango/statistics")

SHOWN = """{ experiments(orderBy: [{createdAt: ASC}]) { nodes {
  key name description type platform externalId url phase status nativeState
  createdAt updatedAt startedAt firstStartedAt stoppedAt variantCount percentages
  teams { externalId name }
  variants { index externalId key name description isControl weight createdAt extra }
  primaryMetric { externalId name type nativeType description goal {
    externalId name type nativeType description teams { name } extra
  } }
  secondaryMetrics { role }
  details { ... on CheckmangoDetails { teamId numericId algorithmType eventKey extra } }
} } }"""

HOME = "https://checkmango.com/api/teams/17"


def metric(number: str, name: str, kind: str, description: str | None) -> dict[str, Any]:
    named = {"externalId": number, "name": name, "description": description}
    said = {**named, "type": kind, "nativeType": kind.lower()}
    extra = {"team_id": 17, "url": f"{HOME}/events/{name}"}
    return {**said, "goal": {**said, "teams": [{"name": "Shop"}], "extra": extra}}


async def test_everything_that_a_page_says_is_in_the_graph(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, EXPERIMENTS)
    banner, basket = (await ask(client, SHOWN))["nodes"]
    arms = {each["attributes"]["key"]: each["attributes"] for each in EXPERIMENTS["included"]
            if each["type"] == "variants"}  # fmt: skip

    assert basket == {
        "key": "SHORT_BASKET",
        "name": "SHORT_BASKET",
        "description": "## Why\nThe basket is long.",
        "type": "TEST",
        "platform": "CHECKMANGO",
        "externalId": "31",
        "url": f"{HOME}/experiments/SHORT_BASKET",
        "phase": "RUNNING",
        "status": "RUNNING",
        "nativeState": "running",
        "createdAt": "2026-03-02T09:00:00.000Z",
        "updatedAt": "2026-03-09T09:30:00.000Z",
        "startedAt": "2026-03-09T09:30:00.000Z",
        "firstStartedAt": "2026-03-09T09:30:00.000Z",
        "stoppedAt": None,
        "variantCount": 2,
        "percentages": None,
        "teams": [{"externalId": "17", "name": "Shop"}],
        "variants": [
            {
                "index": index,
                "externalId": str(71 + index),
                "key": key,
                "name": None,
                "description": arms[key]["description"],
                "isControl": index == 0,
                "weight": weight,
                "createdAt": f"2026-03-02T09:{5 * index + 5:02}:00.000Z",
                "extra": {
                    "team_id": 17,
                    "traffic": arms[key]["traffic"],
                    "url": f"{HOME}/experiments/SHORT_BASKET/variants/{key}",
                },
            }
            for index, (key, weight) in enumerate((("CONTROL", 60.0), ("SHORT", 40.0)))
        ],
        "primaryMetric": metric("51", "ORDER_PLACED", "UNIQUE", "Somebody paid."),
        "secondaryMetrics": [],
        "details": {
            "teamId": 17,
            "numericId": 31,
            "algorithmType": "weightedSample",
            "eventKey": "ORDER_PLACED",
            "extra": None,
        },
    }
    assert (banner["phase"], banner["stoppedAt"]) == ("STOPPED", "2026-02-02T09:00:00.000Z")
    assert banner["primaryMetric"] == metric("52", "BANNER_CLOSED", "COUNT", None)
    assert (banner["variants"], banner["variantCount"]) == ([], 0)
    assert list(report.remarks()) == [
        ("skipped", "participants", "the graph has no place for it", 1)
    ]


async def test_a_team_is_the_workspace_with_what_it_counts(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, EXPERIMENTS)
    query = "{ teams { nodes { externalId name createdAt extra experiments { totalCount } } } }"

    assert (await ask(client, query))["nodes"] == [
        {
            "externalId": "17",
            "name": "Shop",
            "createdAt": "2024-03-02T09:00:00.000Z",
            "extra": {
                "events_count": 2,
                "experiments_count": 2,
                "participants_count": 900,
                "is_free": False,
                "api_requests": 1200,
                "url": HOME,
            },
            "experiments": {"totalCount": 2},
        }
    ]


async def test_the_published_start_answer_is_taken_as_it_stands(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, payload("checkmango/start_answer"))
    [found] = (await ask(client, SHOWN))["nodes"]

    assert (found["key"], found["externalId"], found["phase"], found["nativeState"]) == (
        "VOLUPTATEM_EXPLICABO_AUT_MAIORES_UT",
        "7",
        "DRAFT",
        "draft",
    )
    assert found["createdAt"] == found["updatedAt"] == "2024-04-08T10:42:02.000Z"
    assert (found["startedAt"], found["stoppedAt"], found["description"]) == (None, None, None)
    assert found["details"]["teamId"] == 18
    assert report.waiting == 1


async def test_the_published_variant_waits_for_the_experiment_in_its_address(
    database: Database, client: httpx.AsyncClient
) -> None:
    variant = payload("checkmango/variant_answer")
    start = payload("checkmango/start_answer")
    report = await take(database, variant, start)
    assert await rows(database, m.Variant, "id") == []
    assert report.waiting == 3

    start["data"]["id"] = start["data"]["attributes"]["key"] = "SINT_IPSAM_VELIT_EXPEDITA_EST"
    start["data"]["attributes"] |= {"id": 8, "team_id": 28}
    await take(database, start)
    query = """{ experiments(where: {externalId: {eq: "8"}}) { nodes { variants {
        index externalId key description isControl extra
    } } } }"""
    said = variant["data"]["attributes"]

    assert (await ask(client, query))["nodes"] == [
        {
            "variants": [
                {
                    "index": 0,
                    "externalId": "4",
                    "key": "ADIPISCI_EST_ODIT",
                    "description": said["description"],
                    "isControl": False,
                    "extra": {"team_id": 28, "url": variant["data"]["links"]["self"]["href"]},
                }
            ]
        }
    ]
    assert [row for row in await rows(database, m.Reference, "holder_id") if row == 0] == []


async def test_an_answer_of_2021_is_taken_with_its_older_forms(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, payload("checkmango/experiments_2021"))
    [found] = (await ask(client, SHOWN))["nodes"]

    assert (found["key"], found["phase"], found["url"]) == (
        "BASKET_AUTUMN_2021",
        "RUNNING",
        "http://checkmango.com/api/teams/1/experiments/BASKET_AUTUMN_2021",
    )
    assert (found["startedAt"], found["primaryMetric"]) == (None, None)
    assert report.outcomes == {("experiment", "created"): 1}


async def test_an_event_names_the_experiments_that_it_decides(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, EVENTS)
    [found] = (await ask(client, SHOWN))["nodes"]

    assert (found["key"], found["primaryMetric"]["name"]) == ("EASY_RETURNS", "RETURNED")
    assert found["primaryMetric"]["type"] == found["primaryMetric"]["goal"]["type"] == "OTHER"
    assert found["primaryMetric"]["nativeType"] == "weekly"
    assert report.unknown_words == {("goal.type", "weekly"): 1, ("metric.type", "weekly"): 1}


async def test_a_user_is_a_person(database: Database, client: httpx.AsyncClient) -> None:
    await take(database, payload("checkmango/user"))
    query = "{ users { nodes { externalId name email } } }"

    assert (await ask(client, query))["nodes"] == [
        {"externalId": "3", "name": "Ada Lovelace", "email": "ada@shop.example"}
    ]


def page(*data: Any, included: Any = ()) -> dict[str, Any]:
    return {"data": list(data), "included": list(included)}


BASKET, BANNER = EXPERIMENTS["data"]
INCLUDED = {each["id"]: each for each in EXPERIMENTS["included"]}

PARTS = {
    "experiments": page(BASKET, BANNER),
    "variants": page(INCLUDED["CONTROL"], INCLUDED["SHORT"]),
    "events": page(INCLUDED["ORDER_PLACED"], INCLUDED["BANNER_CLOSED"]),
    "team": {"data": INCLUDED["17"]},
    "statistics": STATISTICS,
}


@pytest.mark.parametrize("order", list(permutations(PARTS))[::10], ids=" ".join)
async def test_the_order_of_arrival_does_not_matter(
    database: Database, order: tuple[str, ...]
) -> None:
    await take(database, EXPERIMENTS, STATISTICS, source="at once")
    report = await take(database, *(PARTS[name] for name in order), source="one by one")
    found = await portrait(database, "one by one")

    assert found == await portrait(database, "at once")
    assert report.waiting == 0
    assert (len(found["variant"]), len(found["result"])) == (2, 2)

    await take(database, *(PARTS[name] for name in order), source="one by one")
    assert await portrait(database, "one by one") == found


async def test_keys_count_within_their_team(database: Database) -> None:
    """Two teams have an experiment, a variant and an event of the same keys."""
    other = copy.deepcopy(EXPERIMENTS)
    for each in [*other["data"], *other["included"]]:
        said = each["attributes"]
        if each["type"] == "teams":
            each["id"], said["id"], said["name"] = "18", 18, "Bakery"
        else:
            said["team_id"], said["id"] = 18, said["id"] + 1000
        each.get("links", {}).get("self", {})["href"] = str(
            each.get("links", {}).get("self", {}).get("href")
        ).replace("/teams/17", "/teams/18")
    report = await together(database, [EXPERIMENTS, other, STATISTICS])

    assert await rows(database, m.Experiment, "external_id", "primary_metric_id", "family_id") == [
        (found, mine, family)
        for found, mine, family in await rows(
            database, m.Experiment, "external_id", "primary_metric_id", "family_id"
        )
    ]
    names = dict(await rows(database, m.Metric, "id", "external_id"))
    decided = await rows(database, m.Experiment, "external_id", "primary_metric_id")
    assert {number: names[row] for number, row in decided} == {
        "31": "51", "32": "52", "1031": "1051", "1032": "1052",
    }  # fmt: skip
    assert sorted(await rows(database, m.Family, "key")) == [
        "LOUD_BANNER", "LOUD_BANNER (18)", "SHORT_BASKET", "SHORT_BASKET (18)",
    ]  # fmt: skip
    owners = dict(await rows(database, m.Experiment, "id", "external_id"))
    arms = await rows(database, m.Variant, "experiment_id", "external_id", "index")
    assert sorted((owners[owner], said, index) for owner, said, index in arms) == [
        ("1031", "1071", 0), ("1031", "1072", 1), ("31", "71", 0), ("31", "72", 1),
    ]  # fmt: skip
    assert report.outcomes[("experiment", "created")] == 4

    report = await together(database, [other, EXPERIMENTS])
    assert {how for kind, how in report.outcomes if kind != "participants"} == {"unchanged"}


async def test_a_key_that_changes_keeps_its_row(database: Database) -> None:
    await take(database, EXPERIMENTS)
    before = await rows(database, m.Variant, "id", "external_id")
    renamed = copy.deepcopy(INCLUDED["SHORT"])
    renamed["id"] = renamed["attributes"]["key"] = "SHORTER"
    event = copy.deepcopy(INCLUDED["ORDER_PLACED"])
    event["id"] = event["attributes"]["key"] = "PAID"
    await take(database, {"data": renamed}, {"data": event})

    assert await rows(database, m.Variant, "id", "external_id") == before
    assert sorted(await rows(database, m.Variant, "key")) == ["CONTROL", "SHORTER"]
    assert await rows(database, m.Goal, "name") == ["PAID", "BANNER_CLOSED"]
    assert await rows(database, m.Metric, "name") == ["PAID", "BANNER_CLOSED"]


async def test_a_variant_by_itself_adds_and_a_whole_list_replaces(database: Database) -> None:
    third = copy.deepcopy(INCLUDED["SHORT"])
    third["id"] = third["attributes"]["key"] = "EMPTY"
    third["attributes"]["id"] = 73
    third["links"]["self"]["href"] = third["links"]["self"]["href"].replace("SHORT", "EMPTY")
    third["links"]["self"]["href"] = third["links"]["self"]["href"].replace("EMPTY_B", "SHORT_B")
    await take(database, EXPERIMENTS)
    report = await take(database, {"data": third})
    assert sorted(await rows(database, m.Variant, "index", "key")) == [
        (0, "CONTROL"), (1, "SHORT"), (2, "EMPTY"),
    ]  # fmt: skip
    assert report.outcomes[("variant", "created")] == 1
    assert (await rows(database, m.Experiment, "version"))[0] == 2

    fewer = copy.deepcopy(BASKET)
    del fewer["relationships"]["variants"]["data"][0]
    await take(database, {"data": fewer})
    assert await rows(database, m.Variant, "index", "key") == [(0, "SHORT")]


async def test_silence_about_relations_changes_nothing(database: Database) -> None:
    await take(database, EXPERIMENTS)
    silent: list[Any] = [[], {}, None, {"variants": {}, "event": {"links": {}}}]
    for relationships in silent:
        report = await take(database, {"data": BASKET | {"relationships": relationships}})
        assert {how for _, how in report.outcomes} == {"unchanged"}
    await take(database, {"data": BASKET | {"relationships": {"event": {"data": None}}}})

    assert (await rows(database, m.Experiment, "primary_metric_id"))[0] is None


@pytest.mark.parametrize(
    ("attributes", "phase"),
    [
        ({"status": "draft"}, "DRAFT"),
        ({"status": "running"}, "RUNNING"),
        ({"status": "stopped"}, "STOPPED"),
        ({"status": "asleep"}, "DRAFT"),
        ({"status": "asleep", "started": "2026-01-01 08:00:00"}, "RUNNING"),
        ({"status": "asleep", "stopped": {"string": "2026-01-01 08:00:00"}}, "STOPPED"),
    ],
)
async def test_a_status_becomes_a_phase_and_stays_as_it_is(
    database: Database, attributes: dict[str, Any], phase: str
) -> None:
    said = {"id": "K", "type": "experiments", "attributes": {"id": 1, **attributes}}
    report = await take(database, {"data": said})

    assert await rows(database, m.Experiment, "key", "phase", "native_state") == [
        ("K", phase, attributes["status"])
    ]
    assert bool(report.unknown_words) == (attributes["status"] == "asleep")


@pytest.mark.parametrize("key", sorted(BASKET["attributes"].keys() - {"status", "key"}))
async def test_no_attribute_must_be_there(database: Database, key: str) -> None:
    for how in ("null", "missing"):
        said = copy.deepcopy(BASKET)
        if how == "null":
            said["attributes"][key] = None
        else:
            del said["attributes"][key]
        report = await take(database, {"data": said}, source=how)
        assert report.outcomes[("experiment", "created")] == 1


async def test_unknown_attributes_relations_and_types_are_kept_or_counted(
    database: Database,
) -> None:
    said = copy.deepcopy(BANNER)
    said["attributes"]["mood"] = "good"
    said["relationships"]["author"] = {"data": {"type": "users", "id": "3"}}
    report = await take(database, page(said, {"type": "invoices", "id": "1", "attributes": {}}))

    [details] = await rows(database, m.Experiment, "details")
    assert details == {
        "numeric_id": 32,
        "team_id": 17,
        "event_key": "BANNER_CLOSED",
        "mood": "good",
        "relationships": {"author": {"data": {"type": "users", "id": "3"}}},
    }
    assert report.unknown_keys == {("experiment", "mood"): 1, ("experiment", "relationships"): 1}
    assert report.reasons == {("invoices", "the graph has no place for it"): 1}
