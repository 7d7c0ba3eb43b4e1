"""Variants end to end, on every platform."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import update

import models as m
from models.database import Database
from resolvers.identity import decode
from tests.designs import Designer
from tests.making import add, everything, experiment, id_of, rows_of, source
from tests.nouns import wrong

PLATFORMS = ["LOCAL", "ABSMARTLY", "POSTHOG", "AUTH0", "CHECKMANGO"]
DENSE = {"LOCAL", "ABSMARTLY", "POSTHOG"}
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


async def draft(
    client: httpx.AsyncClient, database: Database, platform: str, *keys: str, **more: Any
) -> tuple[Designer, Any]:
    """A designer and a draft with these variants."""
    await source(database, m.Platform(platform))
    editor = Designer(client, {})
    made = await editor.made(
        key="THE_KEY",
        name="n",
        source=f"import-{platform.lower()}",
        variants=[{"key": key} for key in keys],
        **more,
    )
    return editor, made


def indexes(experiment: Any) -> dict[str, int]:
    return {each["key"]: each["index"] for each in experiment["variants"]}


@every_platform
async def test_a_variant_is_added_changed_and_taken_away(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "CONTROL", "FIRST")
    said = {
        "key": "SECOND",
        "name": "Second",
        "description": "Bigger.",
        "isControl": True,
        "weight": 12.5,
        "config": {"size": [1, None, "x"]},
    }
    added = await editor.variant("create", experiment=made["id"], expectedVersion=1, **said)
    row, event = added["variant"], added["event"]

    assert (added["ok"], added["errors"]) == (True, [])
    assert row == {"id": row["id"], "index": 2, **said}
    assert added["experiment"] == {
        **made,
        "version": 2,
        "variantCount": 3,
        "variants": [*made["variants"], row],
    }
    assert (event["action"], event["subjectType"], event["subjectId"]) == (
        "UPDATE",
        "Experiment",
        made["id"],
    )
    told = {**row, "config": json.dumps(said["config"])}
    assert event["before"] == {"variantCount": 2, "variants": []}
    assert event["after"] == {"variantCount": 3, "variants": [told]}

    moved = {"key": "OTHER", "name": None, "isControl": False, "config": "no JSON"}
    changed = await editor.variant("update", id=row["id"], expectedVersion=2, **moved)
    assert changed["variant"] == {**row, **moved}
    assert changed["experiment"]["version"] == 3
    assert changed["experiment"]["variants"] == [*made["variants"], changed["variant"]]
    before = {name: told[name] for name in ("key", "name", "isControl", "config")}
    assert changed["event"]["before"] == {"variants": [{"id": row["id"], **before}]}
    assert changed["event"]["after"] == {"variants": [{"id": row["id"], **moved}]}

    again = await editor.variant("update", id=row["id"], **moved, weight=12.5)
    assert (again["ok"], again["event"], again["experiment"]["version"]) == (True, None, 3)

    gone = await editor.variant("delete", id=row["id"], expectedVersion=3)
    assert (gone["ok"], gone["variant"]) == (True, None)
    assert gone["experiment"] == {**made, "version": 4}
    [lost] = gone["event"]["before"]["variants"]
    assert {**told, **moved, "name": None} == {**lost, "name": None}
    assert gone["event"]["after"] == {"variantCount": 2, "variants": []}
    assert await editor.read(made["id"]) == gone["experiment"]


CHECKMANGO = ["A_", "_A", "A__B", "A-B", "A B", "ü", "!!_OK", "A\n"]
KEYS: dict[str, tuple[list[str], list[str]]] = {
    "LOCAL": (["A", "a_1_B2", "x" * 255], [*CHECKMANGO, "x" * 256, ""]),
    "CHECKMANGO": (["A", "a_1_B2", "x" * 255], [*CHECKMANGO, "x" * 256, ""]),
    "ABSMARTLY": ([*CHECKMANGO[:3], "x" * 255], ["x" * 256, "", " "]),
    "POSTHOG": (["test-2", *CHECKMANGO[:3], "x" * 255], ["x" * 256, "", " "]),
    "AUTH0": ([*CHECKMANGO, "x" * 255], ["x" * 256, "", " "]),
}
"""Keys of variants that a platform takes, and some that it does not."""


@every_platform
async def test_the_key_of_a_variant(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "FIRST")
    sound, unsound = KEYS[platform]
    before = await everything(database)
    for key in unsound:
        added = await editor.variant("create", experiment=made["id"], key=key)
        changed = await editor.variant("update", id=made["variants"][0]["id"], key=key)
        assert [path for path, _ in wrong(added)] == ["key"], key
        assert wrong(changed) == wrong(added)
    assert await everything(database) == before
    for key in sound:
        changed = await editor.variant("update", id=made["variants"][0]["id"], key=key)
        assert changed["variant"]["key"] == key


@every_platform
async def test_a_key_is_needed_where_variants_are_known_by_nothing_else(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "FIRST")
    added = await editor.variant("create", experiment=made["id"], name="nameless")
    cleared = await editor.variant("update", id=made["variants"][0]["id"], key=None)

    if platform in {"POSTHOG", "CHECKMANGO"}:
        assert wrong(added) == wrong(cleared) == [("key", "required")]
    else:
        assert (added["ok"], cleared["ok"]) == (True, True)
        assert cleared["variant"]["key"] is None


@every_platform
async def test_a_key_and_an_index_are_there_once(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "FIRST", "SECOND")
    before = await everything(database)
    added = await editor.variant("create", experiment=made["id"], key="SECOND", index=1)
    changed = await editor.variant("update", id=made["variants"][0]["id"], key="SECOND")

    def taken(name: str, value: str) -> dict[str, Any]:
        return {"__typename": "Taken", "path": [name], "field": name, "value": value}

    assert added["errors"] == [taken("key", "SECOND"), taken("index", "1")]
    assert changed["errors"] == [taken("key", "SECOND")]
    assert await everything(database) == before
    same = await editor.variant("update", id=made["variants"][1]["id"], key="SECOND")
    assert (same["ok"], same["event"]) == (True, None)


@every_platform
async def test_at_most_one_variant_is_the_control(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "FIRST", "SECOND")
    first, second = (each["id"] for each in made["variants"])
    await editor.variant("update", id=first, isControl=True)
    before = await everything(database)
    other = await editor.variant("update", id=second, isControl=True)
    added = await editor.variant("create", experiment=made["id"], key="THIRD", isControl=True)

    assert wrong(other) == wrong(added) == [("isControl", "one_control")]
    assert await everything(database) == before
    await editor.variant("update", id=first, isControl=False)
    assert (await editor.variant("update", id=second, isControl=True))["ok"] is True


@pytest.mark.parametrize(("platform", "most"), [("ABSMARTLY", 4), ("POSTHOG", 20)])
async def test_a_platform_takes_so_many_variants(
    client: httpx.AsyncClient, database: Database, platform: str, most: int
) -> None:
    keys = [f"V{n}" for n in range(most)]
    editor, made = await draft(client, database, platform, *keys)
    before = await everything(database)
    added = await editor.variant("create", experiment=made["id"], key="MORE")
    many = await editor.create(
        key="many",
        name="n",
        source=f"import-{platform.lower()}",
        variants=[{"key": key} for key in [*keys, "MORE"]],
    )

    assert made["variantCount"] == most
    assert wrong(added) == [("experiment", "max_items")]
    assert wrong(many) == [("variants", "max_items")]
    assert await everything(database) == before


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"weight": -0.1}, "weight"),
    ({"weight": 100.1}, "weight"),
    ({"name": ""}, "name"),
    ({"name": "n" * 401}, "name"),
    ({"description": "d" * 10_001}, "description"),
    ({"config": "c" * 70_000}, "config"),
    ({"config": {"deep": json.loads("[" * 30 + "]" * 30)}}, "config"),
    ({"config": {"a": "\0"}}, "config"),
]


async def test_a_field_of_a_variant_is_refused_with_its_path(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await draft(client, database, "LOCAL", "FIRST")
    before = await everything(database)
    for given, field in WRONG:
        added = await editor.variant("create", experiment=made["id"], key="X", **given)
        changed = await editor.variant("update", id=made["variants"][0]["id"], **given)
        assert [path for path, _ in wrong(added)] == [field], given
        assert wrong(changed) == wrong(added)
    cleared = await editor.variant("update", id=made["variants"][0]["id"], isControl=None)
    assert wrong(cleared) == [("isControl", "not_null")]
    assert await everything(database) == before


@every_platform
async def test_an_index_can_be_said_and_leaves_no_gap_where_places_count(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "FIRST")
    far = await editor.variant("create", experiment=made["id"], key="FAR", index=5)
    low = await editor.variant("create", experiment=made["id"], key="LOW", index=-1)
    high = await editor.variant("create", experiment=made["id"], key="HIGH", index=1001)

    assert wrong(low) == wrong(high) == [("index", "range")]
    if platform in DENSE:
        assert wrong(far) == [("index", "gap")]
        far = await editor.variant("create", experiment=made["id"], key="FAR", index=1)
        assert indexes(far["experiment"]) == {"FIRST": 0, "FAR": 1}
    else:
        assert indexes(far["experiment"]) == {"FIRST": 0, "FAR": 5}
        near = await editor.variant("create", experiment=made["id"], key="NEAR")
        assert indexes(near["experiment"]) == {"FIRST": 0, "NEAR": 1, "FAR": 5}


@every_platform
async def test_the_split_follows_the_variants(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "A", "B", percentages="50/50")
    first, second = (each["id"] for each in made["variants"])

    def split(payload: Any) -> Any:
        row = payload["experiment"]
        weights = [each["weight"] for each in row["variants"]]
        return row["percentages"], weights, row["variantCount"]

    assert split({"experiment": made}) == ("50/50", [50.0, 50.0], 2)
    added = await editor.variant("create", experiment=made["id"], key="C", weight=10)
    assert split(added) == ("50/50/10", [50.0, 50.0, 10.0], 3)
    changed = await editor.variant("update", id=first, weight=40)
    assert split(changed) == ("40/50/10", [40.0, 50.0, 10.0], 3)
    assert changed["event"]["before"] == {
        "percentages": "50/50/10",
        "variants": [{"id": first, "weight": 50.0}],
    }
    again = await editor.update(id=made["id"], percentages="20/30/50")
    assert split(again) == ("20/30/50", [20.0, 30.0, 50.0], 3)
    cleared = await editor.variant("update", id=second, weight=None)
    assert split(cleared) == (None, [20.0, None, 50.0], 3)
    whole = await editor.variant("update", id=second, weight=30)
    assert split(whole) == ("20/30/50", [20.0, 30.0, 50.0], 3)
    gone = await editor.variant("delete", id=second)
    assert split(gone) == ("20/50", [20.0, 50.0], 2)
    unweighted = await editor.variant("create", experiment=made["id"], key="D")
    weights = [20.0, 50.0, None] if platform in DENSE else [20.0, None, 50.0]
    assert split(unweighted) == (None, weights, 3)


async def test_shares_of_an_imported_split_become_weights_when_it_is_changed(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database, m.Platform.ABSMARTLY, variant_count=3, percentages="34/33/33")
    async with database.write() as session:
        await session.execute(update(m.Variant).values(weight=None))
    editor = Designer(client, {})
    same = await editor.update(id=id_of(row), percentages="34/33/33")
    named = await editor.variant(
        "update", id=same["experiment"]["variants"][0]["id"], name="Control"
    )
    third = await editor.variant("create", experiment=id_of(row), name="Third")

    assert (same["ok"], same["event"]) == (True, None)
    assert [each["weight"] for each in named["experiment"]["variants"]] == [None, None]
    assert third["variant"]["weight"] == 33.0
    assert [each["weight"] for each in third["experiment"]["variants"]] == [34.0, 33.0, 33.0]
    assert (third["experiment"]["percentages"], third["experiment"]["variantCount"]) == (
        "34/33/33",
        3,
    )


@every_platform
async def test_a_variant_that_something_names_stays(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "A", "B", "C", "D")
    number = decode(made["id"])[1]
    a, b, c, d = (each["id"] for each in made["variants"])
    await editor.update(id=made["id"], allocations=[{"variantIndex": 0}])
    await add(
        database,
        m.Result(experiment_id=number, variant_id=decode(b)[1], variant_index=1),
        m.Result(experiment_id=number, variant_index=2),
    )
    before = await everything(database)
    by = [{"__typename": "Experiment", "id": made["id"]}]
    for variant in (a, b, c):
        payload = await editor.variant("delete", id=variant)
        assert payload["errors"] == [{"__typename": "InUse", "path": ["id"], "by": by}]
    assert await everything(database) == before
    assert (await editor.variant("delete", id=d))["ok"] is True


@every_platform
async def test_variants_behind_one_that_goes_move_up_where_places_count(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, made = await draft(client, database, platform, "A", "B", "C", "D")
    number = decode(made["id"])[1]
    ids = {each["key"]: each["id"] for each in made["variants"]}
    pictures = [
        m.Screenshot(experiment_id=number, variant_index=index, label=label)
        for index, label in enumerate("ABCD")
    ]
    await add(
        database,
        *pictures,
        m.Result(experiment_id=number, variant_id=decode(ids["D"])[1], variant_index=3),
    )
    await add(
        database,
        m.Reference(
            source_id=await source(database, m.Platform(platform)),
            holder_type="screenshot",
            holder_id=pictures[1].id,
            field="file_id",
            target_type="file",
            target_external_id="9",
        ),
    )
    gone = await editor.variant("delete", id=ids["B"])
    dense = platform in DENSE
    places = {"A": 0, "C": 1, "D": 2} if dense else {"A": 0, "C": 2, "D": 3}

    assert indexes(gone["experiment"]) == places
    shown = {
        each["label"]: each["variant_index"]
        for each in (await rows_of(database, m.Screenshot)).values()
    }
    assert shown == places
    [result] = (await rows_of(database, m.Result)).values()
    assert result["variant_index"] == places["D"]
    assert await rows_of(database, m.Reference) == {}
    before, after = gone["event"]["before"], gone["event"]["after"]
    assert before["screenshots"] == [{"variantIndex": 1, "file": None, "label": "B"}]
    moved = [{"id": ids[key], "index": places[key]} for key in ("C", "D")] if dense else []
    assert after["variants"] == moved
    was = [{"id": ids["C"], "index": 2}, {"id": ids["D"], "index": 3}] if dense else []
    lost, *others = before["variants"]
    assert (lost["id"], lost["key"], lost["index"], others) == (ids["B"], "B", 1, was)


async def test_allocations_follow_their_variants(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await draft(client, database, "LOCAL", "A", "B", "C")
    await editor.update(
        id=made["id"],
        allocations=[{"variantIndex": 2, "weight": 60}, {"variantIndex": 0, "weight": 40}],
    )
    gone = await editor.variant("delete", id=made["variants"][1]["id"])

    assert [
        (each["variant"]["index"], each["weight"]) for each in gone["experiment"]["allocations"]
    ] == [(1, 60.0), (0, 40.0)]


async def test_the_version_is_the_experiments(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await draft(client, database, "LOCAL", "A", "B")
    await editor.update(id=made["id"], name="Other")
    before = await everything(database)
    first = made["variants"][0]["id"]
    payloads = [
        await editor.variant("create", experiment=made["id"], key="C", expectedVersion=1),
        await editor.variant("update", id=first, key="C", expectedVersion=1),
        await editor.variant("delete", id=first, expectedVersion=1),
    ]

    for payload in payloads:
        assert [(e["__typename"], e["currentVersion"]) for e in payload["errors"]] == [
            ("StaleVersion", 2)
        ]
    assert await everything(database) == before


async def test_dry_runs_write_nothing_and_keys_are_answered_again(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await draft(client, database, "LOCAL", "A", "B")
    first = made["variants"][0]["id"]
    before = await everything(database)
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("create", {"experiment": made["id"], "key": "C"}),
        ("update", {"id": first, "key": "D"}),
        ("delete", {"id": first}),
    ]
    for verb, given in wanted:
        payload = await editor.variant(verb, **given, dryRun=True)
        assert (payload["ok"], payload["event"]) == (True, None)
    assert await everything(database) == before
    for verb, given in wanted:
        once = await editor.variant(verb, **given, idempotencyKey="k")
        twice = await editor.variant(verb, **given, idempotencyKey="k")
        assert once["ok"] is True
        assert twice == {**once, "replayed": True}


async def test_what_is_not_there_is_not_found(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, made = await draft(client, database, "LOCAL", "A")
    first = made["variants"][0]["id"]
    await editor.variant("delete", id=first)
    before = await everything(database)
    for verb in ("update", "delete"):
        payload = await editor.variant(verb, id=first)
        assert payload["errors"] == [{"__typename": "NotFound", "path": ["id"]}]
    nowhere = await editor.variant("create", experiment="RXhwZXJpbWVudDo5OTk", key="A")
    assert nowhere["errors"] == [{"__typename": "NotFound", "path": ["experiment"]}]
    assert await everything(database) == before
