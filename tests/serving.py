"""The real command, as a user starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

COMMAND = (sys.executable, "-m", "trialgraph")
KEY = "sixteen letters!"


def environment(settings: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if "TRIALGRAPH" not in name}
    named = {f"TRIALGRAPH_{name.upper()}": value for name, value in settings.items()}
    return inherited | {"TRIALGRAPH_SHOW_COST": "false"} | named | {"PYTHONUNBUFFERED": "1"}


def fails(*arguments: str, cwd: Path, status: int = 1, **settings: str) -> str:
    """The one line that a command which cannot succeed ends with."""
    finished = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.returncode, finished.stdout) == (status, ""), finished.stderr
    [line] = finished.stderr.splitlines()
    return line


class Gateway:
    """A running `trialgraph serve`."""

    def __init__(self, process: subprocess.Popen[str], output: IO[str]) -> None:
        self.process = process
        self.banner = self.line()
        found = re.search(r"http://127\.0\.0\.1:\d+/", self.banner)
        output.seek(0)
        assert found is not None, output.read()
        self.url = found[0]

    def line(self) -> str:
        """What it says next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ask(self, query: str, key: str = KEY, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        request = urllib.request.Request(self.url + "graphql", body, headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)

    def stop(self, by: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(by)
        return self.process.wait(timeout=20)


@contextmanager
def serving(
    cwd: Path, *arguments: str, command: Sequence[str] = COMMAND, **settings: str
) -> Iterator[Gateway]:
    with (cwd / "stderr.txt").open("w+") as errors:
        process = subprocess.Popen(
            [*command, "serve", *arguments],
            cwd=cwd,
            env=environment({"port": "0", "bootstrap_key": KEY, **settings}),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield Gateway(process, errors)
        finally:
            process.kill()
            process.communicate()
