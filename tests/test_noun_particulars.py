"""What only one noun knows: trees, shares, words of platforms, names in any case."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import encode
from tests.making import add, everything, id_of, rows_of, source
from tests.nouns import BY_NAME, QUERY, Editor, wrong


async def team(client: httpx.AsyncClient, name: str, **given: Any) -> Any:
    return (await Editor(client, BY_NAME["team"]).create(name=name, **given))["team"]


async def test_a_team_is_never_above_itself(client: httpx.AsyncClient, database: Database) -> None:
    top = await team(client, "top")
    middle = await team(client, "middle", parent=top["id"])
    bottom = await team(client, "bottom", parent=middle["id"])
    before = await everything(database)
    editor = Editor(client, BY_NAME["team"])
    for below in (top, middle, bottom):
        payload = await editor.update(id=top["id"], parent=below["id"])
        assert wrong(payload) == [("parent", "cycle")]

    assert await everything(database) == before
    assert (await editor.update(id=bottom["id"], parent=top["id"]))["ok"] is True
    assert (await editor.update(id=middle["id"], parent=bottom["id"]))["ok"] is True


async def test_a_circle_that_an_import_left_can_be_opened(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    one, two = (m.Team(source_id=ours, name=name) for name in ("one", "two"))
    free = m.Team(source_id=ours, name="free")
    await add(database, one, two, free)
    async with database.write() as session:
        for row, parent in ((one, two), (two, one)):
            (await session.get_one(m.Team, row.id)).parent_id = parent.id
    editor = Editor(client, BY_NAME["team"])

    assert (await editor.update(id=id_of(free), parent=id_of(one)))["ok"] is True
    assert wrong(await editor.update(id=id_of(one), parent=id_of(two))) == [("parent", "cycle")]
    assert (await editor.update(id=id_of(one), parent=None))["ok"] is True


async def test_the_team_of_everybody_is_not_archived(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    root = m.Team(source_id=ours, name="all", is_global=True)
    await add(database, root)
    editor = Editor(client, BY_NAME["team"])

    assert wrong(await editor.update(id=id_of(root), archived=True)) == [("archived", "root")]
    assert (await editor.update(id=id_of(root), name="All"))["ok"] is True


async def test_the_share_of_a_holdout_and_its_filters_are_one_fact(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Editor(client, BY_NAME["holdout"])
    row = (await editor.create(name="H", exclusionPercentage=10))["holdout"]
    assert (row["filters"], row["exclusionPercentage"]) == (
        [{"properties": [], "rollout_percentage": 10}],
        10,
    )
    leading = {"properties": [{"key": "a"}], "rollout_percentage": 3, "variant": "holdout-1"}
    filters: list[Any] = [leading, 2]
    row = (await editor.update(id=row["id"], filters=filters))["holdout"]
    assert (row["filters"], row["exclusionPercentage"]) == (filters, 3)

    row = (await editor.update(id=row["id"], exclusionPercentage=2.5))["holdout"]
    leading["rollout_percentage"] = 2.5
    assert (row["filters"], row["exclusionPercentage"]) == (filters, 2.5)

    before = await everything(database)
    payload = await editor.update(id=row["id"], exclusionPercentage=None, filters=None)
    assert wrong(payload) == [("filters", "not_null"), ("exclusionPercentage", "not_null")]
    assert await everything(database) == before


async def test_filters_of_no_form_are_made_anew_by_a_share(
    client: httpx.AsyncClient, database: Database
) -> None:
    posthog = await source(database, m.Platform.POSTHOG)
    rows: list[m.Holdout] = [
        m.Holdout(source_id=posthog, name=f"holdout {n}", filters=filters)
        for n, filters in enumerate((None, [], ["odd"]))
    ]
    await add(database, *rows)
    editor = Editor(client, BY_NAME["holdout"])
    made = [
        (await editor.update(id=id_of(row), exclusionPercentage=7))["holdout"]["filters"]
        for row in rows
    ]

    assert made == [[{"properties": [], "rollout_percentage": 7}]] * 3


async def test_an_archived_segment_of_auth0_stays_archived_and_keeps_its_rules(
    client: httpx.AsyncClient, database: Database
) -> None:
    auth0 = await source(database, m.Platform.AUTH0)
    row = m.Segment(source_id=auth0, name="Visitors", archived=True, rules=[{"match": {}}])
    await add(database, row)
    before = await everything(database)
    editor = Editor(client, BY_NAME["segment"])
    payload = await editor.update(id=id_of(row), archived=False, rules=None)

    assert wrong(payload) == [("rules", "required"), ("archived", "final")]
    assert await everything(database) == before
    assert (await editor.update(id=id_of(row), archived=True, name="Guests"))["ok"] is True


async def test_a_goal_of_checkmango_keeps_a_type_that_it_has(
    client: httpx.AsyncClient, database: Database
) -> None:
    place = await source(database, m.Platform.CHECKMANGO)
    row = m.Goal(source_id=place, name="!!_ok")
    await add(database, row)
    editor = Editor(client, BY_NAME["goal"])

    assert (await editor.update(id=id_of(row), description="Bought."))["ok"] is True
    assert wrong(await editor.update(id=id_of(row), type=None)) == [("type", "required")]
    assert wrong(await editor.update(id=id_of(row), name="a-b")) == [("name", "key")]


@pytest.mark.parametrize(
    ("noun", "types"), [("goal", ("UNIQUE", "COUNT")), ("metric", ("MEAN", "RATIO"))]
)
async def test_the_word_of_a_platform_goes_with_the_type_that_it_was_for(
    client: httpx.AsyncClient, database: Database, noun: str, types: tuple[str, str]
) -> None:
    model: Any = BY_NAME[noun].model
    row = model(
        source_id=await source(database, m.Platform.ABSMARTLY),
        name="x",
        type=types[0],
        native_type="verbatim",
    )
    await add(database, row)
    editor = Editor(client, BY_NAME[noun])
    await editor.update(id=id_of(row), type=types[0], description="The same.")
    kept = (await rows_of(database, model))[row.id]["native_type"]
    event = (await editor.update(id=id_of(row), type=types[1]))["event"]

    assert kept == "verbatim"
    assert event["before"] == {"type": types[0], "nativeType": "verbatim"}
    assert event["after"] == {"type": types[1], "nativeType": None}


@pytest.mark.parametrize(
    ("noun", "name", "others"),
    [
        ("savedMetric", "Été", ["été", "ÉTÉ"]),
        ("user", "Zoë@example.com", ["zoë@EXAMPLE.com", "ZOË@example.com"]),
    ],
)
async def test_some_names_are_the_same_in_any_case(
    client: httpx.AsyncClient, database: Database, noun: str, name: str, others: list[str]
) -> None:
    case = BY_NAME[noun]
    editor = Editor(client, case)
    more = {"query": QUERY} if noun == "savedMetric" else {}
    row = (await editor.create(**{case.named: name}, **more))[noun]
    before = await everything(database)
    for other in others:
        payload = await editor.create(**{case.named: other}, **more)
        assert payload["errors"] == [
            {"__typename": "Taken", "path": [case.named], "field": case.named, "value": other}
        ]
    assert await everything(database) == before
    assert (await editor.update(id=row["id"], **{case.named: others[0]}))["ok"] is True


async def test_a_policy_gates_only_what_its_platform_has(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Editor(client, BY_NAME["approvalPolicy"])
    lacks = {
        "__typename": "UnsupportedByPlatform",
        "path": ["action"],
        "platform": "CHECKMANGO",
        "lacks": "PAUSE",
    }
    before = await everything(database)
    payload = await editor.create(name="x", platform="CHECKMANGO", action="PAUSE")
    assert payload["errors"] == [lacks]
    assert await everything(database) == before

    row = (await editor.create(name="x", action="PAUSE"))["approvalPolicy"]
    assert (await editor.update(id=row["id"], platform="CHECKMANGO"))["errors"] == [lacks]
    assert (await editor.update(id=row["id"], platform="POSTHOG"))["ok"] is True


async def test_rows_of_our_own_may_name_those_of_every_source(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours, theirs = m.Goal(name="ours", source_id=0), m.Goal(name="theirs", source_id=0)
    ours.source_id = await source(database, m.Platform.LOCAL)
    theirs.source_id = await source(database, m.Platform.ABSMARTLY)
    await add(database, ours, theirs)
    editor = Editor(client, BY_NAME["metric"])
    named = {"source": "import-absmartly"}

    assert (await editor.create(name="a", goal=id_of(theirs)))["ok"] is True
    assert (await editor.create(name="b", goal=id_of(theirs), **named))["ok"] is True
    assert wrong(await editor.create(name="c", goal=id_of(ours), **named)) == [
        ("goal", "same_source")
    ]


async def test_what_is_named_must_be_there(client: httpx.AsyncClient, database: Database) -> None:
    before = await everything(database)
    payload = await Editor(client, BY_NAME["metric"]).create(
        name="x", goal=encode("Goal", 9), category=encode("MetricCategory", 9)
    )

    assert payload["errors"] == [
        {"__typename": "NotFound", "path": ["goal"]},
        {"__typename": "NotFound", "path": ["category"]},
    ]
    assert await everything(database) == before


async def test_a_source_that_took_our_name_is_told_of(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, m.Source(name="local", platform=m.Platform.ABSMARTLY))
    before = await everything(database)
    editor = Editor(client, BY_NAME["goal"])

    assert wrong(await editor.create(name="x")) == [("source", "required")]
    assert await everything(database) == before
    assert (await editor.create(name="x", source="local"))["ok"] is True


async def test_one_and_true_are_two_values_of_a_document(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Editor(client, BY_NAME["segment"])
    row = (await editor.create(name="x", rules=[1]))["segment"]
    payload = await editor.update(id=row["id"], rules=[True])
    [kept] = (await rows_of(database, m.Segment)).values()

    assert payload["event"]["after"] == {"rules": [True]}
    assert kept["rules"][0] is True
