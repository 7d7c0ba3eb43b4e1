"""Making and changing experiments on every platform, field by field."""

import json
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.designs import (
    CHANGED,
    FULL,
    GROUPS,
    OTHER_GROUPS,
    Designer,
    answer,
    details,
    full,
    things,
)
from tests.making import add, everything, experiment, id_of, key, source
from tests.nouns import filled, wrong

PLATFORMS = ["LOCAL", "ABSMARTLY", "POSTHOG", "AUTH0", "CHECKMANGO"]
NATIVE = {"LOCAL": None, "ABSMARTLY": "created"}
every_platform = pytest.mark.parametrize("platform", PLATFORMS)

LOCKED_DRAFT = {"POSTHOG": {"key", "featureFlag"}, "AUTH0": {"featureFlag", "allocationStrategy"}}
"""What a draft's platform does not let be changed any more."""

TEXTS = ["hypothesis", "prediction", "actionPoints", "implementationDetails", "other"]
CLEARABLE = sorted({*CHANGED} - {"key", "name", "type"})


async def designer(client: httpx.AsyncClient, database: Database, platform: str) -> Designer:
    return Designer(client, await things(database, platform))


@every_platform
async def test_an_experiment_is_made_and_read_back_as_it_was_said(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = await designer(client, database, platform)
    payload = await editor.create(**full(platform))
    row, event = payload["experiment"], payload["event"]

    assert (payload["ok"], payload["errors"]) == (True, [])
    assert row.items() >= filled(answer(FULL), editor.ids).items()
    assert row["variants"] == [
        {
            "id": row["variants"][0]["id"],
            "index": 0,
            "key": "control",
            "name": None,
            "description": None,
            "isControl": True,
            "weight": 30.0,
            "config": None,
        },
        {
            "id": row["variants"][1]["id"],
            "index": 1,
            "key": "larger",
            "name": "Larger",
            "description": "48 pixels.",
            "isControl": False,
            "weight": 70.0,
            "config": {"size": 48, "tags": ["x", None]},
        },
    ]
    assert (row["platform"], row["source"]["name"]) == (platform, f"import-{platform.lower()}")
    assert (row["phase"], row["nativeState"]) == ("DRAFT", NATIVE.get(platform, "draft"))
    assert (row["iteration"], row["version"], row["variantCount"]) == (1, 1, 2)
    assert row["family"]["key"] == row["key"]
    assert row["seed"].isdigit()
    assert row["trafficSeed"].isdigit()
    assert row["seed"] != row["trafficSeed"]
    if GROUPS[platform]:
        assert row["details"].items() >= details(GROUPS[platform]).items()
    else:
        assert row["details"] is None
    assert payload["experimentNote"] == {"action": "CREATE", "note": None}
    assert (event["action"], event["subjectType"], event["subjectId"]) == (
        "CREATE",
        "Experiment",
        row["id"],
    )
    assert await editor.read(row["id"]) == row


async def test_the_event_of_a_creation_tells_everything(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "AUTH0")
    payload = await editor.create(**full("AUTH0", rampLevels=[5, 100]))
    row, event = payload["experiment"], payload["event"]
    said = filled(FULL, editor.ids)
    same = {*FULL} - {"variants", "allocations", "audience", "savedMetrics", "applications"}

    assert event["before"] is None
    assert event["after"].items() >= {name: said[name] for name in same}.items()
    assert json.loads(event["after"]["audience"]) == said["audience"]
    assert event["after"]["savedMetrics"] == [{"metadata": None, **x} for x in said["savedMetrics"]]
    assert event["after"]["applications"] == [{"version": None, **x} for x in said["applications"]]
    assert event["after"]["rampLevels"] == [5, 100]
    assert event["after"]["phase"] == "DRAFT"
    assert event["after"]["nativeState"] == "draft"
    assert event["after"]["seed"] == row["seed"]
    assert event["after"]["details"] == {
        "authentication_flow": "login",
        "assignment_config": {"subject": "device"},
        "default_config": "flag",
    }
    assert [each["key"] for each in event["after"]["variants"]] == ["control", "larger"]
    assert [each["weight"] for each in event["after"]["variants"]] == [30.0, 70.0]
    assert event["after"]["allocations"] == [
        {
            "variantIndex": 1,
            "segment": editor.ids["segment"],
            "weight": 12.5,
            "priority": 1,
            "isControl": False,
            "isFallback": False,
        },
        {
            "variantIndex": 0,
            "segment": None,
            "weight": None,
            "priority": None,
            "isControl": True,
            "isFallback": True,
        },
    ]


@every_platform
async def test_a_change_moves_what_it_says_and_its_event_tells_both_sides(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = await designer(client, database, platform)
    before = await editor.made(**full(platform))
    locked = LOCKED_DRAFT.get(platform, set())
    said = {name: value for name, value in CHANGED.items() if name not in locked}
    group = {name: value for name, value in OTHER_GROUPS[platform].items() if "Folder" not in name}
    given = {**said, platform.lower(): group} if group else said
    payload = await editor.update(id=before["id"], expectedVersion=1, **given)
    row, event = payload["experiment"], payload["event"]
    moved = filled(answer(said), editor.ids)

    assert (payload["ok"], payload["errors"], payload["experimentNote"]) == (True, [], None)
    assert row["version"] == 2
    assert row["family"] == {"id": before["family"]["id"], "key": row["key"]}
    assert [each["weight"] for each in row["variants"]] == [50.0, 50.0]
    untouched = {*before} - {*moved, "version", "family", "variants", "details"}
    assert {name: row[name] for name in untouched} == {name: before[name] for name in untouched}
    assert {name: row[name] for name in moved} == moved
    if group:
        assert row["details"].items() >= group.items()
    assert (event["action"], event["subjectId"]) == ("UPDATE", row["id"])
    told = {*said, "variants"} | ({"details"} if group else set())
    assert {*event["before"]} == {*event["after"]} == told
    same = told & {*filled(said, editor.ids)} - {"allocations", "audience", "applications"}
    expected = filled(said, editor.ids)
    assert {name: event["after"][name] for name in same} == {name: expected[name] for name in same}


async def test_of_details_the_event_tells_only_the_keys_that_changed(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "ABSMARTLY")
    before = await editor.made(**full("ABSMARTLY"))
    group = {**GROUPS["ABSMARTLY"], "requiredAlpha": "0.050", "templateName": None}
    payload = await editor.update(id=before["id"], absmartly=group)

    assert payload["event"]["before"] == {
        "details": {"required_alpha": "0.1", "template_name": "One element"}
    }
    assert payload["event"]["after"] == {"details": {"required_alpha": "0.05"}}
    assert payload["experiment"]["details"]["templateName"] is None
    again = await editor.update(id=before["id"], absmartly={"requiredAlpha": "5e-2"})
    assert (again["ok"], again["event"]) == (True, None)


@every_platform
async def test_saying_again_what_stands_there_writes_nothing(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = await designer(client, database, platform)
    row = await editor.made(**full(platform))
    before = await everything(database)
    said = {
        name: value for name, value in full(platform).items() if name not in {"variants", "source"}
    }
    said["audience"] = json.dumps(FULL["audience"], indent=3)
    again = await editor.update(id=row["id"], **said)
    nothing = await editor.update(id=row["id"])

    assert (again["ok"], again["event"], again["experiment"]) == (True, None, row)
    assert (nothing["ok"], nothing["event"], nothing["experiment"]) == (True, None, row)
    assert await everything(database) == before


async def test_null_clears_each_field_by_itself(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "LOCAL")
    row = await editor.made(**full("LOCAL", rampLevels=[10, 20]))
    empty = filled(answer(dict.fromkeys([*CLEARABLE, "rampLevels"])), editor.ids)
    for version, name in enumerate([*CLEARABLE, "rampLevels"], 2):
        payload = await editor.update(id=row["id"], **{name: None})
        read = "ramp" if name == "rampLevels" else name
        row = {**row, read: empty[read], "version": version}
        if name == "percentages":
            row["variants"] = [{**each, "weight": None} for each in row["variants"]]
        assert (payload["errors"], payload["experiment"]) == ([], row), name
        assert read in payload["event"]["before"] or name == "rampLevels"


@pytest.mark.parametrize("name", ["key", "name", "type"])
async def test_what_must_be_there_cannot_be_cleared(
    client: httpx.AsyncClient, database: Database, name: str
) -> None:
    editor = await designer(client, database, "LOCAL")
    row = await editor.made(key="k", name="n")
    before = await everything(database)
    payload = await editor.update(id=row["id"], **{name: None}, other="Nothing of it is kept.")

    assert wrong(payload) == [(name, "not_null")]
    assert payload["experiment"] == row
    assert await everything(database) == before


@every_platform
async def test_null_clears_the_group_of_the_platform_and_says_nothing_of_another(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = await designer(client, database, platform)
    row = await editor.made(**full(platform))
    if platform == "POSTHOG":
        payload = await editor.update(id=row["id"], posthog=None)
        assert wrong(payload) == [("posthog.createInFolder", "locked")]
        return
    others = {each.lower(): None for each in GROUPS if each not in {platform, "LOCAL"}}
    untouched = await editor.update(id=row["id"], **others)
    assert (untouched["ok"], untouched["event"]) == (True, None)
    if platform != "LOCAL":
        payload = await editor.update(id=row["id"], **{platform.lower(): None})
        assert payload["event"]["after"] == {"details": {}}
        assert payload["experiment"]["details"]["extra"] is None
        assert not any(payload["experiment"]["details"][name] for name in GROUPS[platform])


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"key": " "}, [("key", "required")]),
    ({"key": "k" * 256}, [("key", "max_length")]),
    ({"name": ""}, [("name", "required")]),
    ({"name": "n" * 401}, [("name", "max_length")]),
    *(({name: "x" * 10_001}, [(name, "max_length")]) for name in ["description", *TEXTS, "note"]),
    ({"percentages": "50"}, [("percentages", "split")]),
    ({"percentages": "50/x"}, [("percentages", "percentages")]),
    ({"percentages": "50/101"}, [("percentages", "percentages")]),
    ({"percentages": "50/-1"}, [("percentages", "percentages")]),
    ({"percentages": " 50/50"}, [("percentages", "percentages")]),
    ({"percentages": "/".join(["0"] * 201)}, [("percentages", "max_items")]),
    ({"percentageOfTraffic": -0.1}, [("percentageOfTraffic", "range")]),
    ({"percentageOfTraffic": 100.1}, [("percentageOfTraffic", "range")]),
    ({"minimumDetectableEffect": "-1"}, [("minimumDetectableEffect", "range")]),
    ({"rampLevels": [10, 10]}, [("rampLevels", "ramp_levels")]),
    ({"rampLevels": [50, 10]}, [("rampLevels", "ramp_levels")]),
    ({"rampLevels": [-1, 10]}, [("rampLevels", "ramp_levels")]),
    ({"rampLevels": [10, 101]}, [("rampLevels", "ramp_levels")]),
    ({"exposureCriteria": []}, [("exposureCriteria", "type")]),
    ({"statsConfig": "bayesian"}, [("statsConfig", "type")]),
    (
        {"secondaryMetrics": [{"metric": "@metric", "role": "PRIMARY"}]},
        [("secondaryMetrics.0.role", "role")],
    ),
    (
        {"secondaryMetrics": [{"metric": "@metric"}, {"metric": "@metric"}]},
        [("secondaryMetrics", "duplicate")],
    ),
    (
        {"savedMetrics": [{"savedMetric": "@saved", "metadata": [1]}]},
        [("savedMetrics.0.metadata", "type")],
    ),
    (
        {"applications": [{"application": "@shop", "version": ""}]},
        [("applications.0.version", "required")],
    ),
    ({"owners": ["@ann"] * 2}, [("owners", "duplicate")]),
    ({"owners": ["@ann"] * 201}, [("owners", "max_items")]),
    ({"tags": ["@goalTag"]}, [("tags", "kind")]),
    ({"template": "@plain"}, [("template", "template")]),
    ({"featureFlag": "@archived"}, [("featureFlag", "archived")]),
    ({"unitType": "@foreign"}, [("unitType", "same_source")]),
    ({"allocations": [{"variantIndex": 2}]}, [("allocations.0.variantIndex", "variant_index")]),
    (
        {"allocations": [{"variantIndex": 1, "weight": 101, "priority": 0}]},
        [("allocations.0.weight", "range"), ("allocations.0.priority", "range")],
    ),
    ({"allocations": [{"variantIndex": 0}] * 21}, [("allocations", "max_items")]),
    ({"checkmango": {"eventKey": "X"}}, [("checkmango", "platform")]),
    ({"auth0": {}, "posthog": {}}, [("auth0", "one_of")]),
    ({"auth0": {"defaultConfig": "none"}}, [("auth0.defaultConfig", "one_of")]),
    (
        {"auth0": {"authenticationFlow": "", "assignmentConfig": 1}},
        [("auth0.authenticationFlow", "required"), ("auth0.assignmentConfig", "type")],
    ),
]


async def test_a_field_is_refused_with_its_path_and_rule_and_nothing_is_written(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "AUTH0")
    goals = m.Tag(
        source_id=await source(database, m.Platform.AUTH0), kind=m.TagKind.GOAL, tag="goal"
    )
    foreign = m.UnitType(source_id=await source(database, m.Platform.POSTHOG), name="user_id")
    plain = await experiment(database, m.Platform.AUTH0)
    archived = m.FeatureFlag(source_id=goals.source_id, key="archived", archived=True)
    await add(database, goals, foreign, archived)
    editor.ids.update(goalTag=id_of(goals), foreign=id_of(foreign), plain=id_of(plain))
    editor.ids.update(archived=id_of(archived))
    sound = {"key": "sound", "name": "Sound", "variants": [{}, {}], "source": "import-auth0"}
    row = await editor.made(**sound)
    before = await everything(database)
    for given, rules in WRONG:
        created = await editor.create(**{**sound, "key": "new", **given})
        assert wrong(created) == rules, given
        assert (created["experiment"], created["event"]) == (None, None)
        updated = await editor.update(id=row["id"], **given)
        assert wrong(updated) == rules, given
        assert updated["experiment"] == row
    assert await everything(database) == before


async def test_everything_that_is_wrong_is_told_at_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "CHECKMANGO")
    await editor.made(key="TAKEN", name="n", source="import-checkmango")
    before = await everything(database)
    nobody = {**editor.ids, "ann": "VXNlcjo5OTk5"}
    payload = await Designer(client, nobody).create(
        key="TAKEN",
        name=" ",
        source="import-checkmango",
        owners=["@ann"],
        percentageOfTraffic=101,
        variants=[{"key": "A", "isControl": True}, {"key": "A", "isControl": True}, {}],
        rampLevels=[1],
        checkmango={"algorithmType": "fair"},
    )
    failed, *others = payload["errors"]

    assert [(".".join(each["path"]), each["rule"]) for each in failed["fields"]] == [
        ("name", "required"),
        ("percentageOfTraffic", "range"),
        ("rampLevels", "platform"),
        ("checkmango.algorithmType", "one_of"),
        ("variants.1.isControl", "one_control"),
        ("variants.2.key", "required"),
    ]
    assert [(each["__typename"], each["path"]) for each in others] == [
        ("NotFound", ["owners"]),
        ("Taken", ["variants", "1", "key"]),
        ("Taken", ["key"]),
    ]
    assert await everything(database) == before


@pytest.mark.parametrize("platform", ["ABSMARTLY", "POSTHOG", "CHECKMANGO"])
async def test_only_a_platform_that_climbs_ramps_takes_levels(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = await designer(client, database, platform)
    payload = await editor.create(**full(platform, rampLevels=[10]))

    assert wrong(payload) == [("rampLevels", "platform")]


@every_platform
async def test_a_note_is_kept_beside_the_change(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = await designer(client, database, platform)
    made = await editor.create(**full(platform, note="As agreed."))
    number = made["experiment"]["id"]
    edited = await editor.update(id=number, name="Other", note="Renamed.")
    noted = await editor.update(id=number, note="Nothing but this.")

    assert made["experimentNote"] == {"action": "CREATE", "note": "As agreed."}
    assert edited["experimentNote"] == {"action": "EDIT", "note": "Renamed."}
    assert noted["experimentNote"] == {"action": "EDIT", "note": "Nothing but this."}
    assert (noted["event"], noted["experiment"]["version"]) == (None, 2)


async def test_a_dry_run_checks_everything_and_writes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "LOCAL")
    row = await editor.made(key="there", name="n")
    before = await everything(database)
    sound = await editor.create(**full("LOCAL", dryRun=True))
    bad = await editor.create(**full("LOCAL", dryRun=True, key="there"))
    update = await editor.update(id=row["id"], name="x", dryRun=True, note="No.")

    assert (sound["ok"], sound["experiment"], sound["event"]) == (True, None, None)
    assert [each["__typename"] for each in bad["errors"]] == ["Taken"]
    assert (update["ok"], update["experiment"], update["event"]) == (True, row, None)
    assert await everything(database) == before


async def test_the_same_again_under_a_key_is_answered_the_same(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "LOCAL")
    first = await editor.create(**full("LOCAL", idempotencyKey="one"))
    before = await everything(database)
    again = await editor.create(**full("LOCAL", idempotencyKey="one"))
    other = await editor.create(**full("LOCAL", idempotencyKey="one", name="Another"))

    assert (first["replayed"], again) == (False, {**first, "replayed": True})
    assert [each["__typename"] for each in other["errors"]] == ["IdempotencyConflict"]
    assert await everything(database) == before


async def test_a_stale_version_changes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "LOCAL")
    row = await editor.made(key="k", name="n")
    await editor.update(id=row["id"], name="m")
    before = await everything(database)
    payload = await editor.update(id=row["id"], name="o", expectedVersion=1)

    assert [(e["__typename"], e["currentVersion"]) for e in payload["errors"]] == [
        ("StaleVersion", 2)
    ]
    assert await everything(database) == before


async def test_a_source_that_is_not_there_is_not_found(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = await designer(client, database, "LOCAL")
    before = await everything(database)
    payload = await editor.create(key="k", name="n", source="nowhere")

    assert [(e["__typename"], e["path"]) for e in payload["errors"]] == [("NotFound", ["source"])]
    assert await everything(database) == before


async def test_editing_takes_the_scope_and_seeing_what_is_named(
    client: httpx.AsyncClient, database: Database
) -> None:
    ids = await things(database, "LOCAL")
    row = await Designer(client, ids).made(key="k", name="n", variants=[{"key": "a"}])
    reader = await key(database, "reader", "experiment:read", "experiment:start", "user:read")
    writer = await key(database, "writer", "experiment:write")
    before = await everything(database)
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("createExperiment", {"key": "x", "name": "x"}),
        ("updateExperiment", {"id": row["id"], "name": "x"}),
        ("duplicateExperiment", {"id": row["id"], "key": "x"}),
        ("createVariant", {"experiment": row["id"], "key": "x"}),
        ("updateVariant", {"id": row["variants"][0]["id"], "key": "x"}),
        ("deleteVariant", {"id": row["variants"][0]["id"]}),
    ]
    for name, given in wanted:
        payload = await Designer(client, ids, reader).mutate(name, given, "")
        assert [(e["__typename"], e["scope"]) for e in payload["errors"]] == [
            ("Forbidden", "experiment:write")
        ], name
    named = {name: FULL[name] for name in ("unitType", "primaryMetric", "owners", "teams", "tags")}
    payload = await Designer(client, ids, writer).create(key="x", name="x", **named)
    twice = [name for name in ("owners", "teams", "tags") for _ in range(2)]
    assert [(e["__typename"], e["path"]) for e in payload["errors"]] == [
        ("NotFound", [name]) for name in ["unitType", "primaryMetric", *twice]
    ]
    assert await everything(database) == before
    sound = await Designer(client, ids, writer).create(key="x", name="x")
    assert (sound["ok"], sound["event"]["actor"]) == (True, "writer")
