"""Auth0's stand-in, in both generations: making, editing and deleting experiments."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.platforms.auth0 import Auth0
from tests.platforms.standin import Row
from tests.platforms.talking import client


@pytest.fixture
def http(auth0: Auth0) -> Iterator[httpx.Client]:
    """A client of the second generation."""
    auth0.active_limit = False
    with client(auth0) as opened:
        yield opened


@pytest.fixture
def http_first(auth0_first: Auth0) -> Iterator[httpx.Client]:
    """A client of the first generation."""
    auth0_first.active_limit = False
    with client(auth0_first) as opened:
        yield opened


def created(auth0: Auth0, **more: Any) -> Row:
    """The body of a new experiment, on a flag of the customer's own."""
    own = {key for key, flag in auth0.feature_flags.items() if flag["type"] == "self"}
    drafts = (row for row in auth0.experiments.values() if row["status"] == "draft")
    row = next(row for row in drafts if row["feature_flag_id"] in own)
    body: Row = {
        "name": "A new one",
        "feature_flag_id": row["feature_flag_id"],
        "authentication_flow": row["authentication_flow"],
        "allocation_strategy": row["allocation_strategy"],
        "allocations": [dict(each) for each in row["allocations"]],
    }
    older = {} if auth0.newer else {"assignment_config": {"subject": "device"}}
    return {**body, **older, **more}


def test_an_experiment_is_born_a_draft_under_a_name_of_its_own(
    auth0: Auth0, auth0_first: Auth0, http: httpx.Client, http_first: httpx.Client
) -> None:
    for standin, opened in ((auth0, http), (auth0_first, http_first)):
        body = created(standin)
        made = opened.post("/experiments", json=body)
        assert (made.status_code, made.json()["status"]) == (201, "draft")
        assert made.json()["is_valid"] is True
        assert opened.post("/experiments", json=body).status_code == 409
        gone = {**body, "name": "Other", "feature_flag_id": "flg_none"}
        assert opened.post("/experiments", json=gone).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"surprise": 1}, 400),
        ({"name": " blank"}, 400),
        ({"name": "ab"}, 400),
        ({"authentication_flow": "login"}, 400),
        ({"assignment_config": {"subject": "device"}}, 400),
        ({"levels": [50, 25]}, 422),
        ({"levels": [101]}, 400),
        ({"default_config": "flag"}, 400),
        ({"allocations": [{"variation_id": "var_none", "is_control": True}]}, 400),
        ({"allocations": [{"is_control": True}]}, 400),
    ],
)
def test_what_is_unsound_is_not_made(
    auth0: Auth0, http: httpx.Client, change: Row, status: int
) -> None:
    assert http.post("/experiments", json=created(auth0, **change)).status_code == status
    assert auth0.applied == []


def test_allocations_change_on_a_pause_only(auth0: Auth0, http: httpx.Client) -> None:
    running, paused = auth0.one("active"), auth0.one("paused")
    refused = http.patch(
        f"/experiments/{running['id']}", json={"allocations": running["allocations"]}
    )
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "experiment_requires_pause")
    keys = ("variation_id", "is_control", "weight", "segment_id", "priority", "is_fallback")
    sent = [{k: each[k] for k in keys if k in each} for each in paused["allocations"]]
    changed = http.patch(f"/experiments/{paused['id']}", json={"allocations": sent})
    assert changed.status_code == 200, changed.text
    locked = http.patch(f"/experiments/{paused['id']}", json={"levels": [10]})
    assert locked.status_code == 400


def test_edits_with_a_refused_status_are_dropped(auth0: Auth0, http: httpx.Client) -> None:
    row = auth0.one("draft")
    body = {"name": "Renamed", "status": "completed"}
    assert http.patch(f"/experiments/{row['id']}", json=body).status_code == 400
    assert (row["name"] == "Renamed", auth0.applied) == (False, [])
    both = http.patch(f"/experiments/{row['id']}", json={**body, "status": "active"}).json()
    assert (both["name"], both["status"]) == ("Renamed", "active")
    assert [each.action for each in auth0.applied] == ["edit", "active"]
    assert http.patch(f"/experiments/{row['id']}", json={}).status_code == 400


def test_a_deletion_is_for_good_and_not_of_what_is_active(auth0: Auth0, http: httpx.Client) -> None:
    running, draft = auth0.one("active"), auth0.one("draft")
    assert http.delete(f"/experiments/{running['id']}").status_code == 400
    for _ in range(2):
        assert http.delete(f"/experiments/{draft['id']}").status_code == 204
    assert http.get(f"/experiments/{draft['id']}").status_code == 404
    assert [(each.experiment, each.action) for each in auth0.applied] == [(draft["id"], "delete")]
