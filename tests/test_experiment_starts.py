"""A creation leads to a start, on every platform; and to every blocker where pieces are missing."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.designs import Designer, things
from tests.making import source
from tests.nouns import filled

PAIR = [
    {"key": "control", "isControl": True, "weight": 50},
    {"key": "other", "weight": 50},
]
ALLOCATED = {
    "featureFlag": "@flag",
    "allocationStrategy": "PERCENTAGE",
    "allocations": [
        {"variantIndex": 0, "weight": 40, "isControl": True},
        {"variantIndex": 1, "weight": 60},
    ],
}
BY_SEGMENT = {
    "featureFlag": "@flag",
    "allocationStrategy": "SEGMENT",
    "allocations": [
        {"variantIndex": 0, "isControl": True, "isFallback": True},
        {"variantIndex": 1, "segment": "@segment", "priority": 1},
    ],
}
SOUND: list[tuple[str, dict[str, Any], list[str]]] = [
    ("LOCAL", {"primaryMetric": "@metric", "variants": PAIR}, []),
    ("LOCAL", {"primaryMetric": "@metric", "variants": PAIR}, ["markReady", "develop"]),
    ("LOCAL", {"type": "FEATURE", "variants": PAIR, "percentages": "50/50"}, []),
    ("ABSMARTLY", {"primaryMetric": "@metric", "variants": PAIR}, ["markReady"]),
    ("ABSMARTLY", {"primaryMetric": "@metric", "variants": PAIR}, ["markReady", "develop"]),
    ("ABSMARTLY", {"primaryMetric": "@metric", "percentages": "34/33/33"}, ["markReady"]),
    ("ABSMARTLY", {"type": "FEATURE", "percentages": "50/50", "variants": [{}, {}]}, ["markReady"]),
    ("POSTHOG", {"variants": PAIR}, []),
    ("POSTHOG", {"variants": PAIR, "featureFlag": "@flag", "percentages": "50/50"}, []),
    ("AUTH0", {"variants": PAIR, **ALLOCATED, "rampLevels": [10, 100]}, []),
    ("AUTH0", {"variants": PAIR, **BY_SEGMENT}, []),
    ("CHECKMANGO", {"variants": PAIR}, []),
    ("CHECKMANGO", {"variants": [{"key": "ONLY", "isControl": True}]}, []),
]
"""What is enough on each platform, and what it takes before a start."""

LACKING: dict[str, set[str]] = {
    "LOCAL": {"missing_primary_metric", "too_few_variants", "invalid_split", "missing_control"},
    "ABSMARTLY": {"missing_primary_metric", "invalid_split"},
    "POSTHOG": {"too_few_variants", "invalid_split", "missing_control"},
    "AUTH0": {
        "feature_flag_not_active",
        "experiment_missing_allocations",
        "experiment_missing_control",
        "experiment_invalid_allocation_weights",
    },
    "CHECKMANGO": {"missing_control"},
}
"""The blockers of an experiment of which nothing was said."""

TRANSITION = """ok errors { __typename ... on NotReady { blockers { code } } }
  experiment { phase startedAt ramp { currentLevel } }"""


async def act(editor: Designer, action: str, number: str) -> Any:
    """The payload of a transition."""
    name = "markExperimentReady" if action == "markReady" else f"{action}Experiment"
    query = f"""mutation($input: {name[0].upper()}{name[1:]}Input!) {{
      {name}(input: $input) {{ {TRANSITION} }} }}"""
    body = {"query": query, "variables": {"input": {"id": number}}}
    return (await editor.client.post("/graphql", json=body)).json()["data"][name]


@pytest.mark.parametrize(("platform", "pieces", "steps"), SOUND)
async def test_a_creation_with_the_right_pieces_can_be_started(
    client: httpx.AsyncClient,
    database: Database,
    platform: str,
    pieces: dict[str, Any],
    steps: list[str],
) -> None:
    editor = Designer(client, await things(database, platform))
    made = await editor.made(key="KEY", name="n", source=f"import-{platform.lower()}", **pieces)
    for step in steps:
        assert (await act(editor, step, made["id"]))["ok"], step
    started = await act(editor, "start", made["id"])

    assert (started["errors"], started["experiment"]["phase"]) == ([], "RUNNING")
    assert started["experiment"]["startedAt"] is not None
    if "rampLevels" in pieces:
        assert started["experiment"]["ramp"] == {"currentLevel": 10}


@pytest.mark.parametrize("platform", LACKING)
async def test_a_creation_without_them_is_told_everything_that_it_lacks(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    await source(database, m.Platform(platform))
    editor = Designer(client, {})
    made = await editor.made(key="KEY", name="n", source=f"import-{platform.lower()}")
    action = "markReady" if platform == "ABSMARTLY" else "start"
    [reason] = (await act(editor, action, made["id"]))["errors"]

    assert reason["__typename"] == "NotReady"
    assert {each["code"] for each in reason["blockers"]} == LACKING[platform]
    assert (await editor.read(made["id"])) == made


@pytest.mark.parametrize(("platform", "pieces"), [each[:2] for each in SOUND[::2]])
async def test_what_is_lacking_can_be_said_afterwards(
    client: httpx.AsyncClient, database: Database, platform: str, pieces: dict[str, Any]
) -> None:
    editor = Designer(client, await things(database, platform))
    made = await editor.made(
        key="KEY",
        name="n",
        source=f"import-{platform.lower()}",
        allocationStrategy=pieces.get("allocationStrategy"),
    )
    for variant in pieces.get("variants", []):
        assert (await editor.variant("create", experiment=made["id"], **variant))["ok"]
    rest = {k: v for k, v in pieces.items() if k not in {"variants", "allocationStrategy"}}
    said = await editor.update(id=made["id"], **filled(rest, editor.ids))
    assert said["errors"] == []
    if platform == "ABSMARTLY":
        assert (await act(editor, "markReady", made["id"]))["ok"]
    assert (await act(editor, "start", made["id"]))["errors"] == []
