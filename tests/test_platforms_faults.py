"""What each kind of fault does to a request, on every platform's stand-in."""

import time

import httpx
import pytest

from tests.platforms.cases import EXPIRED, KINDS, LISTS, Case, standing
from tests.platforms.faults import SECRETS, Fault
from tests.platforms.fixtures import Stages
from tests.platforms.talking import client

LIMITS: dict[str, set[tuple[str, str]]] = {
    "absmartly": {("retry-after", "2")},
    "posthog": {("retry-after", "2")},
    "auth0": {("x-ratelimit-limit", "50"), ("x-ratelimit-remaining", "0")},
    "auth0_first": {("x-ratelimit-limit", "50"), ("x-ratelimit-remaining", "0")},
    "checkmango": set(),
}


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest, stages: Stages) -> Case:
    """Each platform in turn."""
    return standing(request.param, stages)


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("kind", [Fault.CUT_BEFORE, Fault.CUT_AFTER])
def test_a_cut_is_a_close_or_a_reset(case: Case, kind: Fault, *, reset: bool) -> None:
    case.standin.fail(kind, reset=reset)
    error = httpx.ReadError if reset else httpx.RemoteProtocolError
    with client(case.standin) as http, pytest.raises(error):
        case.start(http)
    assert case.started is (kind is Fault.CUT_AFTER)
    assert case.untouched is (kind is Fault.CUT_BEFORE)
    assert [call.status for call in case.standin.calls] == [None]


def test_a_truncated_answer_is_applied_and_half_sent(case: Case) -> None:
    case.standin.fail(Fault.TRUNCATED)
    kept: list[bytes] = []
    with (
        client(case.standin) as http,
        case.starting(http) as answer,
        pytest.raises(httpx.RemoteProtocolError, match="complete message body"),
    ):
        kept.extend(answer.iter_bytes())
    assert len(b"".join(kept)) == int(answer.headers["content-length"]) // 2
    assert case.started


def test_slow_takes_effect_though_nobody_waits(case: Case) -> None:
    case.standin.fail(Fault.SLOW, seconds=0.3)
    with client(case.standin) as http, pytest.raises(httpx.ReadTimeout):
        case.start(http, timeout=0.1)
    assert case.untouched
    deadline = time.monotonic() + 5
    while not case.standin.calls and time.monotonic() < deadline:
        time.sleep(0.01)
    assert case.started


def test_too_many_requests_are_told_in_the_platforms_own_way(case: Case) -> None:
    case.standin.fail(Fault.RATE_LIMITED, seconds=2)
    with client(case.standin) as http:
        answer = case.start(http)
    assert answer.status_code == 429
    limits = {pair for pair in answer.headers.items() if pair[0].startswith(("retry", "x-rate"))}
    reset = {pair for pair in limits if pair[0] == "x-ratelimit-reset"}
    assert limits - reset == LIMITS[case.name]
    assert all(int(at) - time.time() <= 3 for _, at in reset)
    assert case.untouched


@pytest.mark.parametrize(
    ("kind", "status", "media", "text"),
    [
        (Fault.FAILING, 500, "application/json", SECRETS[0]),
        (Fault.BAD_GATEWAY, 502, "text/html; charset=utf-8", "502 Bad Gateway"),
        (Fault.WRONG_JSON, 200, "application/json", "<!doctype html>"),
    ],
)
def test_other_faults_apply_nothing(
    case: Case, kind: Fault, status: int, media: str, text: str
) -> None:
    case.standin.fail(kind)
    with client(case.standin) as http:
        answer = case.start(http)
    assert (answer.status_code, answer.headers["content-type"]) == (status, media)
    assert text in answer.text
    assert case.untouched


def test_a_fault_is_for_the_requests_that_it_names(case: Case) -> None:
    path, _, _ = LISTS[case.name]
    case.standin.fail(Fault.EXPIRED, times=2, method="GET", path="/experiments")
    case.standin.fail(Fault.FAILING, path="/nowhere")
    with client(case.standin) as http:
        answers = [case.start(http), *(http.get(path) for _ in range(3))]
    expired, body = EXPIRED[case.name]
    assert [answer.status_code for answer in answers] == [200, expired, expired, 200]
    assert answers[1].json() == body
