"""Talking to a stand-in as a client would: a client with its credential, and walks over lists."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx

from tests.platforms.absmartly import Absmartly
from tests.platforms.auth0 import Auth0
from tests.platforms.checkmango import Checkmango
from tests.platforms.posthog import PostHog
from tests.platforms.standin import StandIn

Item = dict[str, Any]


def client(standin: StandIn, token: str | None = None) -> httpx.Client:
    """A client that is let in."""
    headers = {"Authorization": f"{standin.scheme} {token or standin.token}"}
    return httpx.Client(base_url=standin.url, headers=headers, timeout=20)


def walk(standin: StandIn, http: httpx.Client, path: str, **query: Any) -> Iterator[Item]:
    """Every item of a list, page by page, in the platform's own way."""
    for kind, walker in WALKS.items():
        if isinstance(standin, kind):
            yield from walker(http, path, query)


def _numbered(http: httpx.Client, path: str, query: Item) -> Iterator[Item]:
    page, total = 1, 1
    while (page - 1) * query["items"] < total:
        body = http.get(path, params={**query, "page": page}).raise_for_status().json()
        total, page = body["total"], page + 1
        yield from body[path.strip("/")]


def _offset(http: httpx.Client, path: str, query: Item) -> Iterator[Item]:
    body = http.get(path, params=query).raise_for_status().json()
    yield from body["results"]
    while body["next"]:
        body = http.get(body["next"]).raise_for_status().json()
        yield from body["results"]


def _checkpoint(http: httpx.Client, path: str, query: Item) -> Iterator[Item]:
    key = path.strip("/").replace("-", "_")
    body = http.get(path, params=query).raise_for_status().json()
    yield from body[key]
    while "next" in body:
        body = http.get(path, params={**query, "from": body["next"]}).raise_for_status().json()
        yield from body[key]


def _linked(http: httpx.Client, path: str, query: Item) -> Iterator[Item]:
    body = http.get(path, params=query).raise_for_status().json()
    yield from body["data"]
    while body["links"]["next"]:
        body = http.get(body["links"]["next"]).raise_for_status().json()
        yield from body["data"]


Walker = Callable[[httpx.Client, str, Item], Iterator[Item]]
WALKS: dict[type[StandIn], Walker] = {
    Absmartly: _numbered,
    PostHog: _offset,
    Auth0: _checkpoint,
    Checkmango: _linked,
}
