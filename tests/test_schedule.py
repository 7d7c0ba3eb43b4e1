"""Transitions that are planned: made when they are due, once, in the name of who planned them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

import models as m
from models.database import Database
from resolvers.schedule import run_due
from tests.making import add, ask, everything, experiment, id_of

SCHEDULE = """mutation($input: ScheduleTransitionInput!) { scheduleTransition(input: $input) {
  ok errors { __typename message path ... on ValidationFailed { fields { path rule } } }
  scheduledAction { id action at origin state note reason arguments actor }
  experiment { status version schedule { state } }
  event { action after } } }"""
CANCEL = """mutation($input: CancelScheduledTransitionInput!) {
  cancelScheduledTransition(input: $input) { ok errors { __typename message path
  ... on ValidationFailed { fields { path rule } } }
  scheduledAction { state } experiment { status } event { action } } }"""
PLANNED = """query($id: ID!) { experiment(id: $id) { phase status version startedAt
  schedule { action state failure executedAt } events { nodes { action actor } }
  notes { nodes { action note } } } }"""

SOON = "2126-01-01T00:00:00Z"
AFTERWARDS = datetime(2126, 1, 1, 0, 0, 1, tzinfo=UTC)


def later() -> datetime:
    return AFTERWARDS


async def planned(client: httpx.AsyncClient, row: m.Experiment, **given: Any) -> Any:
    wanted = {"id": id_of(row), "action": "START", "at": SOON, **given}
    return await ask(client, SCHEDULE, input=wanted)


async def test_a_planned_start_shows_at_once_and_is_made_when_it_is_due(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database)
    plan = await planned(client, row, note="as agreed")

    assert plan["ok"] is True
    assert plan["experiment"] == {
        "status": "SCHEDULED",
        "version": 2,
        "schedule": [{"state": "PENDING"}],
    }
    assert plan["event"]["action"] == "SCHEDULE"
    assert await run_due(database, lambda: AFTERWARDS - timedelta(seconds=2)) == 0
    assert await run_due(database, later) == 1
    assert await run_due(database, later) == 0
    found = await ask(client, PLANNED, id=id_of(row))

    assert found == {
        "phase": "RUNNING",
        "status": "RUNNING",
        "version": 4,
        "startedAt": "2126-01-01T00:00:01.000Z",
        "schedule": [
            {
                "action": "START",
                "state": "DONE",
                "failure": None,
                "executedAt": "2126-01-01T00:00:01.000Z",
            }
        ],
        "events": {
            "nodes": [
                {"action": "SCHEDULE", "actor": "the bootstrap key"},
                {"action": "START", "actor": "the bootstrap key"},
                {"action": "RUN", "actor": "the gateway"},
            ]
        },
        "notes": {"nodes": [{"action": "START", "note": "as agreed"}]},
    }


async def test_several_processes_make_it_once(
    client: httpx.AsyncClient, database: Database, database_url: str
) -> None:
    rows = [await experiment(database, key=f"key_{number}") for number in range(6)]
    for row in rows:
        await planned(client, row)
    others = [Database(database_url) for _ in range(4)]
    ran = await asyncio.gather(*(run_due(each, later) for each in others))
    for each in others:
        await each.dispose()
    async with database.read() as session:
        starts = select(m.Event).where(col(m.Event.action) == "START")
        started = [event.experiment_id for event in await session.scalars(starts)]

    assert sum(ran) == 6
    assert sorted(started, key=str) == [row.id for row in rows]


async def test_one_that_cannot_be_made_says_why_and_changes_nothing_else(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database, primary_metric_id=None)
    await planned(client, row)
    await run_due(database, later)
    found = await ask(client, PLANNED, id=id_of(row))

    assert found["phase"] == "DRAFT"
    assert found["status"] == "DRAFT"
    assert found["schedule"][0]["state"] == "FAILED"
    assert found["schedule"][0]["failure"] == "There is no primary metric."
    assert found["notes"]["nodes"] == []


@pytest.mark.parametrize("change", ["revoked_at", "expires_at"])
async def test_it_fails_when_the_key_that_planned_it_is_no_longer_good(
    client: httpx.AsyncClient, database: Database, change: str
) -> None:
    row = await experiment(database)
    await planned(client, row)
    key = m.ApiKey(name="release", prefix="tg_", digest="d", scopes=["admin"])
    setattr(key, change, AFTERWARDS)
    await add(database, key)
    async with database.write() as session:
        plan = await session.scalar(select(m.ScheduledAction))
        assert plan is not None
        plan.viewer = {**(plan.viewer or {}), "api_key_id": key.id, "name": "release"}
    await run_due(database, later)
    found = await ask(client, PLANNED, id=id_of(row))

    ended = "was revoked" if change == "revoked_at" else "has expired"
    assert found["phase"] == "DRAFT"
    assert found["schedule"][0]["failure"] == f"The API key 'release' {ended}."


async def test_a_cancelled_one_is_not_made(client: httpx.AsyncClient, database: Database) -> None:
    row = await experiment(database)
    plan = await planned(client, row)
    number = plan["scheduledAction"]["id"]
    answer = await ask(client, CANCEL, input={"id": number})

    assert answer == {
        "ok": True,
        "errors": [],
        "scheduledAction": {"state": "CANCELLED"},
        "experiment": {"status": "DRAFT"},
        "event": {"action": "CANCEL"},
    }
    assert await run_due(database, later) == 0
    before = await everything(database)
    again = await ask(client, CANCEL, input={"id": number})
    assert again["errors"][0]["fields"] == [{"path": ["id"], "rule": "pending"}]
    assert await everything(database) == before


async def test_what_the_platform_planned_is_only_cancelled_there(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database, m.Platform.ABSMARTLY, m.Phase.READY)
    plan = m.ScheduledAction(
        experiment_id=row.id, action=m.Action.START, origin=m.ScheduleOrigin.UPSTREAM
    )
    await add(database, plan)
    before = await everything(database)
    answer = await ask(client, CANCEL, input={"id": id_of(plan)})

    assert answer["errors"][0]["__typename"] == "UnsupportedByPlatform"
    assert await everything(database) == before


@pytest.mark.parametrize(
    ("platform", "given", "kind", "fields"),
    [
        ("LOCAL", {"at": "2020-01-01T00:00:00Z"}, "ValidationFailed", [("at", "future")]),
        (
            "LOCAL",
            {"action": "FULL_ON", "variantIndex": 7},
            "ValidationFailed",
            [("variantIndex", "variant_index")],
        ),
        ("ABSMARTLY", {"action": "STOP"}, "ValidationFailed", [("reason", "required")]),
        ("CHECKMANGO", {"action": "PAUSE"}, "UnsupportedByPlatform", None),
        ("LOCAL", {"expectedVersion": 9}, "StaleVersion", None),
    ],
)
async def test_what_could_never_be_made_is_not_planned(
    client: httpx.AsyncClient,
    database: Database,
    platform: str,
    given: dict[str, Any],
    kind: str,
    fields: list[tuple[str, str]] | None,
) -> None:
    row = await experiment(database, m.Platform(platform))
    before = await everything(database)
    answer = await planned(client, row, **given)
    [error] = answer["errors"]

    assert answer["ok"] is False
    assert error["__typename"] == kind
    if fields:
        assert [(*each["path"], each["rule"]) for each in error["fields"]] == fields
    assert await everything(database) == before
