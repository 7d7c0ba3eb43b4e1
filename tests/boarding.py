"""The lifecycle board, built from its sources and served before a real gateway."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.browsing import Tab
from tests.serving import KEY, Gateway

if TYPE_CHECKING:
    from playwright.async_api import Locator

ROOT = Path(__file__).parent.parent
BOARD = ROOT / "examples" / "board"
MAKE, NODE = (shutil.which(name) or name for name in ("make", "node"))
ENTERED = f"#key={quote(KEY)}"
PHASES = ("Draft", "Ready", "Development", "Running", "Paused", "Frozen", "Stopped")

STANDING = """query($in: ExperimentPhase!) {
  experiments(where: {phase: {eq: $in}, status: {ne: DELETED}}) { totalCount } }"""
STATE = """query($of: String!) { experiment(key: $of) { id phase status version
  events { totalCount } notes(last: 1) { nodes { note action } } } }"""


@pytest.fixture(scope="module")
def address(demo: Gateway) -> Iterator[str]:
    """Where the board is served, over a gateway before the demo company."""
    with (BOARD / "index.html").open() as lock:  # two processes build it one after the other
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([MAKE, "examples/board/dist/index.html"], cwd=ROOT, check=True)
    process = subprocess.Popen(
        [NODE, "node_modules/vite/bin/vite.js", "preview", "--port", "0"],
        cwd=BOARD,
        env={**os.environ, "TRIALGRAPH_URL": demo.url, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = next(filter(None, map(re.compile(r"http://\S+").search, process.stdout)))
        yield found[0]
    finally:
        process.kill()
        process.communicate()


class Board:
    """An open board."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page = tab.page

    def column(self, phase: str) -> "Locator":
        return self.page.get_by_role("region", name=phase)

    def card(self, name: str) -> "Locator":
        return self.page.get_by_role("article", name=name, exact=True)

    async def live(self) -> None:
        """Wait until changes reach it."""
        trouble = self.page.locator(".notice[role=alert]")
        reached = self.page.get_by_role("status").get_by_text("Live")
        await reached.or_(trouble).first.wait_for()
        assert await trouble.all_text_contents() == []

    async def holds(self, phase: str, name: str) -> None:
        """Wait until a card is in a column."""
        await self.column(phase).get_by_role("article", name=name, exact=True).wait_for()

    async def has(self, cards: int) -> None:
        """Wait until there are so many cards."""
        from playwright.async_api import expect  # noqa: PLC0415  heavy, as in tests/browsing.py

        await expect(self.page.get_by_role("article")).to_have_count(cards)

    async def counts(self) -> dict[str, int]:
        """How many experiments each column says there are."""
        shown = await self.page.locator("h2 .count").all_text_contents()
        return dict(zip(PHASES, map(int, shown), strict=True))


def state(gateway: Gateway, key: str) -> Any:
    return gateway.ask(STATE, of=key)["data"]["experiment"]


def variables(tab: Tab) -> list[Any]:
    """What every operation over HTTP was sent with."""
    bodies: list[Any] = [one.post_data_json for one in tab.sent if one.url.endswith("/graphql")]
    return [body["variables"] for body in bodies]


def forgive(tab: Tab, status: str) -> None:
    """Expect that the browser reports answers of a status, and nothing else."""
    assert [entry for entry in tab.complaints if status not in entry] == []
    tab.complaints.clear()


def counted(gateway: Gateway) -> dict[str, int]:
    """How many experiments there are in each phase."""
    return {
        phase: gateway.ask(STANDING, **{"in": phase.upper()})["data"]["experiments"]["totalCount"]
        for phase in PHASES
    }


@pytest.fixture
def named(demo: Gateway) -> dict[str, str]:
    """What each experiment is called, by its key."""
    answer = demo.ask("{ experiments(first: 200) { nodes { key name } } }")
    return {node["key"]: node["name"] for node in answer["data"]["experiments"]["nodes"]}
