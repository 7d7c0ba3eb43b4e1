"""The stand-ins of the platforms: what all of them do, over real HTTP."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.platforms.cases import EXPIRED, KINDS, LISTS, REFUSED, STARTS, Case, standing
from tests.platforms.checkmango import Checkmango
from tests.platforms.faults import Fault
from tests.platforms.fixtures import Stages
from tests.platforms.standin import fill, serve
from tests.platforms.talking import client, walk

ROOT = Path(__file__).parent.parent
AUTH0_STATUSES = {"draft", "active", "paused", "completed", "archived"}
STATUSES = {
    "absmartly": {"created", "ready", "development", "running", "full_on", "stopped", "archived"},
    "posthog": {"draft", "running", "paused", "exposure_frozen", "stopped", "archived", "deleted"},
    "auth0": AUTH0_STATUSES,
    "auth0_first": AUTH0_STATUSES,
    "checkmango": {"draft", "running", "stopped"},
}


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest, stages: Stages) -> Case:
    """Each platform in turn."""
    return standing(request.param, stages)


def test_every_page_of_a_list_comes_once(case: Case) -> None:
    path, query, hidden = LISTS[case.name]
    with client(case.standin) as http:
        seen = [item["id"] for item in walk(case.standin, http, path, **query)]
    rows = [row for row in case.standin.experiments.values() if row.get("team_id", 1) == 1]
    shown = [row for row in rows if case.standin.status(row) not in hidden]
    key = "key" if case.name == "checkmango" else "id"
    assert sorted(seen) == sorted(row[key] for row in shown)
    assert len(case.standin.calls) == -(-len(seen) // 7) > 1


def test_who_shows_no_good_credential_is_not_let_in(case: Case) -> None:
    url = f"{case.standin.url}{LISTS[case.name][0]}"
    wrong = {"Authorization": f"{case.standin.scheme} wrong"}
    other = {"Authorization": f"Basic {case.standin.token}"}
    for headers in ({}, wrong, other):
        answer = httpx.get(url, headers=headers)
        assert (answer.status_code, answer.json()) == REFUSED[case.name]


def test_a_credential_expires_and_another_one_takes_its_place(case: Case) -> None:
    path, _, _ = LISTS[case.name]
    case.standin.expire_token()
    with client(case.standin) as http:
        answer = http.get(path)
        assert (answer.status_code, answer.json()) == EXPIRED[case.name]
    case.standin.token = "another"  # noqa: S105  a stand-in's
    with client(case.standin) as http:
        assert http.get(path).status_code == 200


def test_a_credential_may_be_one_that_only_reads(case: Case) -> None:
    case.standin.may_write = False
    with client(case.standin) as http:
        assert http.get(LISTS[case.name][0]).status_code == 200
        assert case.start(http).status_code == 403
    assert case.untouched


def test_the_second_start_is_an_error(case: Case) -> None:
    with client(case.standin) as http:
        first, second = case.start(http), case.start(http)
    assert (first.is_success, second.is_client_error, case.started) == (True, True, True)
    assert [call.status for call in case.standin.calls] == [200, second.status_code]


def test_every_call_is_written_down_until_the_journal_is_cleared(case: Case) -> None:
    path, _, _ = LISTS[case.name]
    with client(case.standin) as http:
        http.get(path, params={"page": 1} if case.name == "absmartly" else {})
        case.start(http)
    read, started = case.standin.calls
    query = "?page=1" if case.name == "absmartly" else ""
    assert (read.method, read.path, read.body) == (
        "GET",
        f"{case.standin.base}{path}{query}",
        None,
    )
    assert (started.method, started.body) == (STARTS[case.name][2], STARTS[case.name][4])
    assert read.moment <= started.moment
    case.standin.fail(Fault.FAILING)
    case.standin.clear()
    assert (case.standin.calls, case.standin.applied) == ([], [])
    with client(case.standin) as http:
        assert http.get(path).status_code == 200


def test_errors_have_the_platforms_own_form(case: Case) -> None:
    _, _, method, path, _ = STARTS[case.name]
    with client(case.standin) as http:
        missing = http.get("/nothing/here")
        broken = http.request(method, path.format(**case.row), content=b"{nonsense")
    form = set(json.loads(bytes(case.standin.problem(404, "").body)))
    assert (missing.status_code, set(missing.json())) == (404, form)
    assert (broken.status_code, set(broken.json())) == (400, form)
    assert case.untouched


@pytest.mark.parametrize("name", KINDS)
def test_the_same_numbers_make_the_same_content(name: str) -> None:
    def made(seed: int) -> str:
        standin = KINDS[name]()
        fill(standin, experiments=40, seed=seed)
        return json.dumps([list(standin.experiments.values())], sort_keys=True, default=str)

    assert made(7) == made(7)
    assert made(7) != made(8)


@pytest.mark.parametrize("name", KINDS)
def test_five_thousand_experiments_are_in_every_status(name: str) -> None:
    standin = KINDS[name]()
    fill(standin, experiments=5000)
    assert len(standin.experiments) == 5000
    assert {standin.status(row) for row in standin.experiments.values()} == STATUSES[name]


# --- Serving


def test_a_stand_in_is_there_while_it_is_served_and_no_longer() -> None:
    with serve(Checkmango()) as standin:
        fill(standin, experiments=3)
        with client(standin) as http:
            assert len(http.get("/teams/1/experiments").json()["data"]) == 3
    with pytest.raises(httpx.ConnectError):
        httpx.get(standin.url)


def test_all_four_are_served_by_one_command_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "tests.platforms", "--experiments", "9"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = [json.loads(process.stdout.readline()) for _ in range(4)]
        paths = {"ABSMARTLY": "/users", "POSTHOG": "/experiments/", "CHECKMANGO": "/teams"}
        for each in found:
            scheme = "Api-Key" if each["platform"] == "ABSMARTLY" else "Bearer"
            url = each["url"] + paths.get(each["platform"], "/experiments")
            answer = httpx.get(url, headers={"Authorization": f"{scheme} {each['token']}"})
            assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [each["platform"] for each in found] == ["ABSMARTLY", "POSTHOG", "AUTH0", "CHECKMANGO"]
