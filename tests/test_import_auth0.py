"""What becomes of what Auth0 says, in both generations of its answers, as the graph shows it."""

import copy
from itertools import permutations
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.importing import payload, portrait, rows, take
from tests.making import ask

BETA = payload("auth0/experiments_beta")
NEWER = payload("auth0/experiments")
FLAGS = payload("auth0/feature_flags")
VARIATIONS = payload("auth0/variations")
SEGMENTS = payload("auth0/segments")

EXPERIMENTS = """{ experiments(orderBy: [{createdAt: ASC}], where: %s) { nodes {
  key name description type nativeType platform externalId phase status nativeState pauseEffect
  archived archivedAt startedAt firstStartedAt stoppedAt createdAt updatedAt outcome { winner }
  allocationStrategy variantCount percentages ramp { levels currentLevel } unitType { name }
  variants { index externalId key name description isControl weight config extra }
  allocations {
    variant { externalId } segment { externalId name } weight priority isControl isFallback
  }
  featureFlag { key name nativeType nativeState active archived }
  details { ... on Auth0Details {
    authenticationFlow assignmentConfig isValid defaultConfig featureFlagSnapshot editableFields
    extra
  } }
} } }"""


async def experiment(client: httpx.AsyncClient, external_id: str) -> Any:
    where = f'{{externalId: {{eq: "{external_id}"}}}}'
    [found] = (await ask(client, EXPERIMENTS % where))["nodes"]
    return found


def arm(index: int, identity: str, **said: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("key", "name", "description", "weight", "config", "extra"))
    return {**nothing, "index": index, "externalId": identity, "isControl": False, **said}


def allocation(identity: str, **said: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("segment", "weight", "priority"))
    flags = {"isControl": False, "isFallback": False}
    return {**nothing, **flags, "variant": {"externalId": identity}, **said}


async def test_the_first_generation_is_in_the_graph(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, FLAGS, VARIATIONS, BETA)

    assert await experiment(client, "exp_2Jk9QwXyZ") == {
        "key": "Fewer fields at sign-up",
        "name": "Fewer fields at sign-up",
        "description": "Ask for the name later.",
        "type": "TEST",
        "nativeType": None,
        "platform": "AUTH0",
        "externalId": "exp_2Jk9QwXyZ",
        "phase": "RUNNING",
        "status": "RUNNING",
        "nativeState": "active",
        "pauseEffect": None,
        "archived": False,
        "archivedAt": None,
        "startedAt": "2026-06-12T08:00:00.000Z",
        "firstStartedAt": "2026-06-12T08:00:00.000Z",
        "stoppedAt": None,
        "createdAt": "2026-06-10T08:00:00.000Z",
        "updatedAt": "2026-06-12T08:00:00.000Z",
        "outcome": None,
        "allocationStrategy": "PERCENTAGE",
        "variantCount": 2,
        "percentages": "50/50",
        "ramp": None,
        "unitType": {"name": "device"},
        "variants": [
            arm(0, "var_4AbCdEfGh", name="As it is", description="Every field.", weight=50.0,
                config={}, isControl=True),
            arm(1, "var_5JkLmNpQr", name="Mail only", weight=50.0,
                config={"fields": {"value": ["email"]}}),
        ],
        "allocations": [
            allocation("var_4AbCdEfGh", weight=50.0, isControl=True),
            allocation("var_5JkLmNpQr", weight=50.0),
        ],
        "featureFlag": {
            "key": "Sign-up form",
            "name": "Sign-up form",
            "nativeType": "self",
            "nativeState": "active",
            "active": True,
            "archived": False,
        },
        "details": {
            "authenticationFlow": "login",
            "assignmentConfig": {"subject": "device"},
            "isValid": True,
            "defaultConfig": None,
            "featureFlagSnapshot": None,
            "editableFields": [],
            "extra": None,
        },
    }  # fmt: skip
    assert list(report.remarks()) == []


async def test_the_second_generation_is_in_the_graph(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, SEGMENTS, NEWER)
    said = NEWER["experiments"][0]
    local = {"extra": {"snapshot": said["allocations"][0]["variation_snapshot"]}}
    one = {"extra": {"snapshot": said["allocations"][2]["variation_snapshot"]}}

    assert await experiment(client, "exp_BnPqRsTuV") == {
        "key": "Local consent",
        "name": "Local consent",
        "description": "Consent in the words of the country.",
        "type": "TEST",
        "nativeType": None,
        "platform": "AUTH0",
        "externalId": "exp_BnPqRsTuV",
        "phase": "PAUSED",
        "status": "PAUSED",
        "nativeState": "paused",
        "pauseEffect": "KEEP_IN_FLIGHT",
        "archived": False,
        "archivedAt": None,
        "startedAt": "2026-08-02T08:00:00.000Z",
        "firstStartedAt": "2026-08-02T08:00:00.000Z",
        "stoppedAt": None,
        "createdAt": "2026-08-01T08:00:00.000Z",
        "updatedAt": "2026-08-05T08:00:00.000Z",
        "outcome": None,
        "allocationStrategy": "SEGMENT",
        "variantCount": 2,
        "percentages": None,
        "ramp": None,
        "unitType": None,
        "variants": [
            arm(0, "var_DeFgHjKmN", name="Local words", description="With the law's own words.",
                config={"tone": {"value": "formal"}}, **local),
            arm(1, "var_FxYzAbCdE", name="One text for all", config={}, isControl=True, **one),
        ],
        "allocations": [
            allocation("var_DeFgHjKmN", priority=1, segment={
                "externalId": "seg_9VwXyZaBc", "name": "Germany and Austria"}),
            allocation("var_DeFgHjKmN", priority=2, segment={
                "externalId": "seg_EpQrStUvW", "name": "Italy"}),
            allocation("var_FxYzAbCdE", isControl=True, isFallback=True),
        ],
        "featureFlag": {
            "key": "Consent page",
            "name": "Consent page",
            "nativeType": None,
            "nativeState": None,
            "active": None,
            "archived": False,
        },
        "details": {
            "authenticationFlow": "authentication",
            "assignmentConfig": None,
            "isValid": True,
            "defaultConfig": "flag",
            "featureFlagSnapshot": said["feature_flag_snapshot"],
            "editableFields": ["name", "description", "allocations"],
            "extra": {"allocations": [
                {"segment_snapshot": {"rules": [{"match": {"country": ["DE"]}}]}},
                {"segment_snapshot": None},
                {},
            ]},
        },
    }  # fmt: skip
    assert list(report.remarks()) == []


async def test_a_ramp_has_levels_and_climbs(database: Database, client: httpx.AsyncClient) -> None:
    await take(database, NEWER)
    found = await experiment(client, "exp_GfHjKmNpQ")
    assert found["ramp"] == {"levels": [5.0, 25.0, 50.0, 100.0], "currentLevel": 25}

    await take(database, payload("auth0/ramp"))
    assert (await experiment(client, "exp_GfHjKmNpQ"))["ramp"]["currentLevel"] == 50


async def test_archived_is_over_and_archived(database: Database, client: httpx.AsyncClient) -> None:
    await take(database, NEWER)
    found = await experiment(client, "exp_HrStUvWxY")

    assert (found["phase"], found["status"], found["archived"]) == ("STOPPED", "ARCHIVED", True)
    assert (found["nativeState"], found["stoppedAt"]) == ("archived", "2026-07-20T08:00:00.000Z")
    assert (found["ramp"], found["variants"], found["allocations"]) == (None, [], [])


async def test_the_published_status_answer_is_taken_as_it_stands(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, payload("auth0/status_answer"))
    found = await experiment(client, "<string>")

    assert (found["key"], found["phase"], found["unitType"]) == (
        "<string>",
        "DRAFT",
        {"name": "device"},
    )
    assert found["startedAt"] == found["stoppedAt"] == "2023-11-07T05:31:56.000Z"
    assert found["allocations"] == [
        allocation("<string>", weight=123.0, priority=123, isControl=True, isFallback=True)
    ]
    assert (found["featureFlag"], report.waiting) == (None, 2)


@pytest.mark.parametrize(
    ("status", "dates", "phase", "archived"),
    [
        ("draft", {}, "DRAFT", False),
        ("active", {}, "RUNNING", False),
        ("paused", {}, "PAUSED", False),
        ("completed", {}, "STOPPED", False),
        ("archived", {}, "STOPPED", True),
        ("Active", {}, "RUNNING", False),
        ("hibernating", {}, "DRAFT", False),
        ("hibernating", {"started_at": "2026-01-01T00:00:00Z"}, "RUNNING", False),
        ("hibernating", {"started_at": "2026-01-01T00:00:00Z",
                         "ended_at": "2026-01-02T00:00:00Z"}, "STOPPED", False),
    ],
)  # fmt: skip
async def test_a_status_becomes_a_phase_and_stays_as_it_is(
    database: Database,
    status: str,
    dates: dict[str, str],
    phase: str,
    archived: bool,  # noqa: FBT001
) -> None:
    said = {"id": "exp_1", "name": "x", "authentication_flow": "all", "status": status}
    report = await take(database, said | dates)

    assert await rows(database, m.Experiment, "phase", "native_state", "archived") == [
        (phase, status, archived)
    ]
    assert set(report.unknown_words.values()) == ({1} if status == "hibernating" else set())


async def test_flags_and_segments_are_in_the_graph(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, FLAGS, VARIATIONS, SEGMENTS)
    flags = await ask(client, """{ featureFlags(orderBy: [{key: ASC}]) { nodes {
        externalId key name description nativeType nativeState active archived parameters
        variations createdAt extra
    } } }""")  # fmt: skip
    segments = await ask(client, """{ segments(orderBy: [{name: ASC}]) { nodes {
        externalId name description nativeType rules archived createdAt extra
    } } }""")  # fmt: skip
    old, form = flags["nodes"]

    assert form == {
        "externalId": "flg_3Lm8RtUvW",
        "key": "Sign-up form",
        "name": "Sign-up form",
        "description": "What the form asks for.",
        "nativeType": "self",
        "nativeState": "active",
        "active": True,
        "archived": False,
        "parameters": FLAGS["feature_flags"][0]["parameters"],
        "variations": VARIATIONS["variations"],
        "createdAt": "2026-05-20T08:00:00.000Z",
        "extra": None,
    }
    assert (old["key"], old["nativeState"], old["active"], old["archived"]) == (
        "Old consent",
        "archived",
        False,
        True,
    )
    assert segments["nodes"] == [
        {
            "externalId": said["id"],
            "name": said["name"],
            "description": said.get("description"),
            "nativeType": "self",
            "rules": said["rules"],
            "archived": said["status"] == "archived",
            "createdAt": "2026-07-01T08:00:00.000Z",
            "extra": {"status": said["status"]},
        }
        for said in SEGMENTS["segments"]
    ]


PARTS = {"flags": FLAGS, "variations": VARIATIONS, "beta": BETA, "segments": SEGMENTS,
         "newer": NEWER}  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(PARTS))[::10], ids=" ".join)
async def test_the_order_of_arrival_does_not_matter(
    database: Database, order: tuple[str, ...]
) -> None:
    straight = ("flags", "variations", "segments", "beta", "newer")
    await take(database, *(PARTS[name] for name in straight), source="straight")
    report = await take(database, *(PARTS[name] for name in order), source="shuffled")
    found = await portrait(database, "shuffled")

    assert found == await portrait(database, "straight")
    assert report.waiting == 0
    assert len(found["variant"]) == 8

    await take(database, *(PARTS[name] for name in order), source="shuffled")
    assert await portrait(database, "shuffled") == found


async def test_a_variation_that_changes_is_seen_in_every_arm_that_shows_it(
    database: Database,
) -> None:
    await take(database, FLAGS, VARIATIONS, BETA)
    versions = dict(await rows(database, m.Experiment, "external_id", "version"))
    changed = VARIATIONS["variations"][0] | {
        "name": "As it was",
        "overrides": {"passkeys": {"value": True}},
    }
    report = await take(database, changed)

    assert await rows(database, m.Variant, "external_id", "name", "config") == [
        ("var_4AbCdEfGh", "As it was", '{"passkeys":{"value":true}}'),
        ("var_5JkLmNpQr", "Mail only", '{"fields":{"value":["email"]}}'),
        ("var_4AbCdEfGh", "As it was", '{"passkeys":{"value":true}}'),
        ("var_7BcDeFgHj", None, None),
    ]
    [(variations, version)] = (await rows(database, m.FeatureFlag, "variations", "version"))[:1]
    assert [said["name"] for said in variations] == ["As it was", "Mail only"]
    assert version == 3
    now = dict(await rows(database, m.Experiment, "external_id", "version"))
    assert now == {name: before + 1 for name, before in versions.items()}
    assert report.elsewhere == {"experiment": 2, "variant": 2}


async def test_what_was_frozen_at_activation_does_not_follow_its_variation(
    database: Database,
) -> None:
    later = {"id": "var_DeFgHjKmN", "feature_flag_id": "flg_CwXyZaBcD", "name": "Local words, now",
             "overrides": {"tone": {"value": "casual"}}}  # fmt: skip
    await take(database, NEWER, later)

    assert await rows(database, m.Variant, "external_id", "name", "config") == [
        ("var_DeFgHjKmN", "Local words, now", '{"tone":{"value":"formal"}}'),
        ("var_FxYzAbCdE", "One text for all", "{}"),
        ("var_FxYzAbCdE", "One text for all", None),
        ("var_DeFgHjKmN", "Local words, now", '{"tone":{"value":"casual"}}'),
    ]


async def test_ids_may_be_called_after_the_thing(database: Database) -> None:
    said = copy.deepcopy(BETA["experiments"][0])
    said["experiment_id"] = said.pop("id")
    flag = {"feature_flag_id": "flg_3Lm8RtUvW", "name": "Sign-up form", "parameters": {}}
    variation = VARIATIONS["variations"][1] | {"variation_id": "var_5JkLmNpQr"}
    del variation["id"]
    await take(database, {"feature_flags": [flag]}, variation, said)

    assert await rows(database, m.Experiment, "external_id", "feature_flag_id") == [
        ("exp_2Jk9QwXyZ", 1)
    ]
    assert await rows(database, m.FeatureFlag, "external_id", "name") == [
        ("flg_3Lm8RtUvW", "Sign-up form")
    ]
    assert (await rows(database, m.Variant, "name"))[1] == "Mail only"


async def test_allocations_that_change_keep_the_arms_that_stay(database: Database) -> None:
    said = copy.deepcopy(BETA["experiments"][0])
    await take(database, said)
    [control, treatment] = await rows(database, m.Variant, "id")
    said["allocations"] = [
        {"variation_id": "var_9New", "weight": 30},
        {"variation_id": "var_4AbCdEfGh", "weight": 70, "is_control": True},
    ]
    await take(database, said)

    found = await rows(database, m.Variant, "id", "external_id", "index", "weight")
    assert found == [(control, "var_4AbCdEfGh", 1, 70.0), (found[1][0], "var_9New", 0, 30.0)]
    assert found[1][0] > treatment
    assert await rows(database, m.Experiment, "percentages", "version") == [("30/70", 2)]
    assert await rows(database, m.Allocation, "variant_id", "weight") == [
        (found[1][0], 30.0),
        (control, 70.0),
    ]

    del said["allocations"]
    report = await take(database, said)
    assert {how for _, how in report.outcomes} == {"unchanged"}
    assert len(await rows(database, m.Variant, "id")) == 2


async def test_unknown_words_and_keys_are_kept_and_counted(database: Database) -> None:
    said = {"id": "exp_1", "name": "x", "allocation_strategy": "lottery", "mood": "good"}
    report = await take(database, said)

    assert await rows(database, m.Experiment, "allocation_strategy", "details") == [
        ("OTHER", {"allocation_strategy": "lottery", "mood": "good"})
    ]
    assert report.unknown_words == {("experiment.allocation_strategy", "lottery"): 1}
    assert report.unknown_keys == {("experiment", "mood"): 1}


@pytest.mark.parametrize("document", ["experiments", "experiments_beta"])
async def test_no_key_must_be_there(database: Database, document: str) -> None:
    for said in payload(f"auth0/{document}")["experiments"]:
        for key in sorted(said.keys() - {"id", "name"}):
            without = {name: item for name, item in said.items() if name != key}
            for number, each in enumerate((without, {**said, key: None})):
                source = f"{said['id']} {key} {number}"
                report = await take(database, each, source=source)
                assert report.outcomes[("experiment", "created")] == 1, source
