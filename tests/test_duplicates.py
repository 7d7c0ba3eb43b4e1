"""Copies of experiments: the design is that of the original, everything else is new."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import decode
from tests.designs import GROUPS, Designer, details, full, things
from tests.making import LONG_AGO, add, everything, rows_of
from tests.nouns import wrong

PLATFORMS = ["LOCAL", "ABSMARTLY", "POSTHOG", "AUTH0", "CHECKMANGO"]
every_platform = pytest.mark.parametrize("platform", PLATFORMS)

ITS_OWN = {"id", "key", "name", "family", "seed", "trafficSeed", "variants", "details"}
"""What is not read of a copy as of the original."""

HISTORY: dict[str, Any] = {
    "phase": m.Phase.STOPPED,
    "native_state": "stopped",
    "external_id": "77",
    "url": "https://example.com/77",
    "extra": {"favorites": 3},
    "started_at": LONG_AGO,
    "first_started_at": LONG_AGO,
    "stopped_at": LONG_AGO,
    "last_seen_in_code_at": LONG_AGO,
    "full_on_at": LONG_AGO,
    "full_on_variant": 1,
    "conclusion": "won",
    "stop_reason": "testing",
    "winner_variant": 1,
    "archived": True,
    "archived_at": LONG_AGO,
    "version": 9,
}
NOT_DESIGNED: dict[str, dict[str, Any]] = {
    "LOCAL": {},
    "ABSMARTLY": {
        "feature_state": "on",
        "group_sequential_analyses": [{}],
        "recommended_action": {"recommendation": "stop"},
        "experiment_task_states": [1],
        "report_type": "full_on",
        "template_iteration": 2,
        "confidence_variant": 1,
    },
    "POSTHOG": {
        "exposure_cohort": 4,
        "user_access_level": "editor",
        "is_legacy": False,
        "platform_version": 3,
    },
    "AUTH0": {"is_valid": True, "feature_flag_snapshot": {"id": "x"}, "editable_fields": ["name"]},
    "CHECKMANGO": {"numeric_id": 5},
}
"""What a document holds of an experiment's history."""


async def past(editor: Designer, database: Database, platform: str) -> Any:
    """An experiment with a history."""
    made = await editor.made(**full(platform))
    number = decode(made["id"])[1]
    async with database.write() as session:
        row = await session.get_one(m.Experiment, number)
        place = {"team_id": 17} if platform == "CHECKMANGO" else {}
        document = {**(row.details or {}), **NOT_DESIGNED[platform], **place}
        for name, value in {**HISTORY, "details": document or None}.items():
            setattr(row, name, value)
    file = m.File(source_id=row.source_id, file_name="shot.png")
    await add(database, file)
    of: dict[str, Any] = {"experiment_id": number}
    await add(
        database,
        m.Screenshot(variant_index=1, file_id=file.id, label="Larger", **of),
        m.Result(variant_index=1, **of),
        m.Exposure(**of),
        m.SampleSize(**of),
        m.Alert(source_id=row.source_id, **of),
        m.Note(source_id=row.source_id, note="Old.", **of),
        m.CustomFieldValue(value="said", **of),
    )
    return await editor.read(made["id"])


@every_platform
async def test_a_copy_has_the_design_and_nothing_of_the_history(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = Designer(client, await things(database, platform))
    original = await past(editor, database, platform)
    payload = await editor.duplicate(id=original["id"], key="COPY", note="Once more.")
    copy = payload["experiment"]
    same = {*original} - ITS_OWN - {"phase", "status", "nativeState", "version", "featureFlag"}

    assert (payload["ok"], payload["errors"]) == (True, [])
    assert {name: copy[name] for name in same} == {name: original[name] for name in same}
    assert (copy["key"], copy["name"]) == ("COPY", f"{original['name']} (copy)")
    assert (copy["phase"], copy["status"], copy["version"]) == ("DRAFT", "DRAFT", 1)
    assert copy["iteration"] == 1
    assert copy["family"]["key"] == "COPY"
    seeds = {row[name] for row in (original, copy) for name in ("seed", "trafficSeed")}
    assert len(seeds) == 4
    flag = None if platform == "POSTHOG" else original["featureFlag"]
    assert copy["featureFlag"] == flag
    assert [{**each, "id": None} for each in copy["variants"]] == [
        {**each, "id": None} for each in original["variants"]
    ]
    assert payload["experimentNote"] == {"action": "CREATE", "note": "Once more."}
    assert await editor.read(original["id"]) == original

    rows = await rows_of(database, m.Experiment)
    made, was = rows[decode(copy["id"])[1]], rows[decode(original["id"])[1]]
    for name in {*HISTORY} - {"phase", "native_state", "version", "archived"}:
        assert (made[name], was[name]) == (None, HISTORY[name]), name
    assert made["archived"] is False
    place = {"teamId": 17} if platform == "CHECKMANGO" else {}
    if platform != "LOCAL":
        assert copy["details"].items() >= {**details(GROUPS[platform]), **place}.items()
        assert not {*NOT_DESIGNED[platform]} & {*made["details"]}


@every_platform
async def test_a_copy_takes_its_own_parts_along(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor = Designer(client, await things(database, platform))
    original = await past(editor, database, platform)
    copy = (await editor.duplicate(id=original["id"], key="COPY"))["experiment"]
    number = decode(copy["id"])[1]

    async def parts(model: Any) -> int:
        rows = await rows_of(database, model)
        return [row["experiment_id"] for row in rows.values()].count(number)

    kept = (m.Screenshot, m.CustomFieldValue, m.Note)
    left = (m.Result, m.Exposure, m.SampleSize, m.Alert)
    assert [await parts(model) for model in (*kept, *left)] == [1, 1, 1, 0, 0, 0, 0]


async def test_the_event_of_a_copy_tells_everything(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Designer(client, await things(database, "AUTH0"))
    original = await editor.create(**full("AUTH0"))
    payload = await editor.duplicate(id=original["experiment"]["id"], key="COPY", name="Copy")
    event, first = payload["event"], original["event"]
    own = {"key", "name", "family", "seed", "trafficSeed", "variants", "createdAt"}

    assert (event["action"], event["subjectId"]) == ("CREATE", payload["experiment"]["id"])
    assert {k: v for k, v in event["after"].items() if k not in own} == {
        k: v for k, v in first["after"].items() if k not in own
    }
    assert (event["after"]["key"], event["after"]["name"]) == ("COPY", "Copy")
    assert [{**each, "id": 0} for each in event["after"]["variants"]] == [
        {**each, "id": 0} for each in first["after"]["variants"]
    ]


async def test_what_is_said_of_a_copy_is_checked(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Designer(client, {})
    made = await editor.made(key="k", name="n" * 400)
    before = await everything(database)
    payload = await editor.duplicate(
        id=made["id"], key=" ", name="n" * 401, note="x" * 10_001, expectedVersion=1
    )
    stale = await editor.duplicate(id=made["id"], key="c", expectedVersion=2)
    nowhere = await editor.duplicate(id="RXhwZXJpbWVudDo5OTk", key="c")
    dry = await editor.duplicate(id=made["id"], key="c", dryRun=True)

    assert wrong(payload) == [
        ("key", "required"),
        ("name", "max_length"),
        ("note", "max_length"),
    ]
    assert payload["experiment"] == made
    assert [each["__typename"] for each in stale["errors"]] == ["StaleVersion"]
    assert nowhere["errors"] == [{"__typename": "NotFound", "path": ["id"]}]
    assert (dry["ok"], dry["event"]) == (True, None)
    assert await everything(database) == before
    copy = (await editor.duplicate(id=made["id"], key="c"))["experiment"]
    assert copy["name"] == f"{'n' * 393} (copy)"
    once = await editor.duplicate(id=made["id"], key="d", idempotencyKey="k")
    twice = await editor.duplicate(id=made["id"], key="d", idempotencyKey="k")
    assert twice == {**once, "replayed": True}
