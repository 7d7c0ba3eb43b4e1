"""Auth0, connected: what it refuses, and what goes wrong on the way. Nothing happens twice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import models as m
from connectors import delivery
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.platforms.auth0 import Auth0
from tests.platforms.faults import SECRETS
from tests.platforms.standin import Fault, Row, fill


@pytest.fixture
def platform(auth0: Auth0, monkeypatch: pytest.MonkeyPatch) -> Auth0:
    """The stand-in with drafts that may be activated, and clocks that keep no test waiting."""
    fill(auth0, experiments=10)
    for row in auth0.experiments.values():
        row.update(status="draft", started_at=None, ended_at=None, levels=None, current_level=None)
        row["is_valid"] = True
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    return auth0


def drafts(platform: Auth0, strategy: str = "percentage") -> list[str]:
    """The ids of experiments of a strategy."""
    return [
        key for key, row in platform.experiments.items() if row["allocation_strategy"] == strategy
    ]


async def refused(here: Connected, identity: str, mutation: str, **given: Any) -> Row:
    """The one reason of a mutation that Auth0 refuses; nothing of it is left."""
    payload = await here.act(mutation, await here.row(identity), **given)
    assert payload["ok"] is False
    error: Row
    [error] = payload["errors"]
    assert payload["event"]["delivery"]["state"] == "REFUSED"
    after = await here.row(identity)
    assert (after.sync_state, after.sync_error) == (m.SyncState.FAILED, error["message"])
    assert await leaks(here) == []
    return error


async def test_an_activation_that_is_refused_says_everything_that_is_missing(
    database: Database, platform: Auth0, tmp_path: Path
) -> None:
    one, *_ = drafts(platform)
    async with connected(database, platform, m.Platform.AUTH0, tmp_path) as here:
        await here.sync()
        there = platform.experiments[one]
        platform.feature_flags[there["feature_flag_id"]]["status"] = "draft"
        there["allocations"][0]["weight"] = 1
        there["allocations"][1]["is_control"] = True
        error = await refused(here, one, "startExperiment")
        assert error["__typename"] == "NotReady"
        assert error["blockers"] == [
            {"code": "feature_flag_not_active", "path": ["featureFlag"]},
            {"code": "experiment_missing_control", "path": ["allocations"]},
            {"code": "experiment_invalid_allocation_weights", "path": ["allocations"]},
        ]
        row = await here.row(one)
        assert (row.phase, row.started_at, row.native_state) == (m.Phase.DRAFT, None, "draft")


async def test_another_active_experiment_that_the_graph_does_not_know_is_in_the_way(
    database: Database, platform: Auth0, tmp_path: Path
) -> None:
    one, other, *_ = drafts(platform)
    async with connected(database, platform, m.Platform.AUTH0, tmp_path) as here:
        await here.sync()
        flow = platform.experiments[one]["authentication_flow"]
        platform.experiments[other].update(status="active", authentication_flow=flow)
        error = await refused(here, one, "startExperiment")
        assert error["blockers"] == [{"code": "experiment_active_limit_exceeded", "path": ["id"]}]


async def test_every_refusal_is_typed_and_the_graph_says_what_auth0_says(
    database: Database, platform: Auth0, tmp_path: Path
) -> None:
    one, two, three, *_ = drafts(platform)
    platform.experiments[one].update(status="active", levels=[10, 50, 100], current_level=10)
    async with connected(database, platform, m.Platform.AUTH0, tmp_path) as here:
        await here.sync()

        platform.experiments[one]["current_level"] = 100
        error = await refused(here, one, "advanceExperimentRamp", level=50)
        assert [field["rule"] for field in error["fields"]] == ["next_level"]
        assert (await here.row(one)).ramp_current_level == 100

        platform.experiments[one].update(status="completed", ended_at="2026-02-01T10:00:00.000Z")
        error = await refused(here, one, "pauseExperiment")
        assert (error["__typename"], error["from"]) == ("InvalidTransition", "STOPPED")
        assert error["allowed"] == ["ARCHIVE", "DELETE"]
        assert (await here.row(one)).phase is m.Phase.STOPPED

        del platform.experiments[two]
        error = await refused(here, two, "startExperiment")
        assert error["__typename"] == "NotFound"
        assert (await here.row(two)).phase is m.Phase.DRAFT

        platform.may_write = False
        error = await refused(here, three, "startExperiment")
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 403)
        platform.may_write, platform.entitled = True, False
        error = await refused(here, three, "startExperiment")
        assert error["__typename"] == "SubscriptionRequired"
        platform.entitled = True
        platform.fail(Fault.EXPIRED, method="PATCH")
        error = await refused(here, three, "startExperiment")
        assert (error["status"], error["retryable"]) == (401, False)
        assert platform.applied == []


@dataclass(frozen=True)
class Expected:
    """What a fault leads to: how many calls, in how many tries."""

    calls: int
    attempts: int
    seconds: float = 0.0


ONCE, AGAIN = Expected(1, 1), Expected(2, 2)
FAULTS: dict[Fault, Expected] = {
    Fault.SLOW: Expected(1, 1, 0.5),
    Fault.CUT_AFTER: ONCE,
    Fault.TRUNCATED: ONCE,
    Fault.CUT_BEFORE: AGAIN,
    Fault.FAILING: AGAIN,
    Fault.BAD_GATEWAY: AGAIN,
    Fault.WRONG_JSON: AGAIN,
    Fault.RATE_LIMITED: Expected(2, 2, 0.5),
}


async def test_whatever_goes_wrong_a_change_happens_once(
    database: Database, platform: Auth0, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, *_ = drafts(platform)
    steps = ("startExperiment", "pauseExperiment", "resumeExperiment", "pauseExperiment")
    words = ("active", "paused", "active", "paused")
    async with connected(database, platform, m.Platform.AUTH0, tmp_path) as here:
        await here.sync()
        for place, (fault, expected) in enumerate(FAULTS.items()):
            mutation = steps[place] if place < len(steps) else steps[2 + place % 2]
            platform.clear()
            platform.fail(fault, method="PATCH", seconds=expected.seconds)
            payload = await here.act(mutation, await here.row(one))
            assert payload["errors"] == [], fault
            assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}, fault
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", expected.attempts), fault
            path = f"/api/v2/experimentation/experiments/{one}"
            assert here.changes == [("PATCH", path)] * expected.calls, fault
            assert here.applied == [words[place % 2 if place > 1 else place]], fault
            if fault is Fault.RATE_LIMITED:
                first, second = (call for call in platform.calls if call.method == "PATCH")
                assert (second.moment - first.moment).total_seconds() >= expected.seconds
        said = capsys.readouterr()
        assert [secret for secret in SECRETS if secret in said.out + said.err] == []
        assert await leaks(here) == []


async def test_an_advance_that_nobody_answered_is_done_once(
    database: Database, platform: Auth0, tmp_path: Path
) -> None:
    one, *_ = drafts(platform)
    there = platform.experiments[one]
    there.update(status="active", levels=[10, 50, 100], current_level=10)
    async with connected(database, platform, m.Platform.AUTH0, tmp_path) as here:
        await here.sync()
        for fault, level in ((Fault.CUT_AFTER, 50), (Fault.CUT_BEFORE, 100)):
            platform.clear()
            platform.fail(fault, method="POST", path="advance-ramp")
            payload = await here.act("advanceExperimentRamp", await here.row(one), level=level)
            assert payload["errors"] == []
            assert here.applied == ["advance-ramp"]
            assert there["current_level"] == level


async def test_who_does_not_wait_that_long_is_told_that_it_is_under_way(
    database: Database, platform: Auth0, tmp_path: Path
) -> None:
    one, *_ = drafts(platform)
    slow = {"delivery_seconds": 0.2}
    async with connected(database, platform, m.Platform.AUTH0, tmp_path, **slow) as here:
        await here.sync()
        platform.fail(Fault.SLOW, method="PATCH", seconds=1.0)
        payload = await here.act("startExperiment", await here.row(one))
        assert payload["ok"] is True
        assert payload["experiment"]["sync"]["state"] == "PENDING"
        assert (await here.settled(one)).sync_state is m.SyncState.SYNCED
        assert here.applied == ["active"]
