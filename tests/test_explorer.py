"""The page at `/` and its files: what is sent, how long it is kept, and that its examples work."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from graphql import OperationDefinitionNode, OperationType, parse
from structlog.testing import capture_logs

from gateway import explorer
from gateway.app import create_app
from gateway.demo import load
from gateway.settings import Settings
from models.database import Database

ROOT = Path(__file__).parent.parent
SCRIPT = b"export const told = 'the same thing, again and again';\n" * 100
ASKED = [
    one
    for one in explorer.examples()
    if any(
        isinstance(node, OperationDefinitionNode)
        and node.operation is not OperationType.SUBSCRIPTION
        for node in parse(one.query).definitions
    )
]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks as if the explorer had been built into it."""
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<!doctype html><title>Built</title>")
    (tmp_path / "dist" / "assets" / "index-a1b2c3d4.js").write_bytes(SCRIPT)
    (tmp_path / "dist" / "assets" / "index-a1b2c3d4.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("nobody's business")
    monkeypatch.setattr(explorer, "BUILT", tmp_path / "dist")
    return tmp_path / "dist"


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the explorer would have been built into."""
    monkeypatch.setattr(explorer, "BUILT", tmp_path / "missing")
    return tmp_path / "missing"


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Database]:
    """A database that nothing here asks."""
    database = Database(f"sqlite:///{tmp_path / 'idle.db'}")
    yield database
    await database.dispose()


def browsing(database: Database, folder: Path) -> httpx.AsyncClient:
    """A client of a gateway that looks for the explorer there, without a key."""
    assert folder == explorer.BUILT
    transport = httpx.ASGITransport(create_app(Settings(), database))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.fixture
async def explored(built: Path, idle: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The way to a gateway that has the explorer."""
    async with browsing(idle, built) as client:
        yield client


@pytest.fixture
async def without(unbuilt: Path, idle: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The way to a gateway that has none."""
    async with browsing(idle, unbuilt) as client:
        yield client


async def test_the_page_is_asked_for_again_and_its_files_are_kept(
    explored: httpx.AsyncClient,
) -> None:
    page = await explored.get("/")
    script = await explored.get("/assets/index-a1b2c3d4.js")

    assert (page.status_code, page.text) == (200, "<!doctype html><title>Built</title>")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert (script.status_code, script.content) == (200, SCRIPT)
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/assets/index-a1b2c3d4.js"])
async def test_nothing_may_come_from_elsewhere_nor_be_shown_elsewhere(
    explored: httpx.AsyncClient, path: str
) -> None:
    headers = (await explored.get(path)).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not any("http" in whence or "*" in whence for whence in policy.values())
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("accepted", "sent"), [("gzip, br", "gzip"), ("identity", None)])
async def test_a_file_is_sent_compressed_to_whoever_takes_it_so(
    explored: httpx.AsyncClient, accepted: str, sent: str | None
) -> None:
    response = await explored.get(
        "/assets/index-a1b2c3d4.js", headers={"Accept-Encoding": accepted}
    )
    assert response.headers.get("content-encoding") == sent
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.content == SCRIPT
    assert (response.num_bytes_downloaded < len(SCRIPT)) is (sent == "gzip")


async def test_a_file_that_a_browser_has_is_not_sent_again(
    explored: httpx.AsyncClient,
) -> None:
    first = await explored.get("/assets/index-a1b2c3d4.js")
    headers = {"If-None-Match": first.headers["etag"]}
    again = await explored.get("/assets/index-a1b2c3d4.js", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/assets/",
        "/assets/../index.html",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/index.html",
    ],
)
async def test_no_path_leads_to_anything_else(explored: httpx.AsyncClient, path: str) -> None:
    response = await explored.get(path)
    assert response.status_code == 404
    [error] = response.json()["errors"]
    assert error["message"].endswith("; GraphQL is at /graphql.")
    assert "nobody's business" not in response.text


async def test_the_page_and_its_files_are_only_read(explored: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/index-a1b2c3d4.js"):
        assert (await explored.post(path)).status_code == 405
        head = await explored.head(path)
        assert (head.status_code, head.content) == (200, b"")


@pytest.mark.usefixtures("unbuilt")
def test_what_is_missing_is_said_in_one_line() -> None:
    with capture_logs() as logs:
        explorer.tell()
    assert logs == [
        {
            "event": "explorer not built",
            "instead": "a plain page",
            "remedy": "make explorer",
            "log_level": "warning",
        }
    ]


@pytest.mark.usefixtures("built")
def test_nothing_is_said_where_nothing_is_missing() -> None:
    with capture_logs() as logs:
        explorer.tell()
    assert logs == []


async def test_the_plain_page_says_what_is_missing_and_how_to_get_a_key(
    without: httpx.AsyncClient,
) -> None:
    page = await without.get("/")
    text = " ".join(unescape(re.sub("<[^>]+>", "", page.text)).split())
    assert "was not built into this copy: in a checkout make explorer builds it" in text
    assert (
        "Every answer takes an API key. trialgraph keys create NAME --scope admin makes one; "
        "the first start shows one too. Send it as Authorization: Api-Key KEY"
    ) in text
    for example in explorer.examples():
        assert example.query in unescape(page.text)
        assert f'data-variables="{example.variables}"' in unescape(page.text)


async def test_the_files_of_the_plain_page_are_asked_for_again(without: httpx.AsyncClient) -> None:
    page = await without.get("/")
    [script] = re.findall(r'src="\./(assets/[\w.]+)"', page.text)
    response = await without.get(f"/{script}")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"
    assert page.headers["content-security-policy"] == response.headers["content-security-policy"]


@pytest.mark.parametrize("example", explorer.examples(), ids=lambda example: example.name)
def test_an_example_says_what_it_shows_and_is_one_named_operation(
    example: explorer.Example,
) -> None:
    lines = example.query.splitlines()
    assert lines[0].startswith("# ")
    assert max(map(len, lines)) <= 64, "the editor's width"
    [operation] = [
        node
        for node in parse(example.query).definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    assert operation.name is not None


async def test_the_examples_are_answered_with_something_to_look_at(
    client: httpx.AsyncClient, database: Database
) -> None:
    await load(database, 40)
    answers = {}
    for example in ASKED:
        body = {"query": example.query, "variables": json.loads(example.variables or "{}")}
        answer = (await client.post("/graphql", json=body)).json()
        assert "errors" not in answer, example.name
        [answers[example.name]] = answer["data"].values()

    started, refused = answers.pop("6-start"), answers.pop("7-refused")
    assert (started["ok"], started["errors"]) == (True, [])
    assert refused["ok"] is False
    [error] = refused["errors"]
    assert error["__typename"] == "NotReady"
    assert [blocker["code"] for blocker in error["blockers"]] == ["missing_primary_metric"]
    assert refused["experiment"]["phase"] == "DRAFT"
    assert len(answers) == 5
    assert all(answer["nodes"] for answer in answers.values())


def test_the_lock_of_the_explorer_names_no_place_to_load_from() -> None:
    lock = json.loads((ROOT / "explorer" / "package-lock.json").read_text("utf-8"))
    packages = [one for path, one in lock["packages"].items() if path]
    assert len(packages) > 50
    assert all("resolved" not in one for one in packages)
    assert all(one["integrity"].startswith("sha512-") for one in packages)
