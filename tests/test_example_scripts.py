"""The example scripts, as their users run them, against the real command."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "examples" / "scripts"
KEY = "a key of sixteen letters or more"

RUNS = {
    "python": [sys.executable, str(SCRIPTS / "start_experiment.py")],
    "shell": ["sh", str(SCRIPTS / "start_experiment.sh")],
}

READY = """{ experiments(first: 200, where: {source: {platform: {eq: LOCAL}}, phase: {eq: DRAFT}}) {
  nodes { key readiness { valid } } } }"""
STATE = """query($key: String!) { experiment(key: $key) { phase version
  events(where: {action: {eq: "START"}}) { totalCount } notes { nodes { note action } } } }"""


class Gateway:
    """A running gateway with demo data in it."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}graphql"

    def ask(self, query: str, **variables: Any) -> Any:
        """What it answers."""
        body = {"query": query, "variables": variables}
        headers = {"Authorization": f"Api-Key {KEY}"}
        answer = httpx.post(self.url, json=body, headers=headers, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def draft(self, *, valid: bool) -> str:
        """The key of a draft that can be started, or that cannot."""
        nodes = self.ask(READY)["experiments"]["nodes"]
        return next(str(node["key"]) for node in nodes if node["readiness"]["valid"] is valid)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """The command `trialgraph serve`, over a database of its own."""
    environment = {name: value for name, value in os.environ.items() if "TRIALGRAPH" not in name}
    with subprocess.Popen(
        [sys.executable, "-m", "trialgraph", "serve", "--demo-if-empty"],
        cwd=tmp_path,
        env=environment | {"TRIALGRAPH_PORT": "0", "TRIALGRAPH_BOOTSTRAP_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert found is not None
        yield Gateway(found[0])
        process.terminate()


def run(how: str, url: str, *arguments: str, key: str = KEY) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUNS[how], *arguments],
        env=os.environ | {"TRIALGRAPH_URL": url, "TRIALGRAPH_KEY": key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("how", RUNS)
def test_it_starts_an_experiment_once(gateway: Gateway, how: str) -> None:
    key = gateway.draft(valid=True)
    done = run(how, gateway.url, key, "as agreed")
    again = run(how, gateway.url, key, "as agreed")
    state = gateway.ask(STATE, key=key)["experiment"]

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{key} is RUNNING")
    assert again.returncode == 1
    assert "START starts from DRAFT, READY, DEVELOPMENT, and this is RUNNING." in again.stderr
    assert (state["phase"], state["version"], state["events"]["totalCount"]) == ("RUNNING", 2, 1)


@pytest.mark.parametrize("how", RUNS)
def test_it_says_why_not_and_changes_nothing(gateway: Gateway, how: str) -> None:
    key = gateway.draft(valid=False)
    before = gateway.ask(STATE, key=key)
    refused = run(how, gateway.url, key)
    unknown = run(how, gateway.url, "no such 'experiment\"")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"{key} was not started:")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("There is no experiment")
    assert gateway.ask(STATE, key=key) == before


@pytest.mark.parametrize("how", RUNS)
def test_it_ends_with_2_where_the_gateway_cannot_be_asked(gateway: Gateway, how: str) -> None:
    wrong_key = run(how, gateway.url, "x", key="wrong")
    nobody = run(how, "http://127.0.0.1:9/graphql", "x")

    assert (wrong_key.returncode, nobody.returncode) == (2, 2)
