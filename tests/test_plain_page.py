"""The page that stands in for the explorer where it was not built, in a browser."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway import explorer
from tests.browsing import Opening, Tab
from tests.serving import KEY, Gateway, serving

pytestmark = pytest.mark.browser

UNBUILT = """from pathlib import Path
from gateway import explorer
from trialgraph import main
explorer.BUILT = Path("missing")
main()"""
QUERIES = {example.name: example.query for example in explorer.examples()}


@pytest.fixture(scope="module")
def folder(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a gateway works, with the demo company in its database."""
    folder = tmp_path_factory.mktemp("plain")
    shutil.copy(demo_file, folder / "trialgraph.db")
    return folder


@pytest.fixture(scope="module")
def plain(folder: Path) -> Iterator[Gateway]:
    """The real command in a copy that the explorer was not built into."""
    with serving(folder, command=(sys.executable, "-c", UNBUILT)) as gateway:
        yield gateway


async def answer(tab: Tab, what: str) -> str:
    """The whole answer, once it says so."""
    where = tab.page.locator("#answer")
    await where.filter(has_text=what).wait_for()
    return await where.inner_text()


def test_the_gateway_says_at_its_start_what_is_missing(plain: Gateway, folder: Path) -> None:
    assert plain.ask("{ __typename }") == {"data": {"__typename": "Query"}}
    said = (folder / "stderr.txt").read_text()
    assert said.count("explorer not built") == 1
    assert "make explorer" in said


async def test_the_first_example_is_answered_with_the_key_of_the_address(
    plain: Gateway, opened: Opening
) -> None:
    async with opened(f"{plain.url}#key={quote(KEY)}") as tab:
        assert tab.page.url == plain.url
        assert await tab.page.get_by_label("Query").input_value() == QUERIES["1-running"]
        await tab.page.get_by_role("button", name="Run").click()
        assert '"totalCount": 8' in await answer(tab, "totalCount")
        assert await tab.page.evaluate("Object.keys(localStorage)") == []


async def test_an_example_that_is_clicked_is_put_in_and_a_refusal_shown(
    plain: Gateway, opened: Opening
) -> None:
    async with opened(f"{plain.url}#key={quote(KEY)}") as tab:
        await tab.page.get_by_text("mutation Refused").click()
        assert await tab.page.get_by_label("Query").input_value() == QUERIES["7-refused"]
        await tab.page.get_by_role("button", name="Run").click()
        assert '"code": "missing_primary_metric"' in await answer(tab, "NotReady")


async def test_a_wrong_key_is_told_and_the_right_one_is_kept_until_the_tab_is_closed(
    plain: Gateway, opened: Opening
) -> None:
    async with opened(f"{plain.url}#key=wrong") as tab:
        await tab.page.get_by_role("button", name="Run").click()
        assert '"UNAUTHENTICATED"' in await answer(tab, "The API key is not known.")
        assert len(tab.complaints) == 1
        assert "401" in tab.complaints.pop()
        await tab.page.get_by_label("API key").fill(KEY)
        await tab.page.get_by_role("button", name="Run").click()
        await answer(tab, "totalCount")
        await tab.page.reload()
        assert await tab.page.get_by_label("API key").input_value() == KEY
    async with opened(plain.url) as tab:
        assert await tab.page.get_by_label("API key").input_value() == ""


async def test_variables_that_are_no_json_are_told_and_nothing_is_sent(
    plain: Gateway, opened: Opening
) -> None:
    async with opened(f"{plain.url}#key={quote(KEY)}") as tab:
        await tab.page.get_by_label("Variables").fill("{after: 1}")
        await tab.page.get_by_role("button", name="Run").click()
        assert (await answer(tab, "No JSON")).startswith("No JSON: ")
        assert tab.operations() == []
