"""Several processes on one socket: one that ends is replaced, and all end together."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.following import until
from tests.serving import COMMAND, KEY, Gateway, environment, serving

QUERY = "{ experiments { nodes { id } } }"
NOTHING: dict[str, Any] = {"data": {"experiments": {"nodes": []}}}


def processes(*asked: str) -> list[str]:
    """What the system says of processes, a word each."""
    command = ["ps", "-o", *asked]  # which every system has
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()


def children(of: int) -> set[int]:
    return {*map(int, processes("pid=", "--ppid", str(of)))}


def is_there(pid: int) -> bool:
    return [state[0] for state in processes("stat=", "-p", str(pid))] not in ([], ["Z"])


def answers(gateway: Gateway) -> None:
    for _ in range(10):
        assert gateway.ask(QUERY) == NOTHING


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
async def test_as_many_processes_answer_as_are_wanted_and_end_with_the_first(
    tmp_path: Path, database_url: str, by: signal.Signals
) -> None:
    with serving(tmp_path, database_url=database_url, workers="3") as gateway:
        answers(gateway)
        workers = children(gateway.process.pid)
        assert len(workers) == 3

        assert gateway.stop(by) == 0
    assert not any(map(is_there, workers))
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()


async def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'graph.db'}"
    with serving(tmp_path, database_url=url, workers="2") as gateway:
        await until(lambda: _has_lived(gateway))
        before = children(gateway.process.pid)
        os.kill(min(before), signal.SIGKILL)
        await until(lambda: len(children(gateway.process.pid) - {min(before)}) == 2)

        answers(gateway)
        assert max(before) in children(gateway.process.pid)
        assert gateway.stop() == 0


def _has_lived(gateway: Gateway) -> bool:
    """Whether it is older than what is taken for a false start."""
    return int(*processes("etimes=", "-p", str(gateway.process.pid))) >= 5


async def test_workers_end_when_nobody_is_left_to_tell_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'graph.db'}"
    with serving(tmp_path, database_url=url, workers="2") as gateway:
        answers(gateway)
        workers = children(gateway.process.pid)
        gateway.process.kill()

        await until(lambda: not any(map(is_there, workers)))


def test_a_number_of_workers_that_is_none_is_refused(tmp_path: Path) -> None:
    refused = subprocess.run(
        [*COMMAND, "serve"],
        cwd=tmp_path,
        env=environment({"workers": "0", "bootstrap_key": KEY}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 2
    assert "TRIALGRAPH_WORKERS" in refused.stderr
    assert not (tmp_path / "trialgraph.db").exists()
