"""Auth0's stand-in: feature flags, variations and segments, in both generations."""

from collections.abc import Iterator

import httpx
import pytest

from tests.platforms.auth0 import Auth0
from tests.platforms.standin import Row
from tests.platforms.talking import client, walk

PARAMETERS = {"colour": {"type": "string", "value": "blue"}}
RULES = [{"match": {"country": ["DE"]}}]


@pytest.fixture
def http(auth0: Auth0) -> Iterator[httpx.Client]:
    """A client of the second generation."""
    with client(auth0) as opened:
        yield opened


def flag(http: httpx.Client) -> str:
    """The path of a new flag without variations."""
    body = {"name": "Fresh", "parameters": PARAMETERS}
    return f"/feature-flags/{http.post('/feature-flags', json=body).json()['id']}"


def vary(http: httpx.Client, path: str, name: str, **overrides: str) -> httpx.Response:
    """Make a variation."""
    values = {key: {"value": value} for key, value in overrides.items()}
    return http.post(f"{path}/variations", json={"name": name, "overrides": values})


def test_a_flag_is_active_with_two_variations(auth0: Auth0, http: httpx.Client) -> None:
    path = flag(http)
    assert http.get(path).json()["status"] == "draft"
    vary(http, path, "Base").raise_for_status()
    assert http.patch(path, json={"name": "Newer", "status": "active"}).status_code == 400
    assert http.get(path).json()["name"] == "Fresh"
    vary(http, path, "Green", colour="green").raise_for_status()
    assert http.patch(path, json={"status": "active"}).json()["status"] == "active"
    assert http.patch(path, json={"status": "archived"}).json()["status"] == "archived"
    assert http.patch(path, json={"status": "active"}).status_code == 400
    body = {"name": "On it", "feature_flag_id": path[15:], "authentication_flow": "all"}
    assert http.post("/experiments", json=body).status_code == 422
    assert len(auth0.variations) == 17


def test_the_first_generation_has_a_call_for_the_status_of_a_flag(auth0_first: Auth0) -> None:
    with client(auth0_first) as http:
        path = flag(http)
        for name, overrides in (("Base", {}), ("Green", {"colour": "green"})):
            vary(http, path, name, **overrides).raise_for_status()
        assert http.patch(path, json={"status": "active"}).status_code == 400
        changed = http.post(f"{path}/status", json={"status": "active"})
        assert (changed.status_code, changed.json()["status"]) == (200, "active")
        segment = http.get("/segments").json()["segments"][0]
        assert "status" not in segment
        assert (
            http.patch(f"/segments/{segment['id']}", json={"status": "archived"}).status_code == 400
        )


def test_a_variation_overrides_what_its_flag_has(http: httpx.Client) -> None:
    path = flag(http)
    base = vary(http, path, "Base").json()
    assert (base["overrides"], base["feature_flag_id"]) == ({}, path[15:])
    assert vary(http, path, "Base").status_code == 409
    wrongs: list[Row] = [
        {"size": {"value": 1}},
        {"colour": {"value": 1}},
        {"colour": {"value": "blue"}},
        {"colour": "green"},
    ]
    for wrong in wrongs:
        body = {"name": "Wrong", "overrides": wrong}
        assert http.post(f"{path}/variations", json=body).status_code == 400
    one = f"{path}/variations/{base['id']}"
    assert http.delete(one).status_code == 400
    vary(http, path, "Green", colour="green").raise_for_status()
    assert http.patch(one, json={"name": "Green"}).status_code == 409
    assert http.patch(one, json={"description": None, "name": "Basis"}).json()["name"] == "Basis"
    assert [each["name"] for each in http.get(f"{path}/variations").json()["variations"]] == [
        "Basis",
        "Green",
    ]
    assert (http.delete(one).status_code, http.get(one).status_code) == (204, 404)
    assert http.delete(one).status_code == 204
    assert http.get("/feature-flags/flg_none/variations").status_code == 404


def test_what_an_experiment_stands_on_is_not_deleted(auth0: Auth0, http: httpx.Client) -> None:
    row = next(
        row
        for row in auth0.experiments.values()
        if row["status"] == "active"
        and auth0.feature_flags[row["feature_flag_id"]]["type"] == "self"
    )
    [used] = [each for each in row["allocations"] if each["is_control"]]
    path = f"/feature-flags/{row['feature_flag_id']}"
    assert http.delete(path).status_code == 409
    assert http.delete(f"{path}/variations/{used['variation_id']}").status_code == 409
    segment = next(
        each["segment_id"]
        for row in auth0.experiments.values()
        for each in row["allocations"]
        if each.get("segment_id")
    )
    assert http.delete(f"/segments/{segment}").status_code == 409
    for each in auth0.experiments.values():
        each["status"] = "archived"
    assert http.delete(f"/segments/{segment}").status_code == 204
    assert http.delete(path).status_code == 204
    assert http.delete(path).status_code == 204


def test_what_auth0_manages_is_read_only(auth0: Auth0, http: httpx.Client) -> None:
    [managed] = walk(auth0, http, "/feature-flags", type="auth0")
    path = f"/feature-flags/{managed['id']}"
    assert http.patch(path, json={"name": "Mine"}).status_code == 403
    assert http.delete(path).status_code == 403
    body = {
        "name": "On it",
        "feature_flag_id": managed["id"],
        "authentication_flow": "all",
        "default_config": "flag",
    }
    assert http.post("/experiments", json=body).json()["default_config"] == "flag"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"a": {"type": "string"}},
        {"a": {"type": "string", "value": 1}},
        {"a": {"type": "number", "value": True}},
        {"a": {"type": "odd", "value": 1}},
        {"a": {"type": "string", "value": "v" * 1100}},
        {f"p{n}": {"type": "number", "value": n} for n in range(11)},
    ],
)
def test_parameters_are_of_their_types(http: httpx.Client, parameters: Row) -> None:
    body = {"name": "Fresh", "parameters": parameters}
    assert http.post("/feature-flags", json=body).status_code == 400


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        (RULES, 201),
        ([{"not_match": {"browser": {"contains": ["IE"]}}}], 201),
        ([{"match": {"domain": {"exists": True}}}], 201),
        ([], 400),
        ([{}], 400),
        ([{"match": {"shoe_size": ["42"]}}], 400),
        ([{"match": {"country": []}}], 400),
        ([{"match": {"country": {"like": ["D"]}}}], 400),
        ([{"match": {"country": ["D" * 1025]}}], 400),
    ],
)
def test_rules_of_segments(http: httpx.Client, rules: list[Row], status: int) -> None:
    assert http.post("/segments", json={"name": "Fresh", "rules": rules}).status_code == status


def test_edits_of_a_segment_are_kept_though_its_status_is_refused(
    auth0: Auth0, http: httpx.Client
) -> None:
    made = http.post("/segments", json={"name": "Fresh", "rules": RULES}).json()
    path = f"/segments/{made['id']}"
    assert http.patch(path, json={"status": "archived"}).json()["status"] == "archived"
    assert http.patch(path, json={"name": "Kept", "status": "active"}).status_code == 400
    assert auth0.segments[made["id"]]["name"] == "Kept"
    assert http.post("/segments", json={"name": "Kept", "rules": RULES}).status_code == 409
    names = [each["name"] for each in walk(auth0, http, "/segments", take=2)]
    assert names == ["Segment 1", "Segment 2", "Segment 3", "Segment 4", "Kept"]
