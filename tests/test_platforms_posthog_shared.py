"""PostHog's stand-in: holdouts, saved metrics, flags and results."""

from collections.abc import Iterator

import httpx
import pytest

from tests.platforms.posthog import PostHog
from tests.platforms.standin import Row
from tests.platforms.talking import client, walk

METRIC = {
    "kind": "ExperimentMetric",
    "metric_type": "mean",
    "source": {"kind": "EventsNode", "event": "paid"},
}


@pytest.fixture
def http(posthog: PostHog) -> Iterator[httpx.Client]:
    """A client of PostHog."""
    with client(posthog) as opened:
        yield opened


def held(share: object) -> Row:
    """The filters of a holdout."""
    return {"filters": [{"properties": [], "rollout_percentage": share}]}


def test_a_holdout_is_made_changed_and_deleted(posthog: PostHog, http: httpx.Client) -> None:
    path = "/experiment_holdouts/"
    assert [each["id"] for each in walk(posthog, http, path, limit=3)] == [1, 2, 3, 4]
    answer = http.post(path, json={"name": "New", **held(20)})
    made = answer.json()
    assert (answer.status_code, made["filters"][0]["variant"]) == (201, f"holdout-{made['id']}")
    wrongs: list[Row] = [{"name": ""}, held(101), {"filters": []}, {"description": "d" * 401}]
    for wrong in wrongs:
        assert http.patch(f"{path}{made['id']}/", json=wrong).status_code == 400
    changed = http.patch(f"{path}{made['id']}/", json={"name": "Newer", **held(30)}).json()
    assert (changed["name"], changed["filters"][0]["rollout_percentage"]) == ("Newer", 30)
    assert http.delete(f"{path}{made['id']}/").status_code == 204
    assert http.get(f"{path}{made['id']}/").status_code == 404


def test_a_holdout_reaches_the_flags_of_its_experiments(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = next(row for row in posthog.experiments.values() if row["holdout_id"] == 1)
    filters = row["feature_flag"]["filters"]
    assert filters["holdout"] == {"id": 1, "exclusion_percentage": 5}
    http.patch("/experiment_holdouts/1/", json=held(15)).raise_for_status()
    shown = http.get(f"/experiments/{row['id']}/").json()
    assert shown["feature_flag"]["filters"]["holdout"]["exclusion_percentage"] == 15
    assert shown["holdout"]["filters"][0]["rollout_percentage"] == 15
    http.delete("/experiment_holdouts/1/").raise_for_status()
    shown = http.get(f"/experiments/{row['id']}/").json()
    gone = (shown["holdout"], shown["holdout_id"], shown["feature_flag"]["filters"]["holdout"])
    assert gone == (None, None, None)


def test_a_saved_metric_is_made_changed_and_deleted(posthog: PostHog, http: httpx.Client) -> None:
    path = "/experiment_saved_metrics/"
    assert [each["id"] for each in walk(posthog, http, path, limit=3)] == [1, 2, 3, 4]
    made = http.post(path, json={"name": "New", "query": METRIC, "tags": ["a"]}).json()
    assert made["query"]["uuid"]
    for name in ("nEW", ""):
        assert http.post(path, json={"name": name, "query": METRIC}).json()["attr"] == "name"
    wrong = http.patch(f"{path}{made['id']}/", json={"query": {"kind": "ExperimentFunnelsQuery"}})
    assert wrong.json()["attr"] == "query"
    named = {"query": {**METRIC, "name": "Paid"}}
    changed = http.patch(f"{path}{made['id']}/", json=named).json()
    assert changed["query"]["uuid"] == made["query"]["uuid"]
    used = posthog.one("running")
    link = [{"id": made["id"], "metadata": {"type": "primary"}}]
    http.patch(f"/experiments/{used['id']}/", json={"saved_metrics_ids": link}).raise_for_status()
    [shown] = http.get(f"/experiments/{used['id']}/").json()["saved_metrics"]
    assert (shown["name"], shown["query"]["name"]) == ("New", "Paid")
    assert http.delete(f"{path}{made['id']}/").status_code == 204
    assert http.get(f"/experiments/{used['id']}/").json()["saved_metrics"] == []


def test_a_flag_is_made_and_changed_by_version(posthog: PostHog, http: httpx.Client) -> None:
    listed = list(walk(posthog, http, "/feature_flags/", limit=10))
    assert [each["id"] for each in listed] == list(posthog.feature_flags)
    assert listed[0]["experiment_set"] == [1]
    made = http.post("/feature_flags/", json={"key": "fresh"}).json()
    assert http.post("/feature_flags/", json={"key": "fresh"}).status_code == 400
    path = f"/feature_flags/{made['id']}/"
    off = http.patch(path, json={"active": False, "version": made["version"]}).json()
    assert (off["active"], off["version"]) == (False, made["version"] + 1)
    stale = http.patch(path, json={"active": True, "version": made["version"]})
    assert (stale.status_code, posthog.feature_flags[made["id"]]["active"]) == (409, False)
    running = posthog.one("running")["feature_flag"]
    assert http.patch(f"/feature_flags/{running['id']}/", json={"deleted": True}).status_code == 400
    found = http.get("/experiments/eligible_feature_flags/", params={"search": "fresh"}).json()
    assert found["count"] == 1


def test_results_are_asked_for_one_by_one_or_recalculated(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("running")
    asked = {"kind": "ExperimentQuery", "experiment_id": row["id"], "metric": row["metrics"][0]}
    one = http.post("/query/", json={"query": asked}).json()
    assert one["baseline"]["key"] == "control"
    assert one["variant_results"][0]["method"] == "bayesian"
    exposed = {"kind": "ExperimentExposureQuery", "experiment_id": row["id"]}
    exposures = http.post("/query/", json={"query": exposed}).json()
    variants = row["feature_flag"]["filters"]["multivariate"]["variants"]
    assert set(exposures["total_exposures"]) == {each["key"] for each in variants}
    runs = f"/experiments/{row['id']}/metrics_recalculation/"
    assert http.get(f"{runs}latest/").status_code == 404
    run = http.post(runs, json={"trigger": "manual"}).json()
    assert run["results"][row["metrics"][0]["uuid"]]["baseline"] == one["baseline"]
    assert http.get(f"{runs}latest/").json() == http.get(f"{runs}{run['id']}/").json() == run
