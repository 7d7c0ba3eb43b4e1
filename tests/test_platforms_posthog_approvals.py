"""PostHog's stand-in: what a policy matches waits for approval, is applied once, and can fail."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.platforms.fixtures import Stages, stand
from tests.platforms.posthog import PostHog
from tests.platforms.posthog.state import ADMIN
from tests.platforms.standin import Row
from tests.platforms.talking import client

PENDING = "A pending approval request already exists for this action"


@pytest.fixture
def http(posthog: PostHog) -> Iterator[httpx.Client]:
    """The client of the user 1, who asks."""
    with client(posthog) as opened:
        yield opened


def decide(posthog: PostHog, user: int, request: str, verb: str, **body: Any) -> httpx.Response:
    """What a user says to a change request."""
    with client(posthog, posthog.token_of(user)) as other:
        return other.post(f"/change_requests/{request}/{verb}/", json=body)


def launch(http: httpx.Client, row: Row) -> httpx.Response:
    """Launch an experiment."""
    return http.post(f"/experiments/{row['id']}/launch/")


def ship(http: httpx.Client, row: Row) -> httpx.Response:
    """Ship its variant."""
    return http.post(f"/experiments/{row['id']}/ship_variant/", json={"variant_key": "test"})


def test_a_launch_waits_and_its_repetition_is_told_apart(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("draft")
    posthog.require_approval("experiment.launch")
    answer = launch(http, row)
    body = answer.json()
    assert answer.status_code == 409
    assert set(body) == {
        *("code", "status", "message", "resource_type", "resource_id", "change_request_id"),
        *("change_request", "required_approvers"),
    }
    assert (body["code"], body["resource_type"]) == ("approval_required", "experiment")
    assert body["required_approvers"] == {"quorum": 1, "users": [2, 3], "roles": []}
    request = body["change_request"]
    assert (request["state"], request["is_requester"], request["can_approve"]) == (
        *("pending", True),
        False,
    )
    again = launch(http, row)
    assert (again.status_code, again.json()["code"]) == (409, "change_request_pending")
    assert set(again.json()) == {
        *("code", "error", "resource_type", "resource_id", "change_request_id"),
        "existing_change_request",
    }
    assert (len(posthog.change_requests), posthog.applied) == (1, [])
    assert (posthog.status(row), row["feature_flag"]["active"]) == ("draft", False)


def test_through_a_serializer_the_body_has_more(posthog: PostHog, http: httpx.Client) -> None:
    row = posthog.one("running")
    posthog.require_approval("feature_flag.update")
    body = {
        "name": "Not yet",
        "parameters": {"rollout_percentage": 10},
        "update_feature_flag_params": True,
    }
    first = http.patch(f"/experiments/{row['id']}/", json=body).json()
    second = http.patch(f"/experiments/{row['id']}/", json=body).json()
    assert (first["code"], first["resource_type"]) == ("approval_required", "feature_flag")
    assert first["resource_id"] == str(row["feature_flag"]["id"])
    assert first["detail"] == first["message"]
    assert (second["code"], second["status"]) == ("change_request_pending", "approval_required")
    assert (second["message"], second["required_approvers"]) == (PENDING, {})
    assert (row["name"], posthog.applied) == ("Experiment 2", [])


def test_an_approval_switches_the_flag_and_the_launch_is_asked_for_again(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("draft")
    posthog.require_approval("experiment.launch", quorum=2)
    request = launch(http, row).json()["change_request_id"]
    assert decide(posthog, 1, request, "approve").status_code == 403
    first = decide(posthog, 2, request, "approve").json()
    assert (first["status"], first["message"]) == ("approved", "1/2 approvals")
    assert first["change_request"]["state"] == "pending"
    assert decide(posthog, 2, request, "approve").status_code == 400
    last = decide(posthog, 3, request, "approve").json()
    assert (last["status"], last["change_request"]["state"]) == ("applied", "applied")
    assert (row["feature_flag"]["active"], row["start_date"], posthog.applied) == (True, None, [])
    assert launch(http, row).status_code == 200
    assert [each.action for each in posthog.applied] == ["launch"]
    assert decide(posthog, 4, request, "approve").status_code == 400


def test_after_an_approved_shipping_the_experiment_still_runs(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("running")
    posthog.require_approval("experiment.update")
    request = ship(http, row).json()["change_request_id"]
    decide(posthog, 3, request, "approve").raise_for_status()
    variants = row["feature_flag"]["filters"]["multivariate"]["variants"]
    assert {v["key"]: v["rollout_percentage"] for v in variants}["test"] == 100
    assert posthog.status(row) == "running"
    assert (ship(http, row).status_code, posthog.status(row)) == (200, "stopped")


def test_a_request_about_what_has_changed_since_fails_with_200(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("draft")
    posthog.require_approval("experiment.launch")
    request = launch(http, row).json()["change_request_id"]
    posthog.write_flag(row["feature_flag"], {"name": "Renamed"})
    assert http.get(f"/change_requests/{request}/").json()["validation_status"] == "stale"
    answer = decide(posthog, 2, request, "approve")
    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert row["feature_flag"]["active"] is False


def test_a_rejection_needs_a_reason_and_is_final(posthog: PostHog, http: httpx.Client) -> None:
    row = posthog.one("draft")
    posthog.require_approval("experiment.launch", quorum=2)
    request = launch(http, row).json()["change_request_id"]
    assert decide(posthog, 2, request, "reject").status_code == 400
    rejected = decide(posthog, 2, request, "reject", reason="No.").json()
    assert rejected["change_request"]["state"] == "rejected"
    assert decide(posthog, 3, request, "approve").status_code == 400
    assert launch(http, row).json()["change_request_id"] != request


def test_a_request_is_taken_back_by_who_made_it(posthog: PostHog, http: httpx.Client) -> None:
    row = posthog.one("draft")
    posthog.require_approval("experiment.launch", quorum=2)
    request = launch(http, row).json()["change_request_id"]
    assert decide(posthog, 2, request, "cancel").status_code == 403
    decide(posthog, 2, request, "approve").raise_for_status()
    assert decide(posthog, 1, request, "cancel").status_code == 403
    posthog.change_requests[request]["approvals"].clear()
    cancelled = decide(posthog, 1, request, "cancel").json()
    assert cancelled["change_request"]["state"] == "rejected"


def test_a_request_expires(posthog: PostHog, http: httpx.Client) -> None:
    posthog.require_approval("experiment.launch")
    request = launch(http, posthog.one("draft")).json()["change_request_id"]
    posthog.change_requests[request]["expires_at"] = "2020-01-01T00:00:00.000Z"
    assert decide(posthog, 2, request, "approve").status_code == 400
    [found] = http.get("/change_requests/", params={"state": "expired,failed"}).json()["results"]
    assert (found["id"], found["state"]) == (request, "expired")
    for query in ({"action_key": "experiment.pause"}, {"requester": 2}, {"resource_id": "77"}):
        assert http.get("/change_requests/", params=query).json()["count"] == 0


def test_requests_in_every_state_can_be_made_up(posthog: PostHog, http: httpx.Client) -> None:
    posthog.make_requests()
    states = [each["state"] for each in http.get("/change_requests/").json()["results"]]
    assert sorted(states) == ["applied", "approved", "expired", "failed", "pending", "rejected"]
    [pending] = http.get("/change_requests/", params={"state": "pending"}).json()["results"]
    assert (pending["resource_id"], pending["is_requester"]) == ("4", False)
    assert decide(posthog, 2, pending["id"], "approve").json()["status"] == "applied"
    assert posthog.holdouts[4]["filters"][0]["rollout_percentage"] == 51


def test_what_is_gated_and_what_never_is(posthog: PostHog, http: httpx.Client) -> None:
    for action in ("experiment.launch", "experiment.pause", "experiment.update"):
        posthog.require_approval(action)
    running, paused = posthog.one("running"), posthog.one("paused")
    for row, action in ((running, "pause"), (paused, "resume")):
        assert http.post(f"/experiments/{row['id']}/{action}/").status_code == 409
    assert http.post(f"/experiments/{running['id']}/end/").status_code == 200
    assert http.post(f"/experiments/{running['id']}/archive/").status_code == 200
    assert http.post(f"/experiments/{running['id']}/reset/").status_code == 200
    assert http.patch(f"/experiments/{paused['id']}/", json={"name": "Free"}).status_code == 200


def test_an_older_release_launches_past_the_gate(stages: Stages) -> None:
    older = PostHog(newest=False)
    stand(stages("posthog"), older)
    for action in ("feature_flag.enable", "feature_flag.update"):
        older.require_approval(action)
    row = older.one("draft")
    with client(older) as http:
        assert launch(http, row).status_code == 200
        refused = ship(http, row).json()
    assert (refused["code"], refused["resource_type"]) == ("approval_required", "feature_flag")


def test_several_policies_for_one_write_are_a_conflict(
    posthog: PostHog, http: httpx.Client
) -> None:
    for action in ("experiment.launch", "feature_flag.enable"):
        posthog.require_approval(action)
    answer = launch(http, posthog.one("draft"))
    assert (answer.status_code, answer.json()["code"]) == (400, "policy_conflict")
    assert len(answer.json()["conflicting_policies"]) == 2
    assert posthog.change_requests == {}


def test_conditions_and_bypasses_let_writes_through(posthog: PostHog, http: httpx.Client) -> None:
    amount = {"type": "change_amount", "field": "rollout_percentage", "operator": ">", "value": 20}
    policy = posthog.require_approval("experiment_holdout.update", conditions=amount)

    def share(percentage: int) -> int:
        filters = [{"properties": [], "rollout_percentage": percentage}]
        return http.patch("/experiment_holdouts/1/", json={"filters": filters}).status_code

    assert (share(20), share(60)) == (200, 409)
    policy["bypass_org_membership_levels"] = [ADMIN]
    assert share(60) == 200
    posthog.require_approval("experiment_holdout.delete", bypass_roles=["owners"])
    assert http.delete("/experiment_holdouts/1/").status_code == 409
    posthog.roles[1] = {"owners"}
    assert http.delete("/experiment_holdouts/1/").status_code == 204


def test_the_deletion_of_a_holdout_is_applied_by_its_approval(
    posthog: PostHog, http: httpx.Client
) -> None:
    posthog.require_approval("experiment_holdout.delete", allow_self_approve=True)
    posthog.approval_policies.copy().popitem()[1]["approver_config"]["users"] = [1]
    request = http.delete("/experiment_holdouts/2/").json()["change_request_id"]
    assert decide(posthog, 1, request, "approve").json()["status"] == "applied"
    assert 2 not in posthog.holdouts


def test_policies_are_written_by_admins_and_one_for_each_action(
    posthog: PostHog, http: httpx.Client
) -> None:
    body: Row = {"action_key": "experiment.launch", "approver_config": {"quorum": 1, "users": [2]}}
    made = http.post("/approval_policies/", json=body)
    assert made.status_code == 201
    assert http.post("/approval_policies/", json=body).json()["attr"] == "action_key"
    path = f"/approval_policies/{made.json()['id']}/"
    assert http.patch(path, json={"approver_config": {"quorum": 0}}).status_code == 400
    assert http.patch(path, json={"enabled": False}).json()["enabled"] is False
    assert http.get("/approval_policies/", params={"enabled": "true"}).json()["count"] == 0
    assert launch(http, posthog.one("draft")).status_code == 200
    with client(posthog, posthog.token_of(2)) as other:
        assert other.delete(path).status_code == 403
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404
