"""What a real browser lets pages of other origins do to a gateway, with and without the setting."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.serving import KEY, Gateway, serving

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

ASK = """async ([url, key]) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Api-Key ${key}` },
    body: JSON.stringify({ query: "{ viewer { name } }" }),
  });
  return [await response.json(), response.headers.get("X-Request-Id") !== null];
}"""

CONNECT = """([url, key]) => new Promise((resolve) => {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
  const payload = { Authorization: `Api-Key ${key}` };
  socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init", payload }));
  socket.onmessage = ({ data }) => (resolve(JSON.parse(data).type), socket.close());
  socket.onerror = () => resolve("refused");
})"""

# All that browsers send to other origins without asking first.
SEND = """async ([url, query]) => {
  const body = JSON.stringify({ query });
  const plain = new Blob([body], { type: "text/plain" });
  const sent = { mode: "no-cors", credentials: "include" };
  await fetch(url, { ...sent, method: "POST", body: plain });
  await fetch(url, { ...sent, method: "POST", body: new URLSearchParams({ query }) });
  await fetch(`${url}?query=${encodeURIComponent(query)}`, sent);
}"""


FORGED = 'mutation { createTag(input: {tag: "forged", kind: GOAL}) { ok } }'


class Page(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b'<!doctype html><link rel="icon" href="data:,"><title>Page</title>')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as above)
        """Say nothing."""


@contextmanager
def site() -> Iterator[str]:
    """An origin with a page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def ours() -> Iterator[str]:
    """The origin that is allowed."""
    with site() as origin:
        yield origin


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """An origin that is not."""
    with site() as origin:
        yield origin


@pytest.fixture(scope="module")
def gateway(ours: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with serving(tmp_path_factory.mktemp("origins"), allowed_origins=ours) as running:
        yield running


async def done(
    browser: "Browser", origin: str, script: str, gateway: Gateway, given: str = KEY
) -> Any:
    """What a script comes to on a page of an origin."""
    page = await browser.new_page()
    try:
        await page.goto(origin)
        return await page.evaluate(script, [f"{gateway.url}graphql", given])
    finally:
        await page.close()


async def test_a_page_of_an_allowed_origin_asks_and_follows(
    browser: "Browser", ours: str, gateway: Gateway
) -> None:
    answer, shows_id = await done(browser, ours, ASK, gateway)
    assert answer["data"] == {"viewer": {"name": "the bootstrap key"}}
    assert shows_id is True
    assert await done(browser, ours, CONNECT, gateway) == "connection_ack"


async def test_a_page_of_any_other_origin_does_neither_even_with_a_key(
    browser: "Browser", foreign: str, gateway: Gateway
) -> None:
    from playwright.async_api import Error  # heavy  # noqa: PLC0415

    with pytest.raises(Error, match="Failed to fetch"):
        await done(browser, foreign, ASK, gateway)
    assert await done(browser, foreign, CONNECT, gateway) == "refused"


async def test_what_a_page_can_send_without_asking_changes_nothing(
    browser: "Browser", foreign: str, ours: str, gateway: Gateway
) -> None:
    for origin in (foreign, ours):
        await done(browser, origin, SEND, gateway, FORGED)
    assert gateway.ask("{ tags { totalCount } }")["data"] == {"tags": {"totalCount": 0}}
    assert gateway.ask(FORGED)["data"] == {"createTag": {"ok": True}}
