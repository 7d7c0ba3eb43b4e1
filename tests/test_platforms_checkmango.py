"""Checkmango's stand-in answers as its facts say: lifecycle, resources, includes, both shapes."""

from collections.abc import Iterator

import httpx
import pytest

from tests.platforms.checkmango import Checkmango
from tests.platforms.fixtures import Stages, stand
from tests.platforms.standin import Row, fill
from tests.platforms.talking import client, walk

TEAM = "/teams/1"
TAKEN = {
    "message": "The given data was invalid.",
    "errors": {"key": ["The key has already been taken."]},
}
LEGAL = {("draft", "start"): "running", ("running", "stop"): "stopped"}


@pytest.fixture
def http(checkmango: Checkmango) -> Iterator[httpx.Client]:
    """A client of Checkmango."""
    with client(checkmango) as opened:
        yield opened


@pytest.fixture
def older(stages: Stages) -> Checkmango:
    """Checkmango in the shapes of 2021."""
    made = Checkmango(shapes=2021)
    stand(stages("checkmango"), made)
    return made


def path_of(row: Row) -> str:
    """The path of an experiment."""
    return f"/teams/{row['team_id']}/experiments/{row['key']}"


@pytest.mark.parametrize("word", ["start", "stop"])
def test_every_call_from_every_status(
    checkmango: Checkmango, http: httpx.Client, word: str
) -> None:
    for status in ("draft", "running", "stopped"):
        fill(checkmango)
        checkmango.clear()
        row = checkmango.one(status)
        answer = http.post(f"{path_of(row)}/{word}")
        if (status, word) in LEGAL:
            shown = answer.json()["data"]["attributes"]
            assert (answer.status_code, shown["status"]) == (200, LEGAL[status, word])
            moment = {"start": "started", "stop": "stopped"}[word]
            assert shown[moment]["string"] == row[moment]
            assert [(a.experiment, a.action) for a in checkmango.applied] == [(row["key"], word)]
        else:
            text = f"The experiment cannot {word}: it is {status}."
            assert (answer.status_code, answer.json()["errors"]) == (422, {"status": [text]})
            assert (row["status"], checkmango.applied) == (status, [])


def test_a_refusal_can_have_another_number_and_an_echo_can_be_stale(
    checkmango: Checkmango, http: httpx.Client
) -> None:
    checkmango.refusal_status, checkmango.stale_echo = 403, True
    row = checkmango.one("draft")
    echo = http.post(f"{path_of(row)}/start").json()["data"]["attributes"]
    assert (echo["status"], echo["started"]["string"]) == ("draft", None)
    assert http.get(path_of(row)).json()["data"]["attributes"]["status"] == "running"
    assert http.post(f"{path_of(row)}/start").status_code == 403


def test_an_experiment_is_made_renamed_and_deleted(
    checkmango: Checkmango, http: httpx.Client
) -> None:
    path = f"{TEAM}/experiments"
    body = {"key": "FRESH", "event_key": "EVENT_2", "description": "**New**"}
    made = http.post(path, json=body).json()["data"]
    assert (made["id"], made["type"], made["attributes"]["status"]) == (
        *("FRESH", "experiments"),
        "draft",
    )
    again = http.post(path, json=body)
    assert (again.status_code, again.json()) == (422, TAKEN)
    for wrong in ({"key": "OTHER"}, {"key": "OTHER", "event_key": "NONE"}):
        assert set(http.post(path, json=wrong).json()["errors"]) == {"event_key"}
    renamed = http.put(f"{path}/FRESH", json={"key": "RENAMED", "event_key": "EVENT_1"})
    assert renamed.json()["data"]["attributes"]["id"] == made["attributes"]["id"]
    assert http.put(f"{path}/RENAMED", json={"algorithm_type": "luck"}).status_code == 422
    assert http.get(f"{path}/FRESH").json() == {"message": "Not Found"}
    assert http.delete(f"{path}/RENAMED").status_code == 204
    assert http.delete(f"{path}/RENAMED").status_code == 404
    assert [each.action for each in checkmango.applied] == ["create", "edit", "delete"]


def test_a_deletion_takes_the_variants_along(checkmango: Checkmango, http: httpx.Client) -> None:
    row = checkmango.one("running")
    assert http.delete(path_of(row)).status_code == 204
    assert row["id"] not in {each["experiment_id"] for each in checkmango.variants.values()}


def test_variants_are_made_changed_and_deleted(checkmango: Checkmango, http: httpx.Client) -> None:
    path = f"{path_of(checkmango.one('draft'))}/variants"
    body: Row = {"key": "FRESH", "control": False, "description": "New.", "traffic": 25}
    made = http.post(path, json=body).json()["data"]
    assert made["attributes"] | body == made["attributes"] | {"traffic": 25}
    assert made["links"]["self"]["href"] == f"{checkmango.url}{path}/FRESH"
    again = http.post(path, json=body)
    assert (again.status_code, again.json()) == (422, TAKEN)
    changed = http.put(f"{path}/FRESH", json={"key": "FRESHER", "traffic": "75"}).json()["data"]
    assert (changed["id"], checkmango.variants[changed["attributes"]["id"]]["traffic"]) == (
        "FRESHER",
        "75",
    )
    assert http.delete(f"{path}/FRESHER").status_code == 204
    assert http.get(f"{path}/FRESHER").status_code == 404


@pytest.mark.parametrize(
    ("key", "good"),
    [
        ("VARIANT_Z", True),
        ("!!_ok", True),  # the published rule is not anchored at its start
        ("a" * 255, True),
        ("a" * 256, False),
        ("spaced out_", False),
        ("", False),
        (7, False),
    ],
)
def test_the_rule_of_keys(
    checkmango: Checkmango, http: httpx.Client, key: object, *, good: bool
) -> None:
    path = f"{path_of(checkmango.one('draft'))}/variants"
    answer = http.post(path, json={"key": key})
    assert answer.status_code == (200 if good else 422)
    assert good or set(answer.json()["errors"]) == {"key"}


@pytest.mark.parametrize(
    "wrong", [{"control": "yes"}, {"traffic": 101}, {"traffic": "much"}, {"description": 5}]
)
def test_what_a_variant_must_not_say(
    checkmango: Checkmango, http: httpx.Client, wrong: Row
) -> None:
    path = f"{path_of(checkmango.one('draft'))}/variants"
    answer = http.post(path, json={"key": "FRESH", **wrong})
    assert (answer.status_code, set(answer.json()["errors"])) == (422, set(wrong))


def test_nothing_is_made_without_a_subscription(checkmango: Checkmango, http: httpx.Client) -> None:
    checkmango.subscribed = False
    row = checkmango.one("draft")
    for path in (f"{TEAM}/experiments", f"{TEAM}/events", f"{path_of(row)}/variants"):
        answer = http.post(path, json={"key": "FRESH"})
        assert (answer.status_code, answer.json()) == (402, {"message": "Subscription required."})
    assert http.post(f"{path_of(row)}/start").status_code == 200


def test_events_are_made_changed_and_deleted_unless_used(
    checkmango: Checkmango, http: httpx.Client
) -> None:
    path = f"{TEAM}/events"
    assert http.post(path, json={"key": "FRESH"}).json()["errors"].keys() == {"type"}
    http.post(path, json={"key": "FRESH", "type": "count"}).raise_for_status()
    assert http.put(f"{path}/FRESH", json={"type": "sum"}).status_code == 422
    changed = http.put(f"{path}/FRESH", json={"type": "unique"}).json()["data"]
    assert changed["attributes"]["type"] == "unique"
    assert http.delete(f"{path}/FRESH").status_code == 204
    used = checkmango.events[checkmango.one("running")["event_id"]]["key"]
    assert http.delete(f"{path}/{used}").status_code == 422
    assert len(list(walk(checkmango, http, path, per_page=2))) == 5


def test_statistics_are_of_the_experiments_event_or_the_one_asked_for(
    checkmango: Checkmango, http: httpx.Client
) -> None:
    row = checkmango.one("running")
    path = f"{path_of(row)}/variants/VARIANT_A/statistics"
    [own] = http.get(path).json()["data"]
    assert own["attributes"]["event_id"] == row["event_id"]
    assert own["id"].isdecimal()
    query = {"filter[event]": "EVENT_3", "include": "event,variant,experiment"}
    body = http.get(path, params=query).json()
    assert {each["type"] for each in body["included"]} == {"events", "variants", "experiments"}
    assert body["data"][0]["relationships"]["event"]["data"]["id"] == "EVENT_3"
    control = http.get(f"{path_of(row)}/variants/CONTROL/statistics").json()["data"][0]
    assert control["attributes"]["uplift"] is None
    draft = http.get(f"{path_of(checkmango.one('draft'))}/variants/CONTROL/statistics").json()
    assert draft["data"][0]["attributes"]["p_value"] is None
    place = (own["attributes"]["variant_id"], row["event_id"])
    checkmango.statistics[place] = {"uplift": 0.5}
    assert http.get(path).json()["data"][0]["attributes"]["uplift"] == 0.5


def test_a_list_includes_all_that_belongs_to_it(checkmango: Checkmango, http: httpx.Client) -> None:
    query: Row = {"include": "event,team,variants", "per_page": 100}
    body = http.get(f"{TEAM}/experiments", params=query).json()
    variants = [each for each in body["included"] if each["type"] == "variants"]
    mine = {row["id"] for row in checkmango.experiments.values() if row["team_id"] == 1}
    expected = [each for each in checkmango.variants.values() if each["experiment_id"] in mine]
    assert len(variants) == len(expected)
    first = body["data"][0]
    keys = [each["id"] for each in first["relationships"]["variants"]["data"]]
    assert keys[:2] == ["CONTROL", "VARIANT_A"]
    bare = http.get(f"{TEAM}/experiments").json()
    assert (bare["data"][0]["relationships"], "included" in bare) == ([], False)
    assert http.get(f"{TEAM}/experiments", params={"include": "luck"}).status_code == 400
    teams = http.get("/teams", params={"include": "experiments.variants,events"}).json()
    assert {each["type"] for each in teams["included"]} == {"experiments", "variants", "events"}


def test_pages_are_simple_and_status_is_no_filter(
    checkmango: Checkmango, http: httpx.Client
) -> None:
    query: Row = {"filter[status]": "draft", "sort": "-key", "page": 2}
    body = http.get(f"{TEAM}/experiments", params=query).json()
    assert body["meta"] == {
        "current_page": 2,
        "from": 16,
        "path": f"{checkmango.url}{TEAM}/experiments",
        "per_page": 15,
        "to": 22,
    }
    assert (body["links"]["last"], body["links"]["next"]) == (None, None)
    keys = [each["id"] for each in body["data"]]
    assert keys == sorted(keys, reverse=True)
    assert len({each["attributes"]["status"] for each in body["data"]}) == 3
    for wrong, status in (({"per_page": 101}, 422), ({"page": 0}, 422), ({"sort": "luck"}, 400)):
        assert http.get(f"{TEAM}/experiments", params=wrong).status_code == status


def test_keys_are_a_teams_own(http: httpx.Client) -> None:
    one, two = (
        http.get(f"/teams/{team}/experiments/EXPERIMENT_00001").json()["data"] for team in (1, 2)
    )
    assert one["id"] == two["id"]
    assert one["attributes"]["id"] != two["attributes"]["id"]
    assert http.get("/teams/3/experiments").json() == {"message": "Not Found"}
    assert http.get("/current-team").json()["data"]["id"] == "1"
    for path in ("/user", "/health", "/teams/2"):
        assert http.get(path).status_code == 200


def test_the_older_shapes(older: Checkmango) -> None:
    row = older.one("running")
    with client(older) as http:
        shown = http.get(path_of(row), params={"include": "event"}).json()
        page = http.get(f"{TEAM}/experiments", params={"per_page": 1}).json()
        missing = http.get(f"{TEAM}/experiments/NONE").json()
    assert (shown["data"]["type"], shown["included"][0]["type"]) == ("experiment", "event")
    assert shown["data"]["links"]["self"] == f"{older.url}{path_of(row)}"
    assert "started" not in shown["data"]["attributes"]
    assert page["meta"]["per_page"] == "1"
    assert missing == {"message": "Resource Not Found"}
