"""A headless Chromium that reaches one server and no other host, and tabs that keep complaints."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.serving import Gateway, serving

if TYPE_CHECKING:  # heavy, and every run of the tests reads this file
    from playwright.async_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Page,
        Request,
        Route,
        WebSocket,
    )

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # What gets past the routes below, such as a worker's socket, finds no other host either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
EXPERIMENTS = 40
PATIENCE = 20_000
"""Milliseconds after which a test that waits has failed."""

REPORT = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.effectiveDirective} refused ${event.blockedURI}`));"""


@dataclass
class Tab:
    """A page and what went wrong in it: what it reported, and whom else it wanted to reach.

    Both must be empty when it is closed: a test that expects an entry takes it out.
    """

    page: "Page"
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    sent: list["Request"] = field(default_factory=list)
    """Every request to the server, in order."""

    def operations(self) -> list[str]:
        """The GraphQL operations that were sent over HTTP, by their names."""
        bodies = [one.post_data_json for one in self.sent if one.url.endswith("/graphql")]
        return [body.get("operationName") or "" for body in bodies if isinstance(body, dict)]


Opening = Callable[..., AbstractAsyncContextManager[Tab]]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator["Browser"]:
    """One Chromium for all tests of a module."""
    from playwright.async_api import async_playwright  # noqa: PLC0415

    named = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert named, f"No browser is here: install one of {', '.join(NAMES)}, or set CHROMIUM."
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=named, args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture(scope="module")
def opened(browser: "Browser") -> Opening:
    """Opens an address in a window of its own, to be used with `async with`.

    Further arguments are those of a new context, as `viewport` and `color_scheme`.
    """

    @asynccontextmanager
    async def open_(url: str, **options: Any) -> AsyncIterator[Tab]:
        context = await browser.new_context(service_workers="block", **options)
        context.set_default_timeout(PATIENCE)
        try:
            tab = Tab(await context.new_page())
            await _watch(context, tab, urlsplit(url).netloc)
            await tab.page.goto(url)
            yield tab
        finally:
            await context.close()
        assert (tab.complaints, tab.elsewhere) == ([], [])

    return open_


async def _watch(context: "BrowserContext", tab: Tab, server: str) -> None:
    async def route(route: "Route") -> None:
        if urlsplit(route.request.url).netloc == server:
            tab.sent.append(route.request)
            await route.continue_()
        else:
            tab.elsewhere.append(route.request.url)
            await route.abort()

    def hear(message: "ConsoleMessage") -> None:
        if message.type in {"error", "warning"}:
            tab.complaints.append(message.text)

    def connect(socket: "WebSocket") -> None:
        if urlsplit(socket.url).netloc != server:
            tab.elsewhere.append(socket.url)

    await context.route("**/*", route)
    await context.add_init_script(REPORT)
    tab.page.on("console", hear)
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.page.on("websocket", connect)


@pytest.fixture(scope="session")
def demo_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the first experiments of the demo company in it, to be copied."""
    from gateway.demo import load  # noqa: PLC0415
    from gateway.startup import using  # noqa: PLC0415

    path = tmp_path_factory.mktemp("demo") / "demo.db"
    shutil.copy(sqlite_template, path)
    using(f"sqlite:///{path}", lambda database: load(database, EXPERIMENTS))
    return path


@pytest.fixture(scope="module")
def demo(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The real command before a demo company that the tests of a module share and change."""
    folder = tmp_path_factory.mktemp("demo-gateway")
    shutil.copy(demo_file, folder / "trialgraph.db")
    with serving(folder) as gateway:
        yield gateway
