"""The command behind `make demo-platforms`: a gateway before stand-ins of all four platforms."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent
PLATFORMS = {"ABSMARTLY", "POSTHOG", "AUTH0", "CHECKMANGO"}
ACTIONS = {"START": "startExperiment", "STOP": "stopExperiment"}

EVERYTHING = """{ experiments(first: 200, orderBy: [{name: ASC}]) { nodes {
  id name platform source { name state } availableTransitions { action allowed }
} } }"""
CHANGE = """mutation($id: ID!) { %s(input: {id: $id%s}) {
  ok errors { message } experiment { sync { state } } event { delivery { state attempts } }
} }"""


class Demo:
    """A running demo, asked with the key that it printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.process = process
        self.lines: list[str] = []
        for line in process.stdout:
            self.lines.append(line)
            found = re.search(r"(http://127\.0\.0\.1:\d+/)#key=(\S+)", line)
            if found:
                self.url, self.key = found.groups()
                break

    def ask(self, query: str, **variables: Any) -> Any:
        """The first field of an answer."""
        answer = httpx.post(
            f"{self.url}graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Api-Key {self.key}"},
            timeout=30,
        ).json()
        assert "errors" not in answer, json.dumps(answer)
        return next(iter(answer["data"].values()))


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """The demo with a few experiments on each platform; what it makes goes into the folder."""
    inherited = {name: text for name, text in os.environ.items() if "TRIALGRAPH" not in name}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.platforms.demo", "--experiments", "12"],
        cwd=ROOT,
        env=inherited | {"TRIALGRAPH_PORT": "0", "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Demo(process)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_one_query_sees_all_platforms_each_takes_a_change_and_ctrl_c_ends_it(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as running:
        synced = {line.partition(":")[0].upper() for line in running.lines[:4]}
        nodes = running.ask(EVERYTHING)["nodes"]
        assert synced == {node["platform"] for node in nodes} == PLATFORMS
        assert all(
            node["source"] == {"name": node["platform"].lower(), "state": "CONNECTED"}
            for node in nodes
        )
        for platform in sorted(PLATFORMS):
            number, action = first_choice(nodes, platform)
            more = ', reason: "testing"' if (platform, action) == ("ABSMARTLY", "STOP") else ""
            payload = running.ask(CHANGE % (ACTIONS[action], more), id=number)
            assert (payload["ok"], payload["errors"]) == (True, [])
            assert payload["experiment"] == {"sync": {"state": "SYNCED"}}
            assert payload["event"]["delivery"] == {"state": "DELIVERED", "attempts": 1}

        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(30) == 0
        with pytest.raises(httpx.ConnectError):
            running.ask("{ __typename }")
    assert list(tmp_path.iterdir()) == []


def first_choice(nodes: list[Any], platform: str) -> tuple[str, str]:
    """An experiment of a platform that can be started or stopped, and which of both."""
    return next(
        (node["id"], each["action"])
        for node in nodes
        for each in node["availableTransitions"]
        if node["platform"] == platform and each["allowed"] and each["action"] in ACTIONS
    )
