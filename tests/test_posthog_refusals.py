"""PostHog, connected: what it refuses, and what goes wrong on the way. Nothing happens twice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import models as m
from connectors import delivery, http
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.platforms.faults import SECRETS
from tests.platforms.posthog import PostHog
from tests.platforms.standin import Fault, Row, fill


@pytest.fixture
def platform(posthog: PostHog, monkeypatch: pytest.MonkeyPatch) -> PostHog:
    """The stand-in with nothing but drafts, and clocks that do not keep a test waiting."""
    fill(posthog, experiments=10)
    for row in posthog.experiments.values():
        row.update(start_date=None, end_date=None, archived=False, deleted=False, is_legacy=False)
        row.update(conclusion=None, conclusion_comment=None, holdout=None, holdout_id=None)
        row["exposure_cohort"] = None
        flag = row["feature_flag"]
        flag["active"], flag["filters"]["groups"][0]["properties"] = False, []
        shares = {"control": 50, "test": 50}
        flag["filters"]["multivariate"]["variants"] = [
            {"key": key, "name": key, "rollout_percentage": share} for key, share in shares.items()
        ]
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    return posthog


def running(platform: PostHog, number: int) -> Row:
    """An experiment that somebody has launched on PostHog itself."""
    row = platform.experiments[number]
    row["start_date"] = "2026-02-01T10:00:00.000Z"
    platform.write_flag(row["feature_flag"], {"active": True})
    platform.touch(row)
    return row


# --- Refusals


async def refused(here: Connected, number: int, mutation: str, **given: Any) -> Row:
    """The one reason of a mutation that PostHog refuses; nothing of it is left."""
    payload = await here.act(mutation, await here.row(number), **given)
    assert payload["ok"] is False
    error: Row
    [error] = payload["errors"]
    told = payload["event"]["delivery"]
    assert told["state"] == "REFUSED"
    assert told["errors"] == [{"__typename": error["__typename"]}]
    after = await here.row(number)
    assert (after.sync_state, after.sync_error) == (m.SyncState.FAILED, error["message"])
    assert await leaks(here) == []
    return error


async def test_every_refusal_is_typed_and_the_graph_says_what_posthog_says(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()

        running(platform, 1)
        error = await refused(here, 1, "startExperiment")
        assert (error["__typename"], error["from"]) == ("InvalidTransition", "RUNNING")
        assert error["allowed"] == ["PAUSE", "FREEZE", "STOP", "FULL_ON", "RESET", "DELETE"]
        assert (await here.row(1)).phase is m.Phase.RUNNING

        variants = platform.experiments[2]["feature_flag"]["filters"]["multivariate"]["variants"]
        variants[0]["rollout_percentage"] = 40
        error = await refused(here, 2, "startExperiment")
        assert error["__typename"] == "NotReady"
        assert error["blockers"] == [{"code": "invalid_split", "path": ["percentages"]}]
        row = await here.row(2)
        assert (row.phase, row.started_at, row.first_started_at) == (m.Phase.DRAFT, None, None)

        platform.experiments[3]["feature_flag"]["deleted"] = True
        error = await refused(here, 3, "startExperiment")
        assert error["blockers"] == [{"code": "feature_flag_deleted", "path": ["featureFlag"]}]

        del platform.experiments[4]
        error = await refused(here, 4, "startExperiment")
        assert error["__typename"] == "NotFound"
        assert (await here.row(4)).phase is m.Phase.DRAFT

        running(platform, 5)
        await here.sync()
        platform.experiments[5].update(holdout=platform.holdouts[1], holdout_id=1)
        error = await refused(here, 5, "freezeExperiment")
        assert error["blockers"] == [{"code": "has_holdout", "path": ["holdout"]}]
        assert (await here.row(5)).phase is m.Phase.RUNNING

        await here.sync()  # by now it is known here, and the platform is not asked
        platform.clear()
        payload = await here.act("freezeExperiment", await here.row(5))
        assert payload["errors"][0]["blockers"] == error["blockers"]
        assert here.changes == []

        await here.act("deleteExperiment", await here.row(6))
        platform.experiments[6]["feature_flag"]["deleted"] = True
        error = await refused(here, 6, "restoreExperiment")
        assert error["blockers"] == [{"code": "feature_flag_deleted", "path": ["featureFlag"]}]
        assert (await here.row(6)).deleted_at is not None


async def test_a_key_that_is_not_good_is_no_fault_of_the_caller(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        platform.may_write = False
        error = await refused(here, 1, "startExperiment")
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 403)
        platform.may_write = True
        platform.fail(Fault.EXPIRED, method="POST")
        error = await refused(here, 1, "startExperiment")
        assert (error["status"], error["retryable"]) == (401, False)
        assert (await here.row(1)).phase is m.Phase.DRAFT

        platform.expire_token()
        platform.token += "-of-tomorrow"
        here.use_token(platform.token)
        payload = await here.act("startExperiment", await here.row(1))
        assert payload["errors"] == []
        assert here.applied == ["launch"]


# --- Faults


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
    Fault.RATE_LIMITED: Expected(2, 2, 1.0),
}
ACTIONS: dict[str, tuple[str, str, str, Row]] = {
    "start": ("startExperiment", "launch", "RUNNING", {}),
    "ship": ("fullOnExperiment", "ship_variant", "STOPPED", {"variantIndex": 1}),
}


@pytest.mark.parametrize("action", ["start", "ship"])
async def test_whatever_goes_wrong_a_change_happens_once(
    database: Database,
    platform: PostHog,
    tmp_path: Path,
    action: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mutation, word, phase, given = ACTIONS[action]
    if action == "ship":
        for number in platform.experiments:
            running(platform, number)
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        for number, (fault, expected) in enumerate(FAULTS.items(), 1):
            platform.clear()
            platform.fail(fault, method="POST", seconds=expected.seconds)
            payload = await here.act(mutation, await here.row(number), **given)
            assert payload["errors"] == [], fault
            assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}, fault
            assert payload["experiment"]["phase"] == phase, fault
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", expected.attempts), fault
            path = f"/api/projects/1/experiments/{number}/{word}/"
            assert here.changes == [("POST", path)] * expected.calls, fault
            assert here.applied == [word], fault
            if fault is Fault.RATE_LIMITED:
                first, second = (call for call in platform.calls if call.method == "POST")
                assert (second.moment - first.moment).total_seconds() >= expected.seconds
        said = capsys.readouterr()
        assert [secret for secret in SECRETS if secret in said.out + said.err] == []
        assert await leaks(here) == []


async def test_what_nobody_could_be_asked_of_is_asked_before_anything_is_repeated(
    database: Database, platform: PostHog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        platform.fail(Fault.CUT_AFTER, method="POST")
        platform.fail(Fault.CUT_BEFORE, method="GET", path="/experiments/1/", times=2)
        payload = await here.act("startExperiment", await here.row(1))
        assert payload["errors"] == []
        assert payload["event"]["delivery"]["attempts"] == 2
        assert here.applied == ["launch"]
        assert len(here.changes) == 1


async def test_half_a_shipping_is_finished(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    there = running(platform, 1)
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        shipped = [
            {"key": "control", "name": "control", "rollout_percentage": 0},
            {"key": "test", "name": "test", "rollout_percentage": 100},
        ]
        there["feature_flag"]["filters"]["multivariate"]["variants"] = shipped
        platform.fail(Fault.CUT_BEFORE, method="POST", path="ship_variant")
        payload = await here.act("fullOnExperiment", await here.row(1), variantIndex=1)
        assert payload["errors"] == []
        assert here.applied == ["ship_variant"]
        assert there["end_date"] is not None
        row = await here.row(1)
        assert (row.phase, row.full_on_variant) == (m.Phase.STOPPED, 1)


async def test_who_does_not_wait_that_long_is_told_that_it_is_under_way(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    slow = {"delivery_seconds": 0.2}
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path, **slow) as here:
        await here.sync()
        platform.fail(Fault.SLOW, method="POST", seconds=1.0)
        payload = await here.act("startExperiment", await here.row(1))
        assert payload["ok"] is True
        assert payload["experiment"]["sync"]["state"] == "PENDING"
        assert payload["experiment"]["phase"] == "RUNNING"
        assert (await here.settled(1)).sync_state is m.SyncState.SYNCED
        assert here.applied == ["launch"]
