"""PostHog, connected: what a sync brings, what mutations do there, what waits for approval."""

from pathlib import Path
from typing import Any

import pytest

import models as m
from connectors import delivery, http
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.making import ask, everything, id_of
from tests.platforms.posthog import PostHog
from tests.platforms.posthog.state import status_of
from tests.platforms.standin import Fault, fill

EXPERIMENTS = 12
"""One of each kind; that of the seventh kind is deleted."""

DELETED = 7
PHASES = {
    "draft": m.Phase.DRAFT,
    "running": m.Phase.RUNNING,
    "paused": m.Phase.PAUSED,
    "exposure_frozen": m.Phase.FROZEN,
    "stopped": m.Phase.STOPPED,
}


@pytest.fixture
def platform(posthog: PostHog, monkeypatch: pytest.MonkeyPatch) -> PostHog:
    """The stand-in, and clocks that do not keep a test waiting."""
    fill(posthog, experiments=EXPERIMENTS)
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    return posthog


@pytest.fixture
def older(platform: PostHog) -> PostHog:
    """A release that lags."""
    platform.newest = False
    for row in platform.experiments.values():
        row["exposure_cohort"] = None
        for group in row["feature_flag"]["filters"]["groups"]:
            group["properties"] = []
    return platform


def listed(platform: PostHog) -> list[str]:
    """The ids of what PostHog lists."""
    return [str(number) for number, row in platform.experiments.items() if not row["deleted"]]


async def in_step(here: Connected, number: int) -> None:
    """Whether the graph says of an experiment what PostHog says."""
    row, there = await here.row(number), here.standin.experiments[number]
    assert (row.phase, row.archived) == (PHASES[status_of(there)], there["archived"])
    assert (row.sync_state, row.sync_error) == (m.SyncState.SYNCED, None)
    assert (row.conclusion, row.outcome_comment) == (
        there["conclusion"],
        there["conclusion_comment"],
    )
    for ours, theirs in {"started_at": "start_date", "stopped_at": "end_date"}.items():
        at = getattr(row, ours)
        assert (at and f"{at:%FT%T.%f}"[:-3] + "Z") == there[theirs]


async def flag_shares(here: Connected, row: m.Experiment) -> list[float]:
    """What the graph knows of how the flag of an experiment splits people."""
    [flag] = [each for each in await here.rows(m.FeatureFlag) if each.id == row.feature_flag_id]
    return [each["rollout_percentage"] for each in flag.filters["multivariate"]["variants"]]


# --- Sync


async def test_a_sync_brings_everything_and_a_second_one_changes_nothing(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    platform.require_approval("feature_flag.enable")
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        found = {row.external_id: row for row in await here.rows(m.Experiment)}
        assert sorted(found) == sorted(listed(platform))
        for number in map(int, found):
            await in_step(here, number)
        assert [row.external_id for row in await here.rows(m.Holdout)] == ["1", "2", "3", "4"]
        assert [row.external_id for row in await here.rows(m.SavedMetric)] == ["1", "2", "3", "4"]
        assert len(await here.rows(m.ApprovalPolicy)) == 1
        before = await everything(database)

        await here.sync()
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {"source"}
        assert await leaks(here) == []


async def test_an_older_release_is_read_as_well(
    database: Database, older: PostHog, tmp_path: Path
) -> None:
    async with connected(database, older, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        found = [row.external_id for row in await here.rows(m.Experiment)]
        assert sorted(map(str, found)) == sorted(listed(older))
        for number in map(int, map(str, found)):
            await in_step(here, number)


async def test_pages_follow_each_other_and_archived_ones_come_after_the_others(
    database: Database, platform: PostHog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.posthog.project.LIMIT", 4)
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS - 1
        asked = [call.path for call in platform.calls if "/experiments/?" in call.path]
        assert len(asked) == 4
        assert ["archived=true" in path for path in asked] == [False, False, False, True]


async def test_what_disappears_is_marked_missing(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        platform.experiments[5]["deleted"] = True
        await here.sync()
        assert (await here.row(5)).sync_state is m.SyncState.MISSING
        platform.experiments[5]["deleted"] = False
        await here.sync()
        assert (await here.row(5)).sync_state is m.SyncState.SYNCED


async def test_a_sync_that_failed_goes_on_from_where_it_was(
    database: Database, platform: PostHog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.posthog.project.LIMIT", 4)
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        path = "limit=4&offset=8"
        platform.fail(Fault.FAILING, times=http.ATTEMPTS, path=path)
        payload = await here.sync(ok=False)
        [error] = payload["errors"]
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 500)
        assert payload["source"]["lastError"] == error["message"]
        assert len(await here.rows(m.Experiment)) == 8

        platform.clear()
        done = await here.sync()
        assert platform.calls[0].path.endswith(path)
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS - 1
        assert done["source"] == {"state": "CONNECTED", "lastError": None}
        assert await leaks(here) == []


@pytest.mark.parametrize(
    "fault", [Fault.WRONG_JSON, Fault.TRUNCATED, Fault.CUT_AFTER, Fault.RATE_LIMITED]
)
async def test_a_list_that_comes_broken_once_is_asked_for_again(
    database: Database, platform: PostHog, tmp_path: Path, fault: Fault
) -> None:
    fill(platform, experiments=1)
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        platform.fail(fault, path="/experiments/?")
        await here.sync()
        assert len(await here.rows(m.Experiment)) == 1


async def test_a_project_without_approvals_is_synced_all_the_same(
    database: Database, platform: PostHog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lets_in = platform.refusal

    def refusal(request: Any, path: str) -> Any:
        gated = "change_requests" in path or "approval_policies" in path
        return platform.problem(402, "Upgrade.") if gated else lets_in(request, path)

    monkeypatch.setattr(platform, "refusal", refusal)
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS - 1


async def test_the_graph_tells_what_an_experiment_is_linked_to(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    there = platform.experiments[9]
    query = """query($id: ID!) { experiment(id: $id) {
      key name externalId holdout { name exclusionPercentage } featureFlag { key active }
      savedMetrics { role metric { name } } variants { index key weight isControl }
    } }"""
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        found = await ask(here.client, query, id=id_of(await here.row(9)))
    flag = there["feature_flag"]
    assert (found["key"], found["name"]) == (flag["key"], there["name"])
    assert found["holdout"] == {"name": "Holdout 1", "exclusionPercentage": 5.0}
    assert found["featureFlag"] == {"key": flag["key"], "active": True}
    assert found["savedMetrics"] == [
        {"role": "SECONDARY", "metric": {"name": there["saved_metrics"][0]["name"]}}
    ]
    variants = flag["filters"]["multivariate"]["variants"]
    assert [(each["key"], each["weight"]) for each in found["variants"]] == [
        (each["key"], each["rollout_percentage"]) for each in variants
    ]
    assert [each["isControl"] for each in found["variants"]] == [
        each["key"] == "control" for each in variants
    ]


# --- Changes


async def test_every_action_happens_once_and_both_sides_agree(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    ended = {"conclusion": "won", "comment": "As hoped."}
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        for mutation, given, word in (
            ("startExperiment", {"note": "Go."}, "launch"),
            ("pauseExperiment", {}, "pause"),
            ("resumeExperiment", {}, "resume"),
            ("freezeExperiment", {}, "freeze_exposure"),
            ("unfreezeExperiment", {}, "unfreeze_exposure"),
            ("stopExperiment", ended, "end"),
            ("archiveExperiment", {}, "archive"),
            ("unarchiveExperiment", {}, "unarchive"),
            ("fullOnExperiment", {"variantIndex": 1}, "ship_variant"),
            ("resetExperiment", {}, "reset"),
        ):
            platform.clear()
            payload = await here.act(mutation, await here.row(1), **given)
            assert payload["errors"] == [], mutation
            assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", 1)
            assert here.changes == [("POST", f"/api/projects/1/experiments/1/{word}/")]
            assert here.applied == [word]
            await in_step(here, 1)


async def test_shipping_gives_one_variant_to_everybody(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        given = {"variantIndex": 1}
        payload = await here.act("fullOnExperiment", await here.row(2), **given)
        assert payload["errors"] == []
        await in_step(here, 2)
        row = await here.row(2)
        assert (row.full_on_variant, row.phase) == (1, m.Phase.STOPPED)
        variants = platform.experiments[2]["feature_flag"]["filters"]["multivariate"]["variants"]
        shares = [variant["rollout_percentage"] for variant in variants]
        assert shares == [100 if place == 1 else 0 for place in range(len(shares))]
        assert await flag_shares(here, row) == shares


async def test_what_is_deleted_can_be_restored_whoever_edited_it_meanwhile(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        for mutation, word in (("deleteExperiment", "delete"), ("restoreExperiment", "restore")):
            platform.experiments[2].update(version=platform.experiments[2]["version"] + 3)
            platform.clear()
            payload = await here.act(mutation, await here.row(2))
            assert payload["errors"] == []
            assert here.changes == [("PATCH", "/api/projects/1/experiments/2/")]
            assert "version" in platform.calls[-2].body or "version" in platform.calls[-1].body
            assert here.applied == [word]
            assert platform.experiments[2]["deleted"] is (word == "delete")
        await in_step(here, 2)
        assert (await here.row(2)).deleted_at is None


async def test_an_older_release_is_changed_as_well(
    database: Database, older: PostHog, tmp_path: Path
) -> None:
    async with connected(database, older, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        for mutation, number, method, word in (
            ("pauseExperiment", 2, "POST", "pause"),
            ("resumeExperiment", 2, "POST", "resume"),
            ("stopExperiment", 2, "POST", "end"),
            ("archiveExperiment", 2, "POST", "archive"),
            ("unarchiveExperiment", 2, "PATCH", "unarchive"),
        ):
            older.clear()
            payload = await here.act(mutation, await here.row(number))
            assert payload["errors"] == [], mutation
            assert here.applied == [word]
            assert here.changes[-1][0] == method
            await in_step(here, number)
        payload = await here.act("freezeExperiment", await here.row(10))
        assert [each["__typename"] for each in payload["errors"]] == ["UnsupportedByPlatform"]
        assert (await here.row(10)).phase is m.Phase.RUNNING
