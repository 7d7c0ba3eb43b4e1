"""Auth0, connected: what a sync brings and what mutations do there, in both generations."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import models as m
from connectors import delivery, http
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.making import ask, everything, id_of
from tests.platforms.auth0 import Auth0
from tests.platforms.standin import Fault, Row, fill

EXPERIMENTS = 12
BASE = "/api/v2/experimentation"
PHASES = {
    "draft": m.Phase.DRAFT,
    "active": m.Phase.RUNNING,
    "paused": m.Phase.PAUSED,
    "completed": m.Phase.STOPPED,
    "archived": m.Phase.STOPPED,
}


@pytest.fixture(params=["auth0", "auth0_first"])
def platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Auth0:
    """The stand-in of either generation, and clocks that do not keep a test waiting."""
    standin: Auth0 = request.getfixturevalue(request.param)
    return prepared(standin, monkeypatch)


@pytest.fixture
def newer(auth0: Auth0, monkeypatch: pytest.MonkeyPatch) -> Auth0:
    """The stand-in of the second generation."""
    return prepared(auth0, monkeypatch)


def prepared(standin: Auth0, monkeypatch: pytest.MonkeyPatch) -> Auth0:
    fill(standin, experiments=EXPERIMENTS)
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    return standin


@asynccontextmanager
async def tenant(
    database: Database, standin: Auth0, folder: Path, **settings: Any
) -> AsyncIterator[Connected]:
    """A gateway before the tenant, with a machine's credentials."""
    async with connected(database, standin, m.Platform.AUTH0, folder, **settings) as here:
        machine = {
            "client_id": standin.client_id,
            "client_secret": standin.client_secret,
            "token_url": standin.token_url,
            "audience": standin.url,
        }
        here.secrets.write_text(json.dumps({here.name: machine}))
        yield here


async def in_step(here: Connected, identity: str) -> None:
    """Whether the graph says of an experiment what Auth0 says."""
    row, there = await here.row(identity), here.standin.experiments[identity]
    archived = there["status"] == "archived"
    assert (row.phase, row.archived) == (PHASES[there["status"]], archived)
    assert (row.native_state, row.sync_state) == (there["status"], m.SyncState.SYNCED)
    for ours, theirs in {"started_at": "started_at", "stopped_at": "ended_at"}.items():
        at = getattr(row, ours)
        assert (at and f"{at:%FT%T.%f}"[:-3] + "Z") == there[theirs]


def quiet(standin: Auth0) -> None:
    """Let nothing run, so that something may."""
    for row in standin.experiments.values():
        if row["status"] == "active":
            row["status"] = "paused"


def startable(standin: Auth0) -> Row:
    """A draft that may be activated, with a ramp where there are ramps."""
    quiet(standin)
    row = next(
        row
        for row in standin.experiments.values()
        if row["status"] == "draft"
        and standin.feature_flags[row["feature_flag_id"]]["status"] == "active"
    )
    row["levels"] = [10, 50, 100] if standin.newer else None
    return row


# --- Sync


async def test_a_sync_brings_everything_and_a_second_one_changes_nothing(
    database: Database, platform: Auth0, tmp_path: Path
) -> None:
    async with tenant(database, platform, tmp_path) as here:
        await here.sync()
        for model, table in (
            (m.Experiment, platform.experiments),
            (m.FeatureFlag, platform.feature_flags),
            (m.Segment, platform.segments),
        ):
            ids = [row.external_id for row in await here.rows(model)]
            assert sorted(ids) == sorted(table), model
        for identity in platform.experiments:
            await in_step(here, identity)
        before = await everything(database)

        await here.sync()
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {"source"}
        assert await leaks(here) == []


async def test_pages_follow_each_other_and_archived_ones_come_after_the_others(
    database: Database, newer: Auth0, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.auth0.tenant.TAKE", 4)
    async with tenant(database, newer, tmp_path) as here:
        await here.sync()
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS
        asked = [call.path for call in newer.calls if f"{BASE}/experiments?" in call.path]
        archived = ["status=archived" in path for path in asked]
        assert archived == sorted(archived)
        assert archived.count(True) == 1
        assert archived.count(False) == 3


async def test_variations_are_asked_for_once_for_each_flag(
    database: Database, newer: Auth0, tmp_path: Path
) -> None:
    async with tenant(database, newer, tmp_path) as here:
        await here.sync()
    asked = [call.path for call in newer.calls if call.path.endswith("/variations")]
    wanted = [f"{BASE}/feature-flags/{flag}/variations" for flag in newer.feature_flags]
    assert sorted(set(asked)) == sorted(wanted)
    archived = [flag for flag in newer.feature_flags.values() if flag["status"] == "archived"]
    assert len(asked) == len(wanted) + len(archived)


async def test_what_disappears_is_marked_missing(
    database: Database, newer: Auth0, tmp_path: Path
) -> None:
    async with tenant(database, newer, tmp_path) as here:
        await here.sync()
        gone = next(iter(newer.experiments))
        del newer.experiments[gone]
        await here.sync()
        assert (await here.row(gone)).sync_state is m.SyncState.MISSING
        states = [row.sync_state for row in await here.rows(m.Experiment)]
        assert states.count(m.SyncState.SYNCED) == EXPERIMENTS - 1


async def test_a_sync_that_failed_goes_on_from_where_it_was(
    database: Database, newer: Auth0, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.auth0.tenant.TAKE", 4)
    async with tenant(database, newer, tmp_path) as here:
        newer.fail(Fault.BAD_GATEWAY, times=http.ATTEMPTS, path="status=archived&take=4")
        newer.fail(Fault.FAILING, times=http.ATTEMPTS, path="experiments?take=4&from=")
        payload = await here.sync(ok=False)
        [error] = payload["errors"]
        assert (error["__typename"], error["retryable"]) == ("UpstreamFailed", True)

        newer.clear()
        done = await here.sync()
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS
        assert done["source"] == {"state": "CONNECTED", "lastError": None}
        assert await leaks(here) == []


async def test_the_graph_tells_who_gets_which_variation(
    database: Database, newer: Auth0, tmp_path: Path
) -> None:
    there = next(
        row for row in newer.experiments.values() if row["allocation_strategy"] == "segment"
    )
    query = """query($id: ID!) { experiment(id: $id) {
      key name allocationStrategy featureFlag { name active }
      allocations { weight priority isControl isFallback variant { name } segment { name } }
      ramp { levels currentLevel }
    } }"""
    async with tenant(database, newer, tmp_path) as here:
        await here.sync()
        found = await ask(here.client, query, id=id_of(await here.row(there["id"])))
    assert (found["key"], found["name"]) == (there["name"], there["name"])
    assert found["allocationStrategy"] == "SEGMENT"
    flag = newer.feature_flags[there["feature_flag_id"]]
    assert found["featureFlag"] == {"name": flag["name"], "active": flag["status"] == "active"}
    wanted = [
        {
            "weight": None,
            "priority": each.get("priority"),
            "isControl": each["is_control"],
            "isFallback": each["is_fallback"],
            "variant": {"name": newer.variations[each["variation_id"]]["name"]},
            "segment": (segment := newer.segments.get(each.get("segment_id") or ""))
            and {"name": segment["name"]},
        }
        for each in there["allocations"]
    ]
    assert found["allocations"] == wanted


# --- Changes

STEPS: tuple[tuple[str, Row, str], ...] = (
    ("startExperiment", {"note": "Go."}, "active"),
    ("pauseExperiment", {}, "paused"),
    ("resumeExperiment", {}, "active"),
    ("stopExperiment", {}, "completed"),
    ("archiveExperiment", {}, "archived"),
)


async def test_every_action_happens_once_and_both_sides_agree(
    database: Database, platform: Auth0, tmp_path: Path
) -> None:
    identity = startable(platform)["id"]
    path = f"{BASE}/experiments/{identity}"
    call = ("PATCH", path) if platform.newer else ("POST", f"{path}/status")
    async with tenant(database, platform, tmp_path) as here:
        await here.sync()
        for mutation, given, status in STEPS:
            platform.clear()
            payload = await here.act(mutation, await here.row(identity), **given)
            assert payload["errors"] == [], mutation
            assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", 1)
            assert here.changes == [call]
            assert here.applied == [status]
            await in_step(here, identity)


async def test_a_ramp_is_climbed_level_by_level(
    database: Database, newer: Auth0, tmp_path: Path
) -> None:
    there = startable(newer)
    async with tenant(database, newer, tmp_path) as here:
        await here.sync()
        await here.act("startExperiment", await here.row(there["id"]))
        for level in (50, 100):
            newer.clear()
            row = await here.row(there["id"])
            payload = await here.act("advanceExperimentRamp", row, level=level)
            assert payload["errors"] == []
            assert here.changes == [("POST", f"{BASE}/experiments/{there['id']}/advance-ramp")]
            assert here.applied == ["advance-ramp"]
            assert (await here.row(there["id"])).ramp_current_level == there["current_level"]
            assert there["current_level"] == level


async def test_a_deletion_is_for_good(database: Database, platform: Auth0, tmp_path: Path) -> None:
    identity = startable(platform)["id"]
    async with tenant(database, platform, tmp_path) as here:
        await here.sync()
        platform.clear()
        platform.fail(Fault.CUT_AFTER, method="DELETE")
        payload = await here.act("deleteExperiment", await here.row(identity))
        assert payload["errors"] == []
        assert here.applied == ["delete"]
        assert identity not in platform.experiments
        row = await here.row(identity)
        assert (row.sync_state, row.deleted_at is None) == (m.SyncState.SYNCED, False)
        await here.sync()
        assert (await here.row(identity)).sync_state is m.SyncState.SYNCED


async def test_the_token_is_bought_once_and_another_one_when_it_expires(
    database: Database, newer: Auth0, tmp_path: Path
) -> None:
    there = startable(newer)
    async with tenant(database, newer, tmp_path) as here:
        await here.sync()
        assert newer.tokens == 2
        newer.expire_token()
        payload = await here.act("startExperiment", await here.row(there["id"]))
        assert payload["errors"] == []
        assert payload["event"]["delivery"]["attempts"] == 1
        assert newer.tokens == 3
        assert here.applied == ["active"]
        assert await leaks(here) == []
        assert newer.client_secret not in str(await everything(database))


async def test_a_token_server_that_fails_is_asked_again_and_nothing_happens_twice(
    database: Database, newer: Auth0, tmp_path: Path
) -> None:
    there = startable(newer)
    async with tenant(database, newer, tmp_path) as here:
        newer.fail(Fault.BAD_GATEWAY, path="/oauth/token")
        await here.sync()
        newer.expire_token()
        newer.fail(Fault.FAILING, path="/oauth/token")
        payload = await here.act("startExperiment", await here.row(there["id"]))
        assert payload["errors"] == []
        assert payload["event"]["delivery"]["attempts"] == 2
        assert here.applied == ["active"]
        assert await leaks(here) == []


async def test_a_machine_that_is_not_known_any_more_is_no_fault_of_the_caller(
    database: Database, newer: Auth0, tmp_path: Path
) -> None:
    there = startable(newer)
    async with tenant(database, newer, tmp_path) as here:
        await here.sync()
        newer.expire_token()
        newer.client_secret = "another-secret"  # noqa: S105  a stand-in's
        payload = await here.act("startExperiment", await here.row(there["id"]))
        [error] = payload["errors"]
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 401)
        payload = await here.sync(ok=False)
        assert [error["status"] for error in payload["errors"]] == [401]


@pytest.mark.parametrize("fault", [Fault.WRONG_JSON, Fault.TRUNCATED, Fault.RATE_LIMITED])
async def test_a_list_that_comes_broken_once_is_asked_for_again(
    database: Database, newer: Auth0, tmp_path: Path, fault: Fault
) -> None:
    fill(newer, experiments=1)
    async with tenant(database, newer, tmp_path) as here:
        newer.fail(fault, path=f"{BASE}/experiments?")
        await here.sync()
        assert len(await here.rows(m.Experiment)) == 1
