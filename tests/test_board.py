"""The lifecycle board, as its users see it in a browser."""

from typing import TYPE_CHECKING

import pytest

from tests.boarding import BOARD, ENTERED, PHASES, Board, counted, forgive, state, variables
from tests.browsing import Opening, Tab
from tests.serving import KEY, Gateway

if TYPE_CHECKING:
    from playwright.async_api import WebSocketRoute

pytestmark = pytest.mark.browser

READER = """mutation { createApiKey(input: {name: "a reader", scopes: ["experiment:read"]}) {
  secret apiKey { id } } }"""
REVOKE = """mutation($id: ID!) { revokeApiKey(input: {id: $id}) { ok } }"""
ARCHIVE = """mutation($id: ID!) { archiveExperiment(input: {id: $id}) { ok } }"""
MARK_READY = """mutation($id: ID!) { markExperimentReady(input: {id: $id}) { ok } }"""
DEVELOP = """mutation($id: ID!) { developExperiment(input: {id: $id}) { ok } }"""
START = """mutation($id: ID!) { startExperiment(input: {id: $id}) { ok } }"""
RENAME = """mutation($id: ID!) { updateExperiment(input: {id: $id, hypothesis: "Said meanwhile."}) {
  ok } }"""


async def test_the_board_asks_one_query_for_every_phase(
    demo: Gateway, address: str, opened: Opening
) -> None:
    async with opened(address + ENTERED) as tab:
        board = Board(tab)
        await board.live()

        assert tab.operations() == ["Board"]
        assert await board.counts() == counted(demo)
        for phase, status in (("Running", "Full on"), ("Ready", "Scheduled")):
            assert await board.column(phase).get_by_text(status, exact=True).count() > 0
        assert await board.column("Stopped").get_by_text("Archived", exact=True).count() == 2
        assert await tab.page.evaluate("location.hash + sessionStorage['trialgraph.key']") == KEY


async def test_the_board_runs_under_a_policy_that_admits_its_own_files_only(
    address: str, opened: Opening
) -> None:
    async with opened(address) as tab:
        response = await tab.page.reload()
        assert response is not None
        assert response.headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        await tab.page.get_by_role("heading", name="Lifecycle board").wait_for()
        assert tab.operations() == []


async def test_a_wrong_key_is_refused_in_words_and_a_right_one_can_be_typed_in(
    address: str, opened: Opening
) -> None:
    async with opened(address + "#key=not-a-key-of-this-gateway") as tab:
        await tab.page.get_by_role("alert").get_by_text("does not accept this key").wait_for()
        assert await tab.page.evaluate("sessionStorage['trialgraph.key']") is None
        forgive(tab, "401")

        await tab.page.get_by_label("API key").fill(KEY)
        await tab.page.keyboard.press("Enter")
        await Board(tab).live()


async def test_filters_are_conditions_of_the_one_query_and_stand_in_the_address(
    address: str, opened: Opening
) -> None:
    async with opened(address + ENTERED) as tab:
        board = Board(tab)
        await board.live()
        await tab.page.get_by_label("Platform").select_option("AUTH0")
        await tab.page.wait_for_url(address + "?platform=AUTH0")
        await tab.page.get_by_role("searchbox").fill("HEADLINE")
        await tab.page.wait_for_url(address + "?text=HEADLINE&platform=AUTH0")
        await board.card("Later headline in MFA enrolment").wait_for()
        await board.has(1)
        assert tab.operations() == ["Board"] * 3
        assert variables(tab)[-1]["where"]["and"][1:] == [
            {"or": [{"name": {"contains": "HEADLINE"}}, {"key": {"contains": "HEADLINE"}}]},
            {"platform": {"eq": "AUTH0"}},
        ]


async def test_a_card_that_no_longer_satisfies_the_filters_leaves(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "baggage_personal_error_message"
    async with opened(f"{address}?text={key}&archived=no{ENTERED}") as tab:
        board = Board(tab)
        await board.live()
        await board.holds("Stopped", named[key])
        assert not await tab.page.get_by_label("Archived").is_checked()

        # What is not looked for changes first, and is not shown.
        demo.ask(MARK_READY, id=state(demo, "confirmation_numbered_call_to_action")["id"])
        demo.ask(ARCHIVE, id=state(demo, key)["id"])
        await board.has(0)
        assert await board.counts() == dict.fromkeys(PHASES, 0)
        assert tab.operations() == ["Board"]


async def test_what_another_client_does_moves_the_card_without_a_request(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "confirmation_outlined_trust_badge"
    async with opened(address + ENTERED) as tab:
        board = Board(tab)
        await board.live()
        await board.holds("Draft", named[key])
        before = await board.counts()

        assert demo.ask(START, id=state(demo, key)["id"])["data"]["startExperiment"]["ok"]

        await board.holds("Running", named[key])
        changed = {"Draft": before["Draft"] - 1, "Running": before["Running"] + 1}
        assert await board.counts() == before | changed == counted(demo)
        buttons = board.card(named[key]).get_by_role("button")
        assert (await buttons.all_text_contents())[:2] == ["Stop", "Full on"]
        assert tab.operations() == ["Board"]


async def test_a_lost_connection_goes_on_behind_what_came_last(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "mail_plain_loyalty_banner"
    sockets: list[WebSocketRoute] = []
    is_down = False

    async def pass_on(socket: "WebSocketRoute") -> None:
        if is_down:
            await socket.close(code=1013)
            return
        socket.connect_to_server()
        sockets.append(socket)

    async with opened(address) as tab:
        await tab.page.route_web_socket("**/graphql", pass_on)
        await tab.page.goto(address + ENTERED)
        await tab.page.reload()
        board = Board(tab)
        await board.live()
        asked = tab.operations()

        is_down = True
        await sockets[-1].close(code=1012)
        await tab.page.get_by_role("status").get_by_text("Connecting").wait_for()
        assert demo.ask(DEVELOP, id=state(demo, key)["id"])["data"]["developExperiment"]["ok"]
        await board.holds("Ready", named[key])

        is_down = False
        await board.holds("Development", named[key])
        await board.live()
        assert tab.operations() == asked


async def test_a_button_starts_an_experiment_with_the_note_that_was_typed(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "checkout_sticky_call_to_action"
    before = state(demo, key)
    async with opened(address + ENTERED) as tab:
        board = Board(tab)
        await board.live()
        card = board.card(named[key])
        await card.get_by_role("button", name="Start").click()
        panel = card.get_by_role("form", name=f"Start {named[key]}")
        await panel.get_by_text("Draft → Running").wait_for()
        await panel.get_by_label("Note").fill("From the board.")
        await panel.get_by_role("button", name="Check first").click()
        await panel.get_by_text("Nothing is in the way.").wait_for()
        assert state(demo, key) == before

        await panel.get_by_role("button", name="Start").click()
        await board.holds("Running", named[key])
        await board.live()

        after = state(demo, key)
        assert (after["phase"], after["version"]) == ("RUNNING", before["version"] + 1)
        assert after["notes"]["nodes"] == [{"note": "From the board.", "action": "START"}]
        assert tab.operations() == ["Board", "StartExperiment", "StartExperiment"]
        dry, sent = [asked["input"] for asked in variables(tab)[-2:]]
        assert sent.pop("idempotencyKey")
        assert sent == dry | {"dryRun": False}
        assert sent["expectedVersion"] == before["version"]


async def test_what_another_button_undoes_is_done_at_once_by_the_keyboard_alone(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "flights_prefilled_map_preview"
    async with opened(address + ENTERED) as tab:
        board = Board(tab)
        await board.live()
        await board.card(named[key]).get_by_role("link").focus()
        await tab.page.keyboard.press("Tab")
        await tab.page.keyboard.press("Enter")
        await board.holds("Running", named[key])
        assert state(demo, key)["phase"] == "RUNNING"

        await board.card(named[key]).get_by_role("button", name="Stop").focus()
        await tab.page.keyboard.press("Enter")
        reason = board.card(named[key]).get_by_label("Reason")
        assert await reason.evaluate("field => field === document.activeElement")
        await tab.page.keyboard.press("Escape")
        await reason.wait_for(state="detached")
        stop = board.card(named[key]).get_by_role("button", name="Stop")
        assert await stop.evaluate("button => button === document.activeElement")
        assert state(demo, key)["phase"] == "RUNNING"


async def test_a_blocked_action_says_why_and_a_refusal_its_blockers(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "invoice_personal_price_breakdown"
    why = "There is no primary metric."
    before = state(demo, key)
    async with opened(address + ENTERED) as tab:
        board = Board(tab)
        await board.live()
        card = board.card(named[key])
        await card.get_by_role("button", name="Start (blocked)").click()
        panel = card.get_by_role("form")
        assert await panel.get_by_role("listitem").all_text_contents() == [why]

        await panel.get_by_role("button", name="Ask again").click()
        refusal = card.get_by_role("alert")
        await refusal.get_by_text("Not ready.").wait_for()
        assert await refusal.get_by_role("listitem").all_text_contents() == [why]
        assert tab.operations() == ["Board", "StartExperiment"]
    assert state(demo, key) == before


async def test_what_a_key_may_not_do_is_said_and_a_revoked_key_ends_the_view(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    made = demo.ask(READER)["data"]["createApiKey"]
    async with opened(f"{address}#key={made['secret']}") as tab:
        board = Board(tab)
        await board.live()
        card = board.card(named["wishlist_outlined_sort_menu"])
        await card.get_by_role("button", name="Start (blocked)").click()
        panel = card.get_by_role("form")
        assert await panel.get_by_role("listitem").all_text_contents() == [
            "The key lacks the scope experiment:start."
        ]

        demo.ask(REVOKE, id=made["apiKey"]["id"])
        await tab.page.get_by_role("alert").get_by_text("does not accept this key").wait_for()
        assert await tab.page.get_by_role("article").count() == 0
        assert tab.operations()[:2] == ["Board", "Board"]  # once with all teams, once without
        forgive(tab, "401")


@pytest.mark.parametrize(
    ("key", "action", "words"),
    [
        ("mail_later_filter_bar", "Stop", ["Something is missing", "reason: A reason must be"]),
        ("baggage-later-progress-bar", "Full on", ["Waits for approval.", "The request is made"]),
    ],
)
async def test_what_is_refused_is_said_beside_the_button(  # noqa: PLR0913, PLR0917  fixtures
    demo: Gateway,
    address: str,
    opened: Opening,
    named: dict[str, str],
    key: str,
    action: str,
    words: list[str],
) -> None:
    before = state(demo, key)
    async with opened(address + ENTERED) as tab:
        board = Board(tab)
        await board.live()
        card = board.card(named[key])
        await card.get_by_role("button", name=action).click()
        await card.get_by_role("form").get_by_role("button", name=action).click()
        for text in words:
            await card.get_by_role("alert").get_by_text(text).wait_for()
    after = state(demo, key)
    assert (after["phase"], after["version"]) == (before["phase"], before["version"])


async def test_what_changed_meanwhile_is_said_and_can_then_be_done(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "loyalty_shorter_cancellation_notice"

    def keep_to_itself(socket: "WebSocketRoute") -> None:
        server = socket.connect_to_server()
        server.on_message(lambda told: None if '"next"' in str(told) else socket.send(told))

    async with opened(address) as tab:
        await tab.page.route_web_socket("**/graphql", keep_to_itself)
        await tab.page.goto(address + ENTERED)
        await tab.page.reload()
        board = Board(tab)
        await board.live()
        found = state(demo, key)
        demo.ask(RENAME, id=found["id"])

        resume = board.card(named[key]).get_by_role("button", name="Resume")
        await resume.click()
        alert = board.card(named[key]).get_by_role("alert")
        await alert.get_by_text("Changed meanwhile.").wait_for()
        await alert.get_by_text(f"It is version {found['version'] + 1} now").wait_for()
        assert state(demo, key)["phase"] == "PAUSED"

        await resume.click()
        await board.holds("Running", named[key])
    assert state(demo, key)["phase"] == "RUNNING"


async def test_the_page_of_an_experiment_asks_one_query_and_shows_all_of_it(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str]
) -> None:
    key = "search_sticky_share_button"
    found = state(demo, key)
    async with opened(f"{address}experiments/{found['id']}{ENTERED}") as tab:
        await Board(tab).live()
        page = tab.page
        assert tab.operations() == ["Experiment"]
        await page.get_by_role("heading", name=named[key], level=1).wait_for()

        plot = page.get_by_role("table", name="Impact on each metric in production")
        rows = await plot.get_by_role("row").all_text_contents()
        assert len(rows) == 1 + len(treated(demo, key))
        for interval in treated(demo, key):
            assert await plot.get_by_role("cell", name=interval, exact=True).count() == 1

        timeline = page.get_by_role("region", name="Timeline")
        actions = await timeline.locator("li > p strong").all_text_contents()
        assert actions == ["Full on", "Start", "Develop", "Mark ready", "Create"]
        assert await timeline.get_by_text("Rolled out; clean-up is planned.").count() == 1
        lanes = page.get_by_role("region", name="Metric graph").get_by_role("list")
        drawn = [await lane.locator(".name").all_text_contents() for lane in await lanes.all()]
        assert [set(lane) for lane in drawn] == [{named[key]}, *measured(demo, key)]
        assert "Detached" in await page.get_by_role("region", name="Facts").inner_text()


def measured(gateway: Gateway, key: str) -> tuple[set[str], set[str], set[str]]:
    """The metrics of an experiment, their goals, and whose those are."""
    query = """query($of: String!) { experiment(key: $of) { primaryMetric { ...M }
      secondaryMetrics { metric { ...M } } } }
      fragment M on Metric { name teams { name } owners { name }
        goal { name teams { name } owners { name } } }"""
    experiment = gateway.ask(query, of=key)["data"]["experiment"]
    metrics = [experiment["primaryMetric"]]
    metrics += [one["metric"] for one in experiment["secondaryMetrics"]]
    goals = [metric["goal"] for metric in metrics if metric["goal"]]
    people = {one["name"] for had in metrics + goals for one in had["teams"] + had["owners"]}
    return {one["name"] for one in metrics}, {one["name"] for one in goals}, people


def treated(gateway: Gateway, key: str) -> list[str]:
    """The intervals of an experiment's results, as they are read out."""
    query = """query($of: String!) { experiment(key: $of) {
      results { environment impactLower impactUpper } } }"""
    results = gateway.ask(query, of=key)["data"]["experiment"]["results"]
    return [
        f"from {said(one['impactLower'])} to {said(one['impactUpper'])}"
        for one in results
        if one["impactLower"] is not None and one["environment"] == "production"
    ]


def said(share: float) -> str:
    return f"{'+' if share > 0 else '−'}{abs(share) * 100:.2f} %"  # noqa: RUF001  a minus


async def test_the_page_of_an_experiment_shows_what_happens_to_it(
    demo: Gateway, address: str, opened: Opening
) -> None:
    found = state(demo, "map_shorter_progress_bar")
    async with opened(f"{address}experiments/{found['id']}{ENTERED}") as tab:
        await Board(tab).live()
        demo.ask(START, id=found["id"])
        timeline = tab.page.get_by_role("region", name="Timeline")
        entry = timeline.get_by_role("listitem").filter(has_text="Start by the bootstrap key")
        await entry.get_by_text("phase: DEVELOPMENT → RUNNING").wait_for()
        await tab.page.get_by_role("main").get_by_text("Running", exact=True).wait_for()
        assert tab.operations() == ["Experiment"]


async def test_a_long_column_is_read_page_by_page(
    demo: Gateway, address: str, opened: Opening
) -> None:
    made = " ".join(
        f'c{number}: createExperiment(input: {{key: "long_{number}", name: "L"}}) {{ ok }}'
        for number in range(25)
    )
    answer = demo.ask(f"mutation {{ {made} }}")
    assert all(payload["ok"] for payload in answer["data"].values()), answer
    async with opened(f"{address}?text=long_{ENTERED}") as tab:
        board = Board(tab)
        await board.live()
        drafts = board.column("Draft").get_by_role("article")
        assert await drafts.count() == 20
        await board.column("Draft").get_by_role("button", name="More of 5").click()
        await board.has(25)
        assert len(set(await drafts.locator(".key").all_text_contents())) == 25
        assert tab.operations() == ["Board", "Further"]


async def test_an_experiment_that_is_not_there_is_said_not_to_be(
    address: str, opened: Opening
) -> None:
    async with opened(f"{address}experiments/RXhwZXJpbWVudDo5OTk5OTk{ENTERED}") as tab:
        await tab.page.get_by_text("There is no such experiment").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_found_that_keeps_people_out(
    demo: Gateway, address: str, opened: Opening, named: dict[str, str], scheme: str
) -> None:
    axe = (BOARD / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    key = "invoice_personal_price_breakdown"
    found = state(demo, "search_sticky_share_button")
    async with opened(f"{address}?text={key}{ENTERED}", color_scheme=scheme) as tab:
        card = Board(tab).card(named[key])
        await card.get_by_role("button", name="Start (blocked)").click()
        await card.get_by_role("button", name="Ask again").click()
        await card.get_by_role("alert").wait_for()
        await Board(tab).live()
        assert await violations(tab, axe) == []

        await tab.page.goto(f"{address}experiments/{found['id']}")
        await Board(tab).live()
        assert await violations(tab, axe) == []


async def violations(tab: Tab, axe: str) -> list[tuple[str, str]]:
    """What axe finds in a page: the rule, and the first element that breaks it."""
    await tab.page.evaluate(axe)
    report = await tab.page.evaluate("axe.run()")
    assert len(report["passes"]) > 30
    return [(one["id"], one["nodes"][0]["html"]) for one in report["violations"]]


async def test_a_restart_leads_to_the_next_iteration(
    demo: Gateway, address: str, opened: Opening
) -> None:
    key = "wishlist_darker_guest_counter"
    found = state(demo, key)
    async with opened(f"{address}experiments/{found['id']}{ENTERED}") as tab:
        page = tab.page
        await Board(tab).live()
        await page.get_by_role("button", name="Restart").click()
        panel = page.get_by_role("form")
        await panel.get_by_label("Reason").fill("testing")
        await panel.get_by_role("button", name="Restart").click()
        await page.wait_for_url(lambda url: found["id"] not in url)

        next_one = state(demo, key)
        await page.wait_for_url(f"{address}experiments/{next_one['id']}")
        links = page.get_by_role("region", name="Facts").get_by_role("link")
        await links.get_by_text("2", exact=True).wait_for()
        assert (await links.all_text_contents())[:2] == ["1", "2"]
        assert tab.operations() == ["Experiment", "RestartExperiment", "Experiment"]
