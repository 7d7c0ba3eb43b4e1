"""ABsmartly's stand-in answers as its facts say: lists, lifecycle, edits, activity, nouns."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.platforms.absmartly import Absmartly
from tests.platforms.standin import Row, fill
from tests.platforms.talking import client, walk

BODIES: dict[str, Row] = {
    "development": {},
    "start": {"note": "Go."},
    "stop": {"reason": "testing"},
    "full_on": {"full_on_variant": 1},
    "archive": {"archive": True},
    "unarchive": {"archive": False},
}
LEGAL = {
    ("development", "ready"): "development",
    ("start", "ready"): "running",
    ("start", "development"): "running",
    ("stop", "development"): "stopped",
    ("stop", "running"): "stopped",
    ("stop", "full_on"): "stopped",
    ("full_on", "running"): "full_on",
    ("archive", "stopped"): "archived",
    ("unarchive", "archived"): "stopped",
    ("restart", "running"): "stopped",
    ("restart", "full_on"): "stopped",
    ("restart", "stopped"): "stopped",
}
"""Every call that is legal, and where it leads; a restart stops what it was called on."""

DETAIL = {
    *("preview_variants", "alerts", "sample_size", "group_sequential_analyses"),
    *("recommended_action", "experiment_task_states", "iterations"),
}
STATUSES = ("created", "ready", "development", "running", "full_on", "stopped", "archived")


@pytest.fixture
def http(absmartly: Absmartly) -> Iterator[httpx.Client]:
    """A client of ABsmartly."""
    with client(absmartly) as opened:
        yield opened


def whole(row: Row, **changes: Any) -> Row:
    """The input that an experiment is sent back with."""
    metric, unit = row["primary_metric_id"], row["unit_type_id"]
    links = ("owners", "teams", "experiment_tags", "applications", "secondary_metrics", "variants")
    plain = {k: v for k, v in row.items() if not isinstance(v, dict | list)}
    rows = {
        key: [{k: v for k, v in link.items() if not isinstance(v, dict)} for link in row[key]]
        for key in links
    }
    custom = {
        str(each["experiment_custom_section_field_id"]): {"type": "text", "value": each["value"]}
        for each in row["custom_section_field_values"]
    }
    return {
        **plain,
        **rows,
        "unit_type": {"unit_type_id": unit},
        "primary_metric": metric and {"metric_id": metric},
        "custom_section_field_values": custom,
        **changes,
    }


def restart(row: Row, **more: Any) -> Row:
    """The body of a restart."""
    body = {"version": 1, "state": "running", "reshuffle": True, "reason": "testing"}
    return {"data": whole(row), **body, **more}


def call(http: httpx.Client, word: str, row: Row, body: Row | None = None) -> httpx.Response:
    """A lifecycle call, with a sound body unless told otherwise."""
    path = "archive" if word == "unarchive" else word
    sound = restart(row) if word == "restart" else BODIES[word]
    return http.put(f"/experiments/{row['id']}/{path}", json=sound if body is None else body)


def test_every_call_from_every_status(absmartly: Absmartly, http: httpx.Client) -> None:
    for word in (*BODIES, "restart"):
        for status in STATUSES:
            fill(absmartly)
            absmartly.clear()
            row = absmartly.one(status)
            answer = call(http, word, row)
            if (word, status) in LEGAL:
                assert (answer.status_code, answer.json()["ok"]) == (200, True)
                assert absmartly.status(row) == LEGAL[word, status]
                assert [(a.experiment, a.action) for a in absmartly.applied] == [(row["id"], word)]
            else:
                errors = [f"Cannot {word} an experiment that is {status}"]
                assert (answer.status_code, answer.json()) == (409, {"ok": False, "errors": errors})
                assert (absmartly.status(row), absmartly.applied) == (status, [])


@pytest.mark.parametrize("status", [400, 200])
def test_a_refusal_can_have_another_number_or_be_soft(
    absmartly: Absmartly, http: httpx.Client, status: int
) -> None:
    absmartly.refusal_status = status
    answer = call(http, "start", absmartly.one("running"))
    assert (answer.status_code, answer.json()["ok"]) == (status, False)


def test_a_start_says_when_and_writes_a_note(absmartly: Absmartly, http: httpx.Client) -> None:
    row = absmartly.one("ready")
    body = call(http, "start", row).json()
    assert set(body) == {"ok", "errors", "experiment", "experiment_note"}
    assert body["experiment"]["start_at"] == row["start_at"] is not None
    note = body["experiment_note"]
    assert (note["action"], note["note"], note["experiment_id"]) == ("start", "Go.", row["id"])
    activity = http.get(f"/experiments/{row['id']}/activity").json()
    assert [each["action"] for each in activity["experiment_notes"]] == ["start", "ready", "create"]
    assert activity["offset"] == 3


@pytest.mark.parametrize(
    ("word", "status", "body", "error"),
    [
        ("stop", "running", {}, "reason is required"),
        ("full_on", "running", {"full_on_variant": 0}, "full_on_variant must be one of"),
        ("full_on", "running", {"full_on_variant": 9}, "full_on_variant must be one of"),
        ("archive", "stopped", {}, "archive must be a boolean"),
        ("restart", "stopped", {"version": 1}, "data is required"),
    ],
)
def test_what_a_call_asks_for(
    absmartly: Absmartly, http: httpx.Client, word: str, status: str, body: Row, error: str
) -> None:
    row = absmartly.one(status)
    answer = call(http, word, row, body)
    assert (answer.status_code, absmartly.status(row)) == (422, status)
    assert answer.json()["errors"][0].startswith(error)
    assert absmartly.applied == []


def test_an_outdated_metric_keeps_an_experiment_from_its_start(
    absmartly: Absmartly, http: httpx.Client
) -> None:
    row = absmartly.one("ready")
    row["primary_metric"]["lifecycle_status"] = "superseded"
    assert call(http, "start", row).status_code == 422
    assert absmartly.status(row) == "ready"


def test_a_restart_is_a_new_experiment_of_the_family(
    absmartly: Absmartly, http: httpx.Client
) -> None:
    old = absmartly.one("running")
    running = call(http, "restart", old, restart(old, reason=None))
    assert running.json()["errors"] == ["reason is required"]
    body = call(http, "restart", old).json()
    new = body["new_experiment"]
    assert (old["state"], old["experiment_report"]["stop_reason"]) == ("stopped", "testing")
    assert (new["state"], new["iteration"], new["name"]) == ("running", 2, old["name"])
    assert new["start_at"] is not None
    assert new["seed"] != old["seed"]
    assert [each["id"] for each in new["iterations"]] == [old["id"], new["id"]]
    assert body["experiment_note"]["new_experiment_id"] == new["id"]
    family = list(walk(absmartly, http, "/experiments", iterations_of=old["id"], items=9))
    assert [each["id"] for each in family] == [old["id"], new["id"]]
    listed = [each["id"] for each in walk(absmartly, http, "/experiments", items=100)]
    assert new["id"] in listed
    assert old["id"] not in listed


def test_a_restart_may_keep_the_seeds_and_become_a_feature(
    absmartly: Absmartly, http: httpx.Client
) -> None:
    old = absmartly.one("stopped")
    more = {"reshuffle": False, "state": "development", "restart_as_type": "feature"}
    new = call(http, "restart", old, restart(old, **more)).json()["new_experiment"]
    assert (new["seed"], new["state"], new["type"]) == (old["seed"], "development", "feature")
    assert (new["analysis_type"], new["start_at"]) == (None, None)


def test_a_draft_is_made_ready_and_a_draft_again_by_editing(
    absmartly: Absmartly, http: httpx.Client
) -> None:
    row = absmartly.one("created")
    path = f"/experiments/{row['id']}"
    for state in ("ready", "created"):
        body = {"id": row["id"], "data": whole(row, state=state)}
        assert http.put(path, json=body).json()["experiment"]["state"] == state
    body["data"]["state"] = "running"
    assert http.put(path, json=body).status_code == 409
    assert [each.action for each in absmartly.applied] == ["ready", "created"]


def test_an_edit_is_the_whole_input_and_empties_what_is_absent(
    absmartly: Absmartly, http: httpx.Client
) -> None:
    row = absmartly.one("created")
    path = f"/experiments/{row['id']}"
    patch = http.put(path, json={"id": row["id"], "data": {"display_name": "New"}})
    assert (patch.status_code, len(patch.json()["errors"])) == (422, 6)
    data = whole(row, display_name="New")
    del data["owners"]
    edited = http.put(path, json={"id": row["id"], "data": data}).json()["experiment"]
    assert (edited["display_name"], edited["owners"]) == ("New", [])
    assert edited["updated_at"] is not None
    assert edited["primary_metric"]["id"] == row["primary_metric_id"]


def test_what_runs_changes_only_what_may(absmartly: Absmartly, http: httpx.Client) -> None:
    row = absmartly.one("running")
    path = f"/experiments/{row['id']}"
    for change, status in (
        ({"percentage_of_traffic": 5}, 200),
        ({"unit_type": {"unit_type_id": 1 if row["unit_type_id"] == 2 else 2}}, 422),
        ({"primary_metric": {"metric_id": 9}}, 422),
    ):
        answer = http.put(path, json={"id": row["id"], "data": whole(row, **change)})
        assert answer.status_code == status, answer.json()
    locked = absmartly.one("full_on")
    body = {"id": locked["id"], "data": whole(locked)}
    assert http.put(f"/experiments/{locked['id']}", json=body).status_code == 409


def test_an_experiment_is_made_once_under_its_name(
    absmartly: Absmartly, http: httpx.Client
) -> None:
    data = whole(absmartly.one("ready"), name="brand_new", state="draft")
    made = http.post("/experiments", json=data).json()["experiment"]
    assert (made["state"], made["iteration"], made["name"]) == ("created", 1, "brand_new")
    again = http.post("/experiments", json=data)
    errors = ["An experiment with this name already exists"]
    assert (again.status_code, again.json()) == (400, {"ok": False, "errors": errors})
    wrong = {**data, "name": "other", "percentages": "60/60", "nr_variants": 2}
    assert (
        "percentages must add up to 100" in http.post("/experiments", json=wrong).json()["errors"]
    )


def test_an_action_is_scheduled_and_taken_back(absmartly: Absmartly, http: httpx.Client) -> None:
    row = absmartly.one("ready")
    path = f"/experiments/{row['id']}/scheduled_action"
    body = {"action": "start", "scheduled_at": "2031-01-01T00:00:00Z", "note": "Later."}
    made = http.post(path, json=body).json()["scheduled_action"]
    pending = http.get("/experiments", params={"state": "scheduled"}).json()["experiments"]
    assert row["id"] in [each["id"] for each in pending]
    assert http.delete(f"{path}/{made['id']}").json() == {"ok": True, "errors": []}
    assert row["scheduled_actions"] == []
    assert http.post(path, json={"action": "nap"}).status_code == 422


def test_a_list_is_brief_and_hides_what_is_archived(
    absmartly: Absmartly, http: httpx.Client
) -> None:
    body = http.get("/experiments").json()
    assert (body["page"], body["items"], body["total"]) == (1, 1500, 20)
    full = http.get("/experiments", params={"previews": 1}).json()["experiments"][0]
    assert full == http.get(f"/experiments/{full['id']}").json()["experiment"]
    assert set(full) - set(body["experiments"][0]) == DETAIL
    for state, wanted in (("archived", {"archived"}), ("running_not_full_on", {"running"})):
        found = http.get("/experiments", params={"state": state}).json()["experiments"]
        assert {absmartly.status(each) for each in found} == wanted


def test_an_experiment_embeds_what_it_names(absmartly: Absmartly, http: httpx.Client) -> None:
    shown = http.get("/experiments/14").json()["experiment"]
    assert [shot["file_upload"]["id"] for shot in shown["variant_screenshots"]] == [1, 2]
    assert shown["parent_experiment"] == {"updated_at": None, "archived": False}
    parent = http.get("/experiments/14/parent").json()["parent_experiment"]
    assert (parent["id"], parent["type"]) == (12, "test_template")
    assert shown["owners"][0]["user"] == absmartly.users[shown["owners"][0]["user_id"]]
    assert shown["created_by"]["avatar"] is None


def test_lists_are_filtered(absmartly: Absmartly, http: httpx.Client) -> None:
    def found(**query: Any) -> list[Row]:
        return list(walk(absmartly, http, "/experiments", items=100, **query))

    assert {each["owners"][0]["user_id"] for each in found(owners="2")} == {2}
    assert {each["type"] for each in found(type="feature,test_template")} == {
        "feature",
        "test_template",
    }
    since = round(datetime.fromisoformat("2026-01-07T00:00:00Z").timestamp() * 1000)
    later = found(started_at=f"{since},0")
    assert later
    assert all(each["start_at"] > "2026-01-07" for each in later)
    assert [each["name"] for each in found(search="_00003")] == ["experiment_00003"]
    newest = [each["id"] for each in found(sort="id", sort_asc="false")]
    assert newest == sorted(newest, reverse=True)
    assert http.get("/experiments", params={"page": 0}).status_code == 422
    assert http.get("/experiments", params={"updated_at": "yesterday"}).status_code == 400
