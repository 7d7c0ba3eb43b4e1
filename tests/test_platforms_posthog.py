"""PostHog's stand-in answers as its facts say: lifecycle, edits, stale writes, what is shared."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.platforms.fixtures import Stages, stand
from tests.platforms.posthog import PostHog
from tests.platforms.standin import Row, fill
from tests.platforms.talking import client, walk

STATUSES = ("draft", "running", "paused", "exposure_frozen", "stopped")
NOT_LAUNCHED = "Experiment has not been launched yet."
ENDED = "Experiment has already ended."
LAUNCHED = "Experiment has already been launched."
NOT_PAUSED = "Experiment is not paused."
NOT_FROZEN = "Experiment exposure is not frozen."
NOT_ENDED = "Experiment must be ended before it can be archived."
NOT_ARCHIVED = "Experiment is not archived."
WALK = {
    # action: what a draft, running, paused, frozen and stopped one says or becomes
    "launch": ("running", LAUNCHED, LAUNCHED, LAUNCHED, LAUNCHED),
    "pause": (
        NOT_LAUNCHED,
        "paused",
        "Experiment is already paused.",
        "Cannot pause an experiment whose exposure is frozen.",
        ENDED,
    ),
    "resume": (NOT_LAUNCHED, NOT_PAUSED, "running", NOT_PAUSED, ENDED),
    "end": (NOT_LAUNCHED, "stopped", "stopped", "stopped", ENDED),
    "ship_variant": (NOT_LAUNCHED, "stopped", "stopped", "stopped", "stopped"),
    "archive": (NOT_ENDED, NOT_ENDED, NOT_ENDED, NOT_ENDED, "archived"),
    "unarchive": (NOT_ARCHIVED, NOT_ARCHIVED, NOT_ARCHIVED, NOT_ARCHIVED, NOT_ARCHIVED),
    "reset": ("Experiment is already in draft state.", "draft", "draft", "draft", "draft"),
    "freeze_exposure": (
        NOT_LAUNCHED,
        "exposure_frozen",
        "Cannot freeze a paused experiment. Resume it first.",
        "Experiment exposure is already frozen.",
        ENDED,
    ),
    "unfreeze_exposure": (NOT_LAUNCHED, NOT_FROZEN, NOT_FROZEN, "running", ENDED),
}
BODIES: dict[str, Row] = {
    "end": {"conclusion": "won", "conclusion_comment": "As hoped."},
    "ship_variant": {"variant_key": "test", "conclusion": "won"},
}


NEW: Row = {"name": "New", "feature_flag_key": "new-flag"}


@pytest.fixture
def http(posthog: PostHog) -> Iterator[httpx.Client]:
    """A client of PostHog."""
    with client(posthog) as opened:
        yield opened


@pytest.fixture
def older(stages: Stages) -> PostHog:
    """PostHog of a release that lags."""
    made = PostHog(newest=False)
    stand(stages("posthog"), made)
    return made


def invalid(text: str, attr: str | None = None) -> Row:
    """A refusal with 400."""
    return {"type": "validation_error", "code": "invalid_input", "detail": text, "attr": attr}


def act(http: httpx.Client, row: Row, action: str) -> httpx.Response:
    """A lifecycle call."""
    return http.post(f"/experiments/{row['id']}/{action}/", json=BODIES.get(action, {}))


@pytest.mark.parametrize("action", WALK)
def test_every_call_from_every_status(posthog: PostHog, http: httpx.Client, action: str) -> None:
    for status, outcome in zip(STATUSES, WALK[action], strict=True):
        fill(posthog)
        posthog.clear()
        row = posthog.one(status)
        answer = act(http, row, action)
        if outcome in {*STATUSES, "archived"}:
            assert (answer.status_code, posthog.status(row)) == (200, outcome)
            assert [(a.experiment, a.action) for a in posthog.applied] == [(row["id"], action)]
            assert answer.json()["status"] == ("stopped" if outcome == "archived" else outcome)
        else:
            assert (answer.status_code, answer.json()) == (400, invalid(outcome))
            assert (posthog.status(row), posthog.applied) == (status, [])


def test_what_is_archived_is_neither_archived_again_nor_lost(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("archived")
    assert act(http, row, "archive").json() == invalid("Experiment is already archived.")
    assert act(http, row, "unarchive").json()["archived"] is False


def test_a_launch_sets_the_date_the_flag_and_fingerprints(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("draft")
    body = act(http, row, "launch").json()
    assert body["start_date"] is not None
    assert (body["feature_flag"]["active"], body["version"]) == (True, 2)
    assert all(metric["fingerprint"] for metric in body["metrics"] + body["metrics_secondary"])
    again = posthog.one("draft")
    again["feature_flag"]["deleted"] = True
    assert act(http, again, "launch").json() == invalid("Feature flag is deleted.")


def test_shipping_gives_everybody_the_winner(posthog: PostHog, http: httpx.Client) -> None:
    row = posthog.one("running")
    path = f"/experiments/{row['id']}/ship_variant/"
    for body in ({}, {"variant_key": "nobody"}):
        assert http.post(path, json=body).json()["attr"] == "variant_key"
    shipped = http.post(path, json={**BODIES["ship_variant"], "release_to_everyone": True}).json()
    filters = shipped["feature_flag"]["filters"]
    shares = {
        each["key"]: each["rollout_percentage"] for each in filters["multivariate"]["variants"]
    }
    assert shares["test"] == sum(shares.values()) == 100
    assert (len(filters["groups"]), shipped["conclusion"]) == (2, "won")


def test_an_end_keeps_the_flag_and_a_reset_clears_what_it_said(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("running")
    ended = act(http, row, "end").json()
    assert (ended["conclusion"], ended["conclusion_comment"]) == ("won", "As hoped.")
    assert ended["feature_flag"]["active"] is True
    reset = act(http, row, "reset").json()
    cleared = ("start_date", "end_date", "conclusion", "conclusion_comment")
    assert [reset[name] for name in cleared] == [None] * 4
    wrong = http.post(f"/experiments/{row['id']}/end/", json={"conclusion": "great"})
    assert wrong.status_code == 400


def test_a_copy_shares_the_flag_or_gets_one(posthog: PostHog, http: httpx.Client) -> None:
    row = posthog.one("running")
    path = f"/experiments/{row['id']}/duplicate/"
    shared = http.post(path)
    assert (shared.status_code, shared.json()["name"]) == (201, f"{row['name']} (Copy)")
    assert shared.json()["feature_flag"]["id"] == row["feature_flag"]["id"]
    assert shared.json()["metrics"][0]["uuid"] != row["metrics"][0]["uuid"]
    own = http.post(path, json={"name": "Mine", "feature_flag_key": "fresh"}).json()
    assert (own["name"], own["feature_flag_key"], own["status"]) == ("Mine", "fresh", "draft")
    assert len(posthog.applied) == 2


def test_an_experiment_is_deleted_and_restored_by_its_fields(
    posthog: PostHog, http: httpx.Client
) -> None:
    row = posthog.one("running")
    path = f"/experiments/{row['id']}/"
    refused = http.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert http.patch(path, json={"deleted": True}).json()["deleted"] is True
    assert http.get(path).status_code == 404
    assert row["id"] not in [each["id"] for each in walk(posthog, http, "/experiments/")]
    row["feature_flag"]["deleted"] = True
    assert http.patch(path, json={"deleted": False}).status_code == 400
    row["feature_flag"]["deleted"] = False
    assert http.patch(path, json={"deleted": False}).json()["deleted"] is False
    assert [each.action for each in posthog.applied] == ["delete", "restore"]


# --- Releases, lists


def test_an_older_release_says_less_and_can_less(older: PostHog) -> None:
    with client(older) as http:
        row = older.one("stopped")
        shown = http.get(f"/experiments/{row['id']}/").json()
        assert {"status", "version", "tags"} & set(shown) == set()
        for action in ("unarchive", "freeze_exposure", "unfreeze_exposure"):
            assert act(http, row, action).status_code == 404
        archived = http.patch(f"/experiments/{row['id']}/", json={"archived": True, "version": 7})
        assert archived.json()["archived"] is True
        variants = [{"key": key, "rollout_percentage": 50} for key in ("a", "b")]
        body = {**NEW, "parameters": {"feature_flag_variants": variants}}
        assert http.post("/experiments/", json=body).json()["attr"] == "parameters"


def test_lists_are_filtered_and_ordered(posthog: PostHog, http: httpx.Client) -> None:
    def found(**query: Any) -> list[Row]:
        return list(walk(posthog, http, "/experiments/", limit=3, **query))

    for status in STATUSES:
        assert {each["status"] for each in found(status=status)} == {status}
    assert found(status="complete") == found(status="stopped")
    assert {each["archived"] for each in found(archived="true")} == {True}
    assert {each["tags"][0] for each in found(tags='["search"]')} == {"search"}
    assert "search" not in {each["tags"][0] for each in found(excluded_tags='["search"]')}
    assert {each["created_by"]["id"] for each in found(created_by_id=2)} == {2}
    assert [each["id"] for each in found(feature_flag_id=5)] == [5]
    assert [each["id"] for each in found(search="experiment-00003")] == [3]
    measured = found(event="mean_event")
    assert measured
    assert all("mean_event" in f"{each['metrics']}{each['metrics_secondary']}" for each in measured)
    dates = [each["start_date"] or "" for each in found(order="-start_date")]
    assert dates == sorted(dates, reverse=True)
    for wrong in ({"order": "luck"}, {"status": "odd"}, {"tags": "search"}, {"limit": "many"}):
        assert http.get("/experiments/", params=wrong).status_code == 400
    root = posthog.url.removesuffix("/projects/1")
    for place in ("/projects/@current", "/environments/1"):
        assert http.get(f"{root}{place}/experiments").json()["count"] == 20
    assert http.get(f"{root}/projects/2/experiments/").status_code == 404
