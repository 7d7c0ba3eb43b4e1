"""ABsmartly's stand-in, beside experiments: lists, making, changing, archiving, deleting, notes."""

from collections.abc import Iterator

import httpx
import pytest

from tests.platforms.absmartly import Absmartly
from tests.platforms.standin import Row
from tests.platforms.talking import client, walk

NEW: dict[str, tuple[str, Row]] = {
    "users": ("user", {"email": "new@shop.example", "first_name": "New"}),
    "teams": ("team", {"name": "New", "parent_team_id": 1, "users": [{"user_id": 2}]}),
    "applications": ("application", {"name": "New"}),
    "environments": ("environment", {"name": "New", "type": "development"}),
    "unit_types": ("unit_type", {"name": "New"}),
    "experiment_tags": ("experiment_tag", {"tag": "new"}),
    "goal_tags": ("goal_tag", {"tag": "new"}),
    "metric_tags": ("metric_tag", {"tag": "new"}),
    "metric_categories": ("metric_category", {"name": "New", "color": "#ffffff"}),
    "segments": ("segment", {"name": "New", "value_source_attribute": "country"}),
    "goals": ("goal", {"name": "New", "owners": [{"user_id": 1}], "tags": [{"goal_tag_id": 1}]}),
    "metrics": ("metric", {"name": "New", "goal_id": 1, "teams": [{"team_id": 2}]}),
}
UNIQUE = {"users": "email", "experiment_tags": "tag", "goal_tags": "tag", "metric_tags": "tag"}
DELETED = {"experiment_tags", "goal_tags", "metric_tags", "segments"}
FORBIDDEN = (404, 405)


@pytest.fixture
def http(absmartly: Absmartly) -> Iterator[httpx.Client]:
    """A client of ABsmartly."""
    with client(absmartly) as opened:
        yield opened


@pytest.mark.parametrize("plural", NEW)
def test_a_noun_is_listed_made_changed_and_put_away(
    absmartly: Absmartly, http: httpx.Client, plural: str
) -> None:
    singular, body = NEW[plural]
    before = [each["id"] for each in walk(absmartly, http, f"/{plural}", items=3)]
    shown = [key for key, row in absmartly.tables[plural].items() if not row.get("archived")]
    assert before == shown
    made = http.post(f"/{plural}", json=body).json()[singular]
    assert http.get(f"/{plural}/{made['id']}").json() == {singular: made}
    again = http.post(f"/{plural}", json=body)
    assert (again.status_code, again.json()["ok"]) == (400, False)
    name = UNIQUE.get(plural, "name")
    data = {name: "changed@shop.example"}
    changed = http.put(f"/{plural}/{made['id']}", json={"data": data}).json()[singular]
    assert changed == {**made, **data, **{k: v for k, v in changed.items() if k[:7] == "updated"}}
    assert http.put(f"/{plural}/{made['id']}", json=data).status_code == 422
    archived = http.put(f"/{plural}/{made['id']}/archive", json={"archive": True})
    deleted = http.delete(f"/{plural}/{made['id']}")
    expected = (404, 200) if plural in DELETED else (200, 405)
    assert (archived.status_code, deleted.status_code) == expected
    assert [each["id"] for each in walk(absmartly, http, f"/{plural}", items=3)] == before


def test_what_is_archived_is_shown_when_asked_for(absmartly: Absmartly, http: httpx.Client) -> None:
    def seen(**query: int) -> set[int]:
        return {each["id"] for each in walk(absmartly, http, "/users", items=100, **query)}

    assert (seen(archived=1), seen(include_archived=1)) == ({8}, set(range(1, 9)))
    absmartly.archived_in_lists = True
    assert seen() == set(range(1, 9))


def test_a_deleted_tag_is_on_nothing(absmartly: Absmartly, http: httpx.Client) -> None:
    assert http.delete("/experiment_tags/1").json() == {"ok": True, "errors": []}
    rows = absmartly.experiments.values()
    assert all(tag["experiment_tag_id"] != 1 for row in rows for tag in row["experiment_tags"])


def test_what_is_embedded_is_what_is_listed(absmartly: Absmartly, http: httpx.Client) -> None:
    http.put("/users/2", json={"data": {"first_name": "Renamed"}})
    owned = next(row for row in absmartly.experiments.values() if row["owners"][0]["user_id"] == 2)
    shown = http.get(f"/experiments/{owned['id']}").json()["experiment"]
    assert shown["owners"][0]["user"]["first_name"] == "Renamed"


def test_an_active_metric_takes_a_new_version(absmartly: Absmartly, http: httpx.Client) -> None:
    refused = http.put("/metrics/1", json={"data": {"goal_id": 5}})
    assert (refused.status_code, absmartly.metrics[1]["goal_id"]) == (422, 2)
    assert http.put("/metrics/1", json={"data": {"description": "Better."}}).status_code == 200
    body = {"data": {"goal_id": 5}, "reason": "Another goal."}
    new = http.post("/metrics/1/version", json=body).json()["metric"]
    assert (new["version"], new["lifecycle_status"], new["goal_id"]) == (2, "draft", 5)
    assert new["owners"][0]["metric_id"] == new["id"]
    active = http.put(f"/metrics/{new['id']}/activate", json={"reason": "Done."}).json()["metric"]
    states = (active["lifecycle_status"], absmartly.metrics[1]["lifecycle_status"])
    assert states == ("active", "superseded")


def test_notes_are_written_changed_and_answered(absmartly: Absmartly, http: httpx.Client) -> None:
    path = f"/experiments/{absmartly.one('created')['id']}/activity"
    note = http.post(path, json={"note": "What now?"}).json()["experiment_note"]
    http.put(f"{path}/{note['id']}", json={"note": "And now?"})
    http.post(f"{path}/{note['id']}/reply", json={"note": "Wait."})
    first, *_ = http.get(path).json()["experiment_notes"]
    assert (first["action"], first["note"]) == ("comment", "And now?")
    assert [reply["note"] for reply in first["reply_to_experiment_note"]] == ["Wait."]
    assert http.post(path, json={}).status_code == 422
    assert http.put("/experiments/2/activity/1", json={"note": "Lost."}).status_code == 404


def test_results_are_columns_and_rows(absmartly: Absmartly, http: httpx.Client) -> None:
    row = absmartly.one("running")
    body = http.post(f"/experiments/{row['id']}/metrics/{row['primary_metric_id']}").json()
    assert body["columnNames"][:2] == ["variant", "unit_count"]
    assert len(body["columnNames"]) == len(body["rows"][0]) == 11
    assert [each[0] for each in body["rows"]] == list(range(row["nr_variants"]))
    control = dict(zip(body["columnNames"], body["rows"][0], strict=True))
    assert control[f"metric_{row['primary_metric_id']}_impact"] is None


def test_who_asks_is_told_at_the_root(absmartly: Absmartly, http: httpx.Client) -> None:
    url = absmartly.url.removesuffix("/v1") + "/auth/current-user"
    assert http.get(url).json()["user"]["email"] == "ada@shop.example"
