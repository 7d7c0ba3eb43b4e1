"""The scripts that follow changes, as their users run them, against the real command."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.serving import KEY, Gateway, serving

SCRIPTS = Path(__file__).parent.parent / "examples" / "scripts"

RUNS = {
    "python": [sys.executable, str(SCRIPTS / "follow_changes.py")],
    "shell": ["sh", str(SCRIPTS / "follow_changes.sh")],
}

DRAFTS = """{ experiments(first: 3, where: {platform: {eq: LOCAL}, phase: {eq: DRAFT}}) {
  nodes { id key } } }"""
NOTE = 'mutation($id: ID!) { addExperimentNote(input: {experiment: $id, note: "hello"}) { ok } }'


@contextmanager
def following(how: str, gateway: Gateway, place: Path) -> Iterator["subprocess.Popen[str]"]:
    """A script that runs, and follows."""
    with subprocess.Popen(
        [*RUNS[how], str(place)],
        env=os.environ | {"TRIALGRAPH_URL": f"{gateway.url}graphql", "TRIALGRAPH_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        for _ in range(500):
            if place.exists() and place.read_text():
                break
            time.sleep(0.02)
        yield process
        os.killpg(process.pid, 15)  # the shell's script has curl beside it


def note(gateway: Gateway, experiment: dict[str, Any]) -> None:
    assert gateway.ask(NOTE, id=experiment["id"])["data"] == {"addExperimentNote": {"ok": True}}


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("how", RUNS)
def test_it_prints_changes_as_they_happen_and_goes_on_where_it_ended(
    tmp_path: Path, how: str
) -> None:
    place = tmp_path / "changes.cursor"
    with serving(tmp_path, "--demo-if-empty") as gateway:
        first, second, third = gateway.ask(DRAFTS)["data"]["experiments"]["nodes"]
        with following(how, gateway, place) as script:
            note(gateway, first)
            printed = [line(script)]
            before = place.read_text()
            for _ in range(500):  # the place is moved once the line is out
                if place.read_text() != before:
                    break
                time.sleep(0.002)
        note(gateway, second)
        note(gateway, third)
        with following(how, gateway, place) as script:
            printed += [line(script), line(script)]

    keys = [each["key"] for each in (first, second, third)]
    assert [[key in text for key in keys] for text in printed] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    assert all("CREATE" in text and "DRAFT" in text for text in printed)


@pytest.mark.parametrize("how", RUNS)
def test_a_key_that_is_not_accepted_ends_it_with_2(tmp_path: Path, how: str) -> None:
    with serving(tmp_path) as gateway:
        ended = subprocess.run(
            [*RUNS[how], str(tmp_path / "changes.cursor")],
            env=os.environ | {"TRIALGRAPH_URL": f"{gateway.url}graphql", "TRIALGRAPH_KEY": "wrong"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "The API key is not known." in ended.stderr
    assert not (tmp_path / "changes.cursor").exists()
