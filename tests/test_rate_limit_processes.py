"""Two gateways on one database: what is spent at one of them is missing at the other."""

import time
import urllib.error
from pathlib import Path

from tests.serving import Gateway, serving

DEAR = "{ teams(first: 150) { nodes { name } } }"
LEFT = "{ rateLimit { remaining } }"


def remaining(gateway: Gateway) -> int:
    """What the caller may still spend, as this gateway sees it."""
    return int(gateway.ask(LEFT)["data"]["rateLimit"]["remaining"])


def refusal(gateway: Gateway) -> tuple[int, str]:
    """The status of an answer that is dear, and when to try again."""
    try:
        gateway.ask(DEAR)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Retry-After"]
    return 200, ""


def test_what_is_spent_at_one_gateway_is_missing_at_the_other(
    tmp_path: Path, new_database_url: str
) -> None:
    settings = {"database_url": new_database_url, "rate_limit": "1000"}
    for name in "ab":
        (tmp_path / name).mkdir()
    with (
        serving(tmp_path / "a", **settings) as one,
        serving(tmp_path / "b", **settings) as two,
    ):
        for _ in range(5):
            one.ask(DEAR)
        two.ask(DEAR)
        ends = time.monotonic() + 20
        # 750 are spent at one; at the other 150 are, and what it has heard of.
        while remaining(two) > 400 and time.monotonic() < ends:
            two.ask("{ teams(first: 10) { nodes { name } } }")
            time.sleep(0.3)
        assert remaining(two) <= 400
        refused = [retry_after for status, retry_after in map(refusal, [two] * 6) if status == 429]
    assert refused
    assert all(0 < int(retry_after) <= 60 for retry_after in refused)
