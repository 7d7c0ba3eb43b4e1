"""The explorer as its users meet it: in a browser that reaches the gateway and no other host."""

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.browsing import PATIENCE, Opening, Tab
from tests.serving import KEY, Gateway, serving

if TYPE_CHECKING:
    from playwright.async_api import Locator

pytestmark = pytest.mark.browser

READY, UNREADY = "RXhwZXJpbWVudDox", "RXhwZXJpbWVudDo3"
"""Experiments of the demo: a draft that only waits to be started, and one that cannot be."""

STATE = """query($id: ID!) {
  experiment(id: $id) { phase version events { totalCount } notes { totalCount } } }"""
START = "mutation($id: ID!) { startExperiment(input: {id: $id}) { ok } }"


def state(gateway: Gateway, experiment: str) -> Any:
    return gateway.ask(STATE, id=experiment)["data"]["experiment"]


def with_key(gateway: Gateway, key: str = KEY) -> str:
    return f"{gateway.url}#key={quote(key)}"


def lines(tab: Tab, editor: str) -> "Locator":
    """What an editor shows: its lines on the screen."""
    return tab.page.locator(f"{editor} .view-lines").filter(visible=True)


def answer(tab: Tab) -> "Locator":
    return lines(tab, ".graphiql-response")


async def choose(tab: Tab, name: str) -> None:
    await see(lines(tab, ".graphiql-query-editor"), "query Running")
    await tab.page.get_by_role("tab", name=name, exact=True).click()
    await see(lines(tab, ".graphiql-query-editor"), name)


async def run(tab: Tab) -> None:
    # The button waits until the query is understood, and then has a menu or none.
    await tab.page.get_by_role("button", name=re.compile("^Execute query")).click()


async def see(where: "Locator", what: str) -> None:
    from playwright.async_api import expect  # noqa: PLC0415

    await expect(where).to_contain_text(what, timeout=PATIENCE)


async def kept(tab: Tab, what: str) -> None:
    """Wait until GraphiQL has put it by, which it does some time after it was written."""
    for _ in range(200):
        if what in await tab.page.evaluate("sessionStorage['graphiql:tabState']"):
            return
        await tab.page.wait_for_timeout(50)
    raise AssertionError(f"{what} was not kept")


async def test_the_first_tab_is_answered_with_the_key_of_the_address(
    demo: Gateway, opened: Opening
) -> None:
    async with opened(with_key(demo)) as tab:
        await see(lines(tab, ".graphiql-query-editor"), "query Running")
        await see(lines(tab, ".graphiql-editor-tool"), f'"Authorization": "Api-Key {KEY}"')
        assert tab.page.url == demo.url
        await run(tab)
        await see(answer(tab), '"totalCount"')
        assert await tab.page.locator(".key-bar").count() == 0
        assert tab.operations() == ["IntrospectionQuery", "Running"]
        assert await tab.page.evaluate("Object.keys(localStorage)") == []


async def test_a_page_that_breaks_the_policy_would_be_noticed(
    demo: Gateway, opened: Opening
) -> None:
    async with opened(with_key(demo)) as tab:
        await tab.page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "document.title = 'taken over'";
              document.body.append(script);
            }"""
        )
        await tab.page.evaluate("fetch('http://example.com/').catch(() => null)")
        assert await tab.page.title() == "Trialgraph"
        assert tab.complaints[0].startswith("Executing inline script violates")
        assert "CSP: script-src-elem refused inline" in tab.complaints
        assert "CSP: connect-src refused http://example.com/" in tab.complaints
        tab.complaints.clear()


async def test_a_dry_run_is_answered_and_changes_nothing(demo: Gateway, opened: Opening) -> None:
    before = state(demo, READY)
    async with opened(with_key(demo)) as tab:
        await choose(tab, "Start")
        await run(tab)
        await see(answer(tab), '"ok": true')
        await see(answer(tab), '"phase": "DRAFT"')
    assert before["phase"] == "DRAFT"
    assert state(demo, READY) == before


async def test_a_refused_transition_shows_what_is_in_the_way(
    demo: Gateway, opened: Opening
) -> None:
    before = state(demo, UNREADY)
    async with opened(with_key(demo)) as tab:
        await choose(tab, "Refused")
        await run(tab)
        await see(answer(tab), '"ok": false')
        await see(answer(tab), '"__typename": "NotReady"')
        await see(answer(tab), '"code": "missing_primary_metric"')
    assert state(demo, UNREADY) == before


async def test_what_another_client_changes_appears_in_a_subscription(
    demo: Gateway, opened: Opening
) -> None:
    cursor = demo.ask("{ eventsCursor }")["data"]["eventsCursor"]
    async with opened(with_key(demo)) as tab:
        await choose(tab, "Changes")
        await tab.page.get_by_role("button", name="Variables").click()
        await lines(tab, ".graphiql-editor-tool").click()
        # Whatever comes first, the subscription or the change: nothing behind the cursor is missed.
        await tab.page.keyboard.insert_text(json.dumps({"after": cursor}))
        async with tab.page.expect_websocket():
            await run(tab)
        assert demo.ask(START, id="RXhwZXJpbWVudDoxMg")["data"]["startExperiment"] == {"ok": True}
        await see(answer(tab), '"action": "START"')
        await see(answer(tab), '"key": "confirmation_outlined_trust_badge"')
        await tab.page.get_by_role("button", name="Stop query").click()


async def test_a_wrong_key_is_told_and_another_can_be_entered(
    demo: Gateway, opened: Opening
) -> None:
    async with opened(with_key(demo, "tg_wrong")) as tab:
        await see(tab.page.locator(".key-bar"), "The API key is not known.")
        await see(answer(tab), '"message": "The API key is not known."')
        await lines(tab, ".graphiql-query-editor").click()
        await tab.page.keyboard.press("Control+Home")
        await tab.page.keyboard.insert_text("# mine\n")
        await kept(tab, "# mine")

        await tab.page.get_by_label("API key").fill(KEY)
        await tab.page.get_by_role("button", name="Use it").click()
        await see(lines(tab, ".graphiql-editor-tool"), f'"Authorization": "Api-Key {KEY}"')
        await see(lines(tab, ".graphiql-query-editor"), "# mine")
        await run(tab)
        await see(answer(tab), '"totalCount"')
        assert await tab.page.locator(".key-bar").count() == 0
        assert set(tab.complaints) == {
            "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
        }
        tab.complaints.clear()


async def test_without_a_key_it_is_said_how_to_get_one_and_an_address_brings_it(
    demo: Gateway, opened: Opening
) -> None:
    async with opened(demo.url) as tab:
        await see(tab.page.locator(".key-bar"), "trialgraph keys create NAME --scope admin")
        await tab.page.goto(with_key(demo))  # it differs in its fragment only
        await see(lines(tab, ".graphiql-editor-tool"), f'"Authorization": "Api-Key {KEY}"')
        assert tab.page.url == demo.url
        assert await tab.page.locator(".key-bar").count() == 0


async def test_where_strangers_are_told_nothing_the_schema_is_read_with_the_key(
    demo_file: Path, tmp_path: Path, opened: Opening
) -> None:
    shutil.copy(demo_file, tmp_path / "trialgraph.db")
    with serving(tmp_path, environment="production") as gateway:
        async with opened(with_key(gateway)) as tab:
            await see(lines(tab, ".graphiql-query-editor"), "query Running")
            await tab.page.get_by_label("Show Documentation Explorer").click()
            await see(tab.page.locator(".graphiql-doc-explorer"), "query: Query")
            await run(tab)
            await see(answer(tab), '"totalCount"')


async def test_fields_can_be_chosen_from_the_operation_explorer(
    demo: Gateway, opened: Opening
) -> None:
    async with opened(with_key(demo)) as tab:
        await see(lines(tab, ".graphiql-query-editor"), "query Running")
        await tab.page.get_by_role("button", name="New tab").click()
        await tab.page.get_by_label("Show GraphiQL Explorer").click()
        await tab.page.get_by_text("eventsCursor", exact=True).click()
        await see(lines(tab, ".graphiql-query-editor"), "eventsCursor")
        await run(tab)
        await see(answer(tab), '"eventsCursor"')


async def test_in_a_narrow_window_the_answer_stands_below_the_question(
    demo: Gateway, opened: Opening
) -> None:
    size = {"width": 420, "height": 800}
    async with opened(with_key(demo), viewport=size, color_scheme="dark") as tab:
        await see(lines(tab, ".graphiql-query-editor"), "query Running")
        await run(tab)
        await see(answer(tab), '"totalCount"')
        above = await tab.page.locator(".graphiql-editors").bounding_box()
        below = await tab.page.locator(".graphiql-response").bounding_box()
        assert above
        assert below
        assert below["y"] >= above["y"] + above["height"]
        assert min(above["width"], below["width"]) > 300
        assert await tab.page.evaluate("document.documentElement.scrollWidth") == 420
