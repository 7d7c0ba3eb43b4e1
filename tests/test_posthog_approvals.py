"""PostHog, connected: what waits for approval there, and what happens when it was decided."""

from pathlib import Path
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.making import ask, id_of
from tests.platforms.posthog import PostHog
from tests.platforms.standin import Row, fill


@pytest.fixture
def platform(posthog: PostHog) -> PostHog:
    """The stand-in with a draft and an experiment that runs."""
    fill(posthog, experiments=2)
    return posthog


async def flag_shares(here: Connected, row: m.Experiment) -> list[float]:
    """What the graph knows of how the flag of an experiment splits people."""
    [flag] = [each for each in await here.rows(m.FeatureFlag) if each.id == row.feature_flag_id]
    return [each["rollout_percentage"] for each in flag.filters["multivariate"]["variants"]]


REQUEST = """query($id: ID!) { experiment(id: $id) {
  phase status changeRequests { id externalId action nativeAction state quorum
    approvals { decision } }
} }"""


async def waiting(here: Connected, number: int, mutation: str, **given: Any) -> Row:
    """The change request that a mutation must wait for, which changes nothing."""
    payload = await here.act(mutation, await here.row(number), **given)
    assert payload["ok"] is False
    [error] = payload["errors"]
    assert error["__typename"] == "ApprovalRequired"
    assert payload["event"]["delivery"]["state"] == "REFUSED"
    found = await ask(here.client, REQUEST, id=id_of(await here.row(number)))
    request: Row
    [request] = found["changeRequests"]
    assert error["changeRequest"] == {"id": request["id"]}
    return request


async def test_a_gated_start_waits_and_is_read_again_when_it_was_approved_there(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    platform.require_approval("experiment.launch")
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        request = await waiting(here, 1, "startExperiment")
        [there] = platform.change_requests
        assert (request["externalId"], request["state"]) == (there, "PENDING")
        assert request["nativeAction"] == "experiment.launch"
        assert (await here.row(1)).phase is m.Phase.DRAFT
        assert platform.applied == []

        again = await waiting(here, 1, "startExperiment")
        assert again["id"] == request["id"]
        assert len(platform.change_requests) == 1

        approve(platform, there)
        await here.sync()
        found = await ask(here.client, REQUEST, id=id_of(await here.row(1)))
        assert [each["state"] for each in found["changeRequests"]] == ["APPLIED"]
        assert found["changeRequests"][0]["approvals"] == [{"decision": "APPROVED"}]
        assert await leaks(here) == []


async def test_an_approved_shipping_rewrites_the_flag_and_ends_nothing(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    platform.require_approval("experiment.update")
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        await waiting(here, 2, "fullOnExperiment", variantIndex=1)
        row = await here.row(2)
        assert (row.phase, row.full_on_at, row.stopped_at) == (m.Phase.RUNNING, None, None)
        approve(platform, next(iter(platform.change_requests)))
        await here.sync()
        row = await here.row(2)
        assert (row.phase, row.full_on_at) == (m.Phase.RUNNING, None)
        shares = await flag_shares(here, row)
        assert shares == [100 if place == 1 else 0 for place in range(len(shares))]

        platform.approval_policies.clear()
        payload = await here.act("fullOnExperiment", row, variantIndex=1)
        assert payload["errors"] == []
        assert (await here.row(2)).phase is m.Phase.STOPPED


def approve(platform: PostHog, request: str) -> None:
    """Let another user approve a request on the platform itself."""
    headers = {"Authorization": f"Bearer {platform.token_of(2)}"}
    url = f"{platform.url}/change_requests/{request}/approve/"
    assert httpx.post(url, headers=headers).json()["status"] == "applied"


async def test_a_decision_here_is_made_there_and_the_experiment_read_again(
    database: Database, platform: PostHog, tmp_path: Path
) -> None:
    policy = platform.require_approval("experiment.pause", allow_self_approve=True)
    policy["approver_config"]["users"] = [1]
    decide = """mutation($id: ID!) { approveChangeRequest(input: { id: $id, reason: "Fine." }) {
      ok errors { __typename message } changeRequest { state approvals { decision reason } }
    } }"""
    async with connected(database, platform, m.Platform.POSTHOG, tmp_path) as here:
        await here.sync()
        request = await waiting(here, 2, "pauseExperiment")
        platform.clear()
        payload = await ask(here.client, decide, id=request["id"])
        assert payload["errors"] == []
        assert payload["changeRequest"] == {
            "state": "APPLIED",
            "approvals": [{"decision": "APPROVED", "reason": "Fine."}],
        }
        path = f"/api/projects/1/change_requests/{request['externalId']}/approve/"
        assert here.changes == [("POST", path)]
        row = await here.row(2)
        assert (row.phase, row.sync_state) == (m.Phase.PAUSED, m.SyncState.SYNCED)
        assert platform.experiments[2]["feature_flag"]["active"] is False
