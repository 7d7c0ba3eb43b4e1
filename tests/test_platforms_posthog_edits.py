"""PostHog's stand-in: making and editing experiments, and writes that come too late."""

from collections.abc import Iterator

import httpx
import pytest

from tests.platforms.posthog import PostHog
from tests.platforms.standin import Row
from tests.platforms.talking import client

METRIC = {
    "kind": "ExperimentMetric",
    "metric_type": "mean",
    "source": {"kind": "EventsNode", "event": "paid"},
}
NEW: Row = {"name": "New", "feature_flag_key": "new-flag", "metrics": [METRIC]}


@pytest.fixture
def http(posthog: PostHog) -> Iterator[httpx.Client]:
    """A client of PostHog."""
    with client(posthog) as opened:
        yield opened


def test_an_experiment_is_made_with_its_flag(posthog: PostHog, http: httpx.Client) -> None:
    shared = [{"id": 2, "metadata": {"type": "secondary"}}]
    answer = http.post("/experiments/", json={**NEW, "holdout_id": 1, "saved_metrics_ids": shared})
    made = answer.json()
    assert (answer.status_code, made["status"], made["version"]) == (201, "draft", 1)
    variants = made["feature_flag"]["filters"]["multivariate"]["variants"]
    assert [each["key"] for each in variants] == ["control", "test"]
    assert made["feature_flag"]["filters"]["holdout"] == {"id": 1, "exclusion_percentage": 5}
    assert made["primary_metrics_ordered_uuids"] == [made["metrics"][0]["uuid"]]
    assert made["secondary_metrics_ordered_uuids"] == [posthog.saved_metrics[2]["query"]["uuid"]]
    live = http.post("/experiments/", json={**NEW, "start_date": "2026-03-01T00:00:00Z"}).json()
    assert (live["status"], live["feature_flag"]["id"]) == ("running", made["feature_flag"]["id"])


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"name": ""}, "name"),
        ({"surprise": 1}, "surprise"),
        ({"name": "n" * 401}, "name"),
        ({"metrics": [{**METRIC, "kind": "ExperimentTrendsQuery"}]}, "metrics"),
        ({"metrics": [{**METRIC, "metric_type": "ratio"}]}, "metrics"),
        ({"saved_metrics_ids": [{"id": 99}]}, "saved_metrics_ids"),
        ({"holdout_id": 99}, "holdout_id"),
        ({"conclusion": "great"}, "conclusion"),
        ({"parameters": {"feature_flag_variants": [{"key": "control"}]}}, "parameters"),
    ],
)
def test_what_is_unsound_is_not_made(
    posthog: PostHog, http: httpx.Client, change: Row, attr: str
) -> None:
    answer = http.post("/experiments/", json={**NEW, **change})
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    assert posthog.applied == []


@pytest.mark.parametrize(
    ("status", "change", "text"),
    [
        ("running", {"holdout_id": 2}, "Can't update holdout on running Experiment"),
        ("running", {"end_date": "2020-01-01T00:00:00Z"}, "End date must be after start date"),
        ("running", {"archived": True}, "Experiment must be ended before it can be archived."),
        (
            "running",
            {
                "parameters": {
                    "feature_flag_variants": [
                        {"key": "control", "split_percent": 50},
                        {"key": "newcomer", "split_percent": 50},
                    ]
                }
            },
            "Can't update feature_flag_variants on Experiment",
        ),
    ],
)
def test_what_has_begun_changes_only_what_may(
    posthog: PostHog, http: httpx.Client, status: str, change: Row, text: str
) -> None:
    row = posthog.one(status)
    answer = http.patch(f"/experiments/{row['id']}/", json=change)
    assert (answer.status_code, answer.json()["detail"]) == (400, text)
    assert (posthog.status(row), row["version"], posthog.applied) == (status, 1, [])


def test_an_old_kind_of_experiment_changes_four_fields(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = next(row for row in posthog.experiments.values() if row["is_legacy"])
    path = f"/experiments/{row['id']}/"
    assert http.patch(path, json={"name": "Renamed", "version": 1}).status_code == 200
    assert http.patch(path, json={"metrics": [METRIC]}).status_code == 400


def test_parameters_reach_the_flag_of_a_draft_and_of_others_when_told(
    posthog: PostHog, http: httpx.Client
) -> None:
    told = {"update_feature_flag_params": True}
    for status, more, reached in (("draft", {}, 40), ("running", {}, 100), ("running", told, 40)):
        row = posthog.one(status)
        body = {"parameters": {"rollout_percentage": 40}, **more}
        http.patch(f"/experiments/{row['id']}/", json=body).raise_for_status()
        assert row["feature_flag"]["filters"]["groups"][0]["rollout_percentage"] == reached
        assert row["parameters"] == {"rollout_percentage": 40}


# --- Stale writes


def test_a_stale_write_is_merged_or_refused(posthog: PostHog, http: httpx.Client) -> None:
    path = f"/experiments/{posthog.one('running')['id']}/"
    base = http.get(path).json()
    http.patch(path, json={"name": "Theirs", "version": base["version"]}).raise_for_status()
    stale: Row = {"version": base["version"], "original_experiment": base}
    merged = http.patch(path, json={**stale, "name": base["name"], "description": "Mine."}).json()
    assert (merged["name"], merged["description"]) == ("Theirs", "Mine.")
    refused = http.patch(path, json={**stale, "name": "Mine"})
    assert refused.status_code == 409
    assert refused.json() == {
        "detail": "This experiment changed since you loaded it.",
        "current_version": merged["version"],
        "name": "Theirs",
    }
    blind = http.patch(path, json={"version": base["version"], "name": "Mine"})
    assert (blind.status_code, http.get(path).json()["name"]) == (409, "Theirs")
    assert http.patch(path, json={"name": "Mine"}).json()["name"] == "Mine"


def test_metrics_are_merged_one_by_one(posthog: PostHog, http: httpx.Client) -> None:
    path = f"/experiments/{posthog.one('running')['id']}/"
    base = http.get(path).json()
    theirs = http.patch(path, json={"metrics": [*base["metrics"], METRIC]}).json()["metrics"]
    stale: Row = {"version": base["version"], "original_experiment": base}
    mine = [{**base["metrics"][0], "name": "Mine"}]
    merged = http.patch(path, json={**stale, "metrics": mine}).json()["metrics"]
    assert merged == [mine[0], theirs[1]]
    other = [{**base["metrics"][0], "name": "Other"}]
    assert http.patch(path, json={**stale, "metrics": other}).status_code == 409
