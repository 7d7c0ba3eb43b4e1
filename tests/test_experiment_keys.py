"""Keys and families: who may be called how, and what happens when many want it at once."""

import asyncio
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import decode
from tests.designs import Designer, things
from tests.making import everything, rows_of, source
from tests.nouns import wrong

PLATFORMS = ["LOCAL", "ABSMARTLY", "POSTHOG", "AUTH0", "CHECKMANGO"]
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


def taken(key: str) -> list[Any]:
    return [{"__typename": "Taken", "path": ["key"], "field": "key", "value": key}]


async def delete(database: Database, made: Any) -> None:
    async with database.write() as session:
        row = await session.get_one(m.Experiment, decode(made["id"])[1])
        row.deleted_at = row.created_at


@pytest.fixture
async def editor(client: httpx.AsyncClient) -> Designer:
    return Designer(client, {})


@every_platform
async def test_a_key_is_there_once_in_a_source(
    editor: Designer, database: Database, platform: str
) -> None:
    await source(database, m.Platform(platform))
    given = {"key": "KEY", "name": "n", "source": f"import-{platform.lower()}"}
    await editor.made(**given)
    await source(database, m.Platform.LOCAL)
    other = await editor.made(**{**given, "key": "OTHER"})
    before = await everything(database)
    assert (await editor.create(**given))["errors"] == taken("KEY")
    copied = await editor.duplicate(id=other["id"], key="KEY")
    assert copied["errors"] == taken("KEY")
    renamed = await editor.update(id=other["id"], key="KEY")
    if platform == "POSTHOG":
        assert wrong({"errors": renamed["errors"][:1]}) == [("key", "locked")]
        assert renamed["errors"][1:] == taken("KEY")
    else:
        assert renamed["errors"] == taken("KEY")
    assert await everything(database) == before
    if platform != "LOCAL":
        elsewhere = await editor.made(key="KEY", name="n")
        assert elsewhere["source"]["name"] == "import-local"


async def test_after_deleted_experiments_a_key_is_their_next_iteration(
    editor: Designer, database: Database
) -> None:
    first = await editor.made(key="k", name="n")
    assert (await editor.create(key="k", name="n"))["errors"] == taken("k")
    await delete(database, first)
    second = await editor.made(key="k", name="n")
    assert (await editor.create(key="k", name="n"))["errors"] == taken("k")
    await delete(database, second)
    third = await editor.made(key="k", name="n")

    assert [each["iteration"] for each in (first, second, third)] == [1, 2, 3]
    assert first["family"] == second["family"] == third["family"]
    assert len(await rows_of(database, m.Family)) == 1


async def test_a_copy_after_deleted_experiments_is_their_next_iteration(
    editor: Designer, database: Database
) -> None:
    gone = await editor.made(key="k", name="n")
    other = await editor.made(key="other", name="n")
    await delete(database, gone)
    copied = (await editor.duplicate(id=other["id"], key="k"))["experiment"]

    assert (copied["iteration"], copied["family"]) == (2, gone["family"])


async def test_an_only_iteration_takes_its_family_along_when_it_is_called_otherwise(
    editor: Designer, database: Database
) -> None:
    made = await editor.made(key="old", name="n")
    renamed = (await editor.update(id=made["id"], key="new"))["experiment"]
    again = await editor.made(key="old", name="n")

    assert renamed["family"] == {"id": made["family"]["id"], "key": "new"}
    assert again["family"]["id"] != made["family"]["id"]
    assert (again["iteration"], len(await rows_of(database, m.Family))) == (1, 2)


async def test_what_several_iterations_are_called_stays(
    editor: Designer, database: Database
) -> None:
    gone = await editor.made(key="k", name="n")
    await delete(database, gone)
    made = await editor.made(key="k", name="n")
    before = await everything(database)
    payload = await editor.update(id=made["id"], key="other", name="m")

    assert wrong(payload) == [("key", "locked")]
    assert await everything(database) == before
    assert (await editor.update(id=made["id"], key="k", name="m"))["ok"] is True


async def test_one_that_is_there_cannot_be_called_as_a_deleted_one(
    editor: Designer, database: Database
) -> None:
    gone = await editor.made(key="gone", name="n")
    made = await editor.made(key="there", name="n")
    await delete(database, gone)
    before = await everything(database)

    assert (await editor.update(id=made["id"], key="gone"))["errors"] == taken("gone")
    assert await everything(database) == before


@pytest.mark.parametrize("key", ["a-b", "_a", "a__b", "a b", "!!_ok", "ü", "A\n", "x" * 256])
async def test_checkmangos_keys_are_words_joined_by_single_underscores(
    editor: Designer, database: Database, key: str
) -> None:
    await source(database, m.Platform.CHECKMANGO)
    made = await editor.made(key="SOUND_1", name="n", source="import-checkmango")
    before = await everything(database)
    created = await editor.create(key=key, name="n", source="import-checkmango")
    renamed = await editor.update(id=made["id"], key=key)
    copied = await editor.duplicate(id=made["id"], key=key)

    assert [path for path, _ in wrong(created)] == ["key"]
    assert wrong(renamed) == wrong(copied) == wrong(created)
    assert await everything(database) == before
    elsewhere = await editor.create(key=key[:255], name="n")
    assert elsewhere["ok"] is True


async def test_twenty_who_make_one_key_at_once_make_one_experiment(
    editor: Designer, database: Database
) -> None:
    payloads = await asyncio.gather(*(editor.create(key="k", name="n") for _ in range(20)))
    made = [payload for payload in payloads if payload["ok"]]

    assert len(made) == 1
    assert [p["errors"] for p in payloads if not p["ok"]] == [taken("k")] * 19
    for model in (m.Experiment, m.Family, m.Source, m.Note, m.Event):
        assert len(await rows_of(database, model)) == 1


async def test_twenty_who_change_other_fields_at_once_lose_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Designer(client, await things(database, "LOCAL"))
    made = await editor.made(
        key="k", name="n", variants=[{"key": f"v{n}", "weight": 25} for n in range(4)]
    )
    changes: list[dict[str, Any]] = [
        {"name": "m"},
        {"description": "d"},
        {"percentageOfTraffic": 7},
        {"hypothesis": "h"},
        {"prediction": "p"},
        {"actionPoints": "a"},
        {"implementationDetails": "i"},
        {"other": "o"},
        {"audience": {"filter": [1]}},
        {"audienceStrict": True},
        {"rampLevels": [1, 2]},
        {"owners": ["@ann"]},
        {"teams": ["@team"]},
        {"tags": ["@tag"]},
        {"unitType": "@unit"},
        {"primaryMetric": "@metric"},
    ]
    renamed = [
        editor.variant("update", id=each["id"], name=f"variant {each['index']}")
        for each in made["variants"]
    ]
    payloads = await asyncio.gather(
        *(editor.update(id=made["id"], **change) for change in changes), *renamed
    )
    row = await editor.read(made["id"])

    assert [payload["errors"] for payload in payloads] == [[]] * 20
    assert row["version"] == 21
    texts = ["name", "description", "hypothesis", "prediction", "actionPoints"]
    assert [row[name] for name in [*texts, "implementationDetails", "other"]] == [*"mdhpaio"]
    assert (row["percentageOfTraffic"], row["audienceStrict"]) == (7.0, True)
    assert (row["audience"], row["ramp"]) == ({"filter": [1]}, {"levels": [1.0, 2.0]})
    people = [row[name][0]["id"] for name in ("owners", "teams", "tags")]
    assert people == [editor.ids[name] for name in ("ann", "team", "tag")]
    assert row["unitType"] == {"id": editor.ids["unit"]}
    assert row["primaryMetric"] == {"id": editor.ids["metric"]}
    assert [each["name"] for each in row["variants"]] == [f"variant {n}" for n in range(4)]


async def test_variants_that_are_added_at_once_get_places_of_their_own(
    editor: Designer, database: Database
) -> None:
    made = await editor.made(key="k", name="n")
    payloads = await asyncio.gather(
        *(
            editor.variant("create", experiment=made["id"], key=f"v{n // 2}", weight=10)
            for n in range(20)
        )
    )
    row = await editor.read(made["id"])

    assert [payload["ok"] for payload in payloads].count(True) == 10
    assert {p["errors"][0]["__typename"] for p in payloads if not p["ok"]} == {"Taken"}
    assert [each["index"] for each in row["variants"]] == [*range(10)]
    assert {each["key"] for each in row["variants"]} == {f"v{n}" for n in range(10)}
    assert (row["percentages"], row["variantCount"]) == ("/".join(["10"] * 10), 10)
    assert row["version"] == 11
    assert len(await rows_of(database, m.Event)) == 11


async def test_an_edit_and_a_start_at_once_are_one_after_the_other(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Designer(client, await things(database, "LOCAL"))
    variants = [{"key": "a", "isControl": True, "weight": 50}, {"key": "b", "weight": 50}]
    for n in range(5):
        made = await editor.made(key=f"k{n}", name="n", primaryMetric="@metric", variants=variants)
        started, edited = await asyncio.gather(
            editor.mutate("startExperiment", {"id": made["id"]}),
            editor.update(id=made["id"], percentages="20/80"),
        )
        row = await editor.read(made["id"])
        assert (started["ok"], row["phase"]) == (True, "RUNNING")
        if edited["ok"]:
            assert (row["percentages"], row["version"]) == ("20/80", 3)
        else:
            assert wrong(edited) == [("percentages", "locked")]
            assert (row["percentages"], row["version"]) == ("50/50", 2)
