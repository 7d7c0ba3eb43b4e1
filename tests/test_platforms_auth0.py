"""Auth0's stand-in, in both generations: statuses, readiness, the ramp, edits, lists, the token."""

from collections.abc import Iterator

import httpx
import pytest

from tests.platforms.auth0 import Auth0
from tests.platforms.standin import Row, fill
from tests.platforms.talking import client, walk

STATUSES = ("draft", "active", "paused", "completed", "archived")
LEGAL = {
    ("draft", "active"),
    ("active", "paused"),
    ("active", "completed"),
    ("paused", "active"),
    ("paused", "completed"),
    ("completed", "archived"),
}
EDITABLE = {
    "draft": {
        *("name", "description", "authentication_flow", "allocations"),
        *("default_config", "levels", "status"),
    },
    "active": {"name", "description", "status"},
    "paused": {"name", "description", "allocations", "status"},
    "completed": {"name", "description", "status"},
    "archived": set(),
}
OLDER_KEYS = {
    *("id", "name", "description", "feature_flag_id", "authentication_flow"),
    *("allocation_strategy", "assignment_config", "status", "is_valid", "allocations"),
    *("created_at", "updated_at"),
}


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


def problem(status: int, error: str, message: str, code: str | None = None) -> Row:
    """The form of an error."""
    body: Row = {"statusCode": status, "error": error, "message": message}
    return {**body, "errorCode": code} if code else body


def move(standin: Auth0, http: httpx.Client, row: Row, status: str) -> httpx.Response:
    """Ask for a status in the generation's own way."""
    if standin.newer:
        return http.patch(f"/experiments/{row['id']}", json={"status": status})
    return http.post(f"/experiments/{row['id']}/status", json={"status": status})


def walked(standin: Auth0, http: httpx.Client) -> None:
    """Try every status from every status."""
    for source in STATUSES:
        for target in STATUSES[1:]:
            fill(standin)
            standin.clear()
            row = standin.one(source)
            answer = move(standin, http, row, target)
            if (source, target) in LEGAL:
                assert (answer.status_code, answer.json()["status"]) == (200, target)
                applied = [(each.experiment, each.action) for each in standin.applied]
                assert applied == [(row["id"], target)]
            else:
                text = f"Transition from {source} to {target} is not allowed"
                assert (answer.status_code, answer.json()) == (
                    400,
                    problem(400, "Bad Request", text),
                )
                assert (row["status"], standin.applied) == (source, [])


def test_every_status_from_every_status(
    auth0: Auth0, auth0_first: Auth0, http: httpx.Client, http_first: httpx.Client
) -> None:
    walked(auth0, http)
    walked(auth0_first, http_first)


def test_each_generation_has_its_own_calls(
    auth0: Auth0, auth0_first: Auth0, http: httpx.Client, http_first: httpx.Client
) -> None:
    row, old = auth0.one("draft"), auth0_first.one("draft")
    by_call = http.post(f"/experiments/{row['id']}/status", json={"status": "active"})
    by_patch = http_first.patch(f"/experiments/{old['id']}", json={"status": "active"})
    ramp = http_first.post(f"/experiments/{old['id']}/advance-ramp", json={"target_level": 5})
    assert (by_call.status_code, by_patch.status_code, ramp.status_code) == (404, 400, 404)
    for target in ("draft", "odd"):
        assert move(auth0, http, row, target).status_code == 400
        assert move(auth0_first, http_first, old, target).status_code == 400


def test_what_each_generation_says_of_an_experiment(
    auth0: Auth0, auth0_first: Auth0, http: httpx.Client, http_first: httpx.Client
) -> None:
    old = http_first.get(f"/experiments/{auth0_first.one('draft')['id']}").json()
    assert set(old) == OLDER_KEYS
    for status, fields in EDITABLE.items():
        new = http.get(f"/experiments/{auth0.one(status)['id']}").json()
        assert set(new["editable_fields"]) == fields
        assert "assignment_config" not in new
        assert new["feature_flag_name"].startswith("Flag ")
        assert new["allocations"][0]["variation_name"].startswith("Variation ")
        assert ("feature_flag_snapshot" in new, "started_at" in new) == (*(status != "draft",) * 2,)
    assert new["ended_at"] is not None


def test_a_first_activation_says_when_and_a_second_keeps_it(
    auth0: Auth0, http: httpx.Client
) -> None:
    row = auth0.one("draft")
    begun = move(auth0, http, row, "active").json()["started_at"]
    move(auth0, http, row, "paused")
    assert move(auth0, http, row, "active").json()["started_at"] == begun
    done = move(auth0, http, row, "completed").json()
    assert (done["ended_at"] is not None, done["current_level"]) == (True, None)


def test_whatever_is_not_ready_is_told_at_once(auth0: Auth0, http: httpx.Client) -> None:
    auth0.active_limit = True
    row = auth0.one("draft")
    row["authentication_flow"] = auth0.one("active")["authentication_flow"]
    row["allocation_strategy"] = "percentage"
    flag = auth0.feature_flags[row["feature_flag_id"]]
    flag["status"] = "draft"
    mine = [key for key, each in auth0.variations.items() if each["feature_flag_id"] == flag["id"]]
    other = next(key for key in auth0.variations if key not in mine)
    row["allocations"] = [{"variation_id": other, "is_control": False, "weight": 7}]
    answer = http.post(f"/experiments/{row['id']}/validate")
    body = answer.json()
    assert (answer.status_code, body["is_valid"]) == (200, False)
    assert [error["code"] for error in body["errors"]] == [
        "feature_flag_not_active",
        "variation_not_from_flag",
        "experiment_missing_control",
        "experiment_invalid_allocation_weights",
        "experiment_active_limit_exceeded",
    ]
    refused = move(auth0, http, row, "active").json()
    assert refused["message"] == "; ".join(error["message"] for error in body["errors"])
    assert "errorCode" not in refused
    assert (row["status"], auth0.applied) == ("draft", [])


def test_experiments_for_segments_need_one_fallback(auth0: Auth0, http: httpx.Client) -> None:
    row = next(
        row
        for row in auth0.experiments.values()
        if (row["status"], row["allocation_strategy"]) == ("paused", "segment")
    )
    kept = [each for each in row["allocations"] if not each.get("is_fallback")]
    row["allocations"] = [{**kept[0], "is_control": True}, *kept[1:]]
    refused = move(auth0, http, row, "active").json()
    assert refused["errorCode"] == "experiment_missing_default"


def test_one_is_active_in_the_tenant_or_in_each_flow(
    auth0: Auth0, auth0_first: Auth0, http: httpx.Client, http_first: httpx.Client
) -> None:
    auth0.active_limit = auth0_first.active_limit = True
    alone = move(auth0_first, http_first, auth0_first.one("draft"), "active").json()
    assert alone["errorCode"] == "experiment_active_limit_exceeded"
    taken = {
        r["authentication_flow"] for r in auth0.experiments.values() if r["status"] == "active"
    }
    row = auth0.one("draft")
    row["authentication_flow"] = "passkey_enrollment"
    assert move(auth0, http, row, "active").status_code == 200
    other = auth0.one("draft")
    for flow in (*taken, "passkey_enrollment", "all"):
        other["authentication_flow"] = flow
        assert move(auth0, http, other, "active").status_code == 400


def test_a_ramp_goes_up_level_by_level(auth0: Auth0, http: httpx.Client) -> None:
    row = auth0.one("draft")
    row["levels"] = [5, 25, 50, 100]
    path = f"/experiments/{row['id']}/advance-ramp"
    assert http.post(path, json={"target_level": 5}).status_code == 400
    assert move(auth0, http, row, "active").json()["current_level"] == 5
    auth0.clear()
    up = http.post(path, json={"target_level": 25}).json()
    expected = {"from_level": 5, "to_level": 25, "current_level": 25}
    assert up == {"experiment_id": row["id"], **expected}
    again = http.post(path, json={"target_level": 25}).json()
    assert (again["from_level"], again["to_level"]) == (25, 25)
    assert [each.action for each in auth0.applied] == ["advance-ramp"]
    for level, status in ((100, 409), (5, 400), (30, 400), ("50", 400)):
        assert http.post(path, json={"target_level": level}).status_code == status
    assert row["current_level"] == 25


# --- Lists, entitlement, the token


def test_lists_are_walked_by_checkpoints_and_filtered(auth0: Auth0, http: httpx.Client) -> None:
    first = http.get("/experiments", params={"take": 5}).json()
    assert set(first) == {"experiments", "next"}
    del auth0.experiments[first["experiments"][0]["id"]]
    rest = http.get("/experiments", params={"take": 50, "from": first["next"]}).json()
    assert set(rest) == {"experiments"}
    assert len(first["experiments"]) + len(rest["experiments"]) == 20
    archived = list(walk(auth0, http, "/experiments", status="archived"))
    assert {each["status"] for each in archived} == {"archived"}
    flag = first["experiments"][0]["feature_flag_id"]
    assert {
        e["feature_flag_id"] for e in walk(auth0, http, "/experiments", feature_flag_id=flag)
    } == {flag}
    for wrong in ({"take": 51}, {"take": 0}, {"from": "?"}, {"sort": "name"}):
        assert http.get("/experiments", params=wrong).status_code == 400


def test_a_tenant_may_lack_the_feature(auth0: Auth0, http: httpx.Client) -> None:
    auth0.entitled = False
    answer = http.get("/experiments")
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "feature_not_entitled")


def test_who_may_only_read_may_validate(auth0: Auth0, http: httpx.Client) -> None:
    auth0.may_write = False
    path = f"/experiments/{auth0.one('draft')['id']}"
    assert http.post(f"{path}/validate").status_code == 200
    assert http.delete(path).json()["errorCode"] == "insufficient_scope"


def test_a_token_is_bought_and_the_one_before_is_over(auth0: Auth0, http: httpx.Client) -> None:
    body = {
        "grant_type": "client_credentials",
        "client_id": auth0.client_id,
        "client_secret": auth0.client_secret,
        "audience": "https://tenant.example/api/v2/",
    }
    assert httpx.post(auth0.token_url, json={**body, "client_secret": "?"}).status_code == 401
    bought = httpx.post(auth0.token_url, json=body).json()
    assert http.get("/experiments").status_code == 401
    with client(auth0, bought["access_token"]) as renewed:
        assert renewed.get("/experiments").status_code == 200
