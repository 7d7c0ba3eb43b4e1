"""The app over a graph so small that what it answers is what the endpoint makes of it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from pydantic import SecretStr
from strawberry.scalars import JSON

import gateway.app
from gateway.documents import Prepared
from gateway.settings import Settings
from models.database import Database

KEY = "sixteen letters!"
WRITTEN: list[str] = []
"""What mutations have written since the test began."""

Connect = Callable[..., httpx.AsyncClient]


@strawberry.input
class Nested:
    inner: "Nested | None" = None


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you", times: int = 1) -> str:
        return ", ".join([f"hello {name}"] * times)

    @strawberry.field
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field
    def depth(self, nested: Nested | None = None) -> int:
        return 0 if nested is None else 1

    @strawberry.field
    def unusual(self) -> JSON:
        return JSON([2**70 + 1, "\ud800"])

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("a defect")

    @strawberry.field
    def breaks_all(self) -> str:
        raise RuntimeError("a defect")

    @strawberry.field
    def written(self) -> list[str]:
        return WRITTEN


@strawberry.type
class Mutation:
    @strawberry.mutation
    def write(self, what: str) -> str:
        WRITTEN.append(what)
        return what


GRAPH = strawberry.Schema(Query, Mutation, extensions=[Prepared])


@pytest.fixture
def connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Gives a client of the app over the small graph, which has these settings."""
    WRITTEN.clear()
    monkeypatch.setattr(gateway.app, "graph", lambda: GRAPH)

    def opened(**settings: Any) -> httpx.AsyncClient:
        database = Database(f"sqlite:///{tmp_path / 'unused.db'}")
        app = gateway.app.create_app(Settings(bootstrap_key=SecretStr(KEY), **settings), database)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {KEY}"},
        )

    return opened


@pytest.fixture
async def http(connect: Connect) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app over the small graph."""
    async with connect() as opened:
        yield opened


async def ask(http: httpx.AsyncClient, query: str, **rest: Any) -> httpx.Response:
    """The answer to a query by POST."""
    return await http.post("/graphql", json={"query": query, **rest})


def codes(response: httpx.Response) -> list[str]:
    """What programs read in the errors of an answer."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def messages(response: httpx.Response) -> list[str]:
    """What people read in the errors of an answer."""
    return [error["message"] for error in response.json()["errors"]]
