"""Answers to a GET can be asked for again without being sent again, and are nobody else's."""

import gzip
import json

import httpx
import pytest

from tests.endpoint import WRITTEN, Connect, ask

HELLO = {"query": "{ hello }"}


async def test_an_answer_to_a_get_has_a_tag_and_the_same_tag_is_answered_304(
    http: httpx.AsyncClient,
) -> None:
    first = await http.get("/graphql", params=HELLO)
    assert first.headers["etag"].startswith('W/"')
    again = await http.get(
        "/graphql", params=HELLO, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]


async def test_a_tag_is_found_among_others_and_the_star_is_any(http: httpx.AsyncClient) -> None:
    tag = (await http.get("/graphql", params=HELLO)).headers["etag"]
    for known, status in ((f'"a", {tag}, W/"b"', 304), ("*", 304), ('W/"b"', 200), ("", 200)):
        headers = {"If-None-Match": known}
        response = await http.get("/graphql", params=HELLO, headers=headers)
        assert response.status_code == status


async def test_other_data_has_another_tag(http: httpx.AsyncClient) -> None:
    async def tag() -> str:
        response = await http.get("/graphql", params={"query": "{ written }"})
        return str(response.headers["etag"])

    before = await tag()
    assert await tag() == before
    await ask(http, 'mutation { write(what: "x") }')
    assert await tag() != before


async def test_a_kept_answer_belongs_to_one_key_and_is_looked_up_again_each_time(
    http: httpx.AsyncClient,
) -> None:
    response = await http.get("/graphql", params=HELLO)
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["vary"] == "Accept, Authorization"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("{ broken }", 200),
        ("{ helo }", 200),
        ("", 200),
        ('mutation { write(what: "x") }', 405),
    ],
)
async def test_a_failure_is_not_kept_and_has_no_tag(
    http: httpx.AsyncClient, query: str, status: int
) -> None:
    headers = {"If-None-Match": "*"}
    response = await http.get("/graphql", params={"query": query}, headers=headers)
    assert response.status_code == status
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    assert response.json()["errors"]


async def test_a_refused_key_is_not_answered_from_a_cache(http: httpx.AsyncClient) -> None:
    tag = (await http.get("/graphql", params=HELLO)).headers["etag"]
    headers = {"If-None-Match": tag, "Authorization": "Api-Key no such key"}
    response = await http.get("/graphql", params=HELLO, headers=headers)
    assert response.status_code == 401
    assert response.headers["cache-control"] == "no-store"


async def test_a_post_is_answered_whole_whatever_tag_the_client_has(
    http: httpx.AsyncClient,
) -> None:
    headers = {"If-None-Match": "*"}
    mutation = {"query": 'mutation { write(what: "x") }'}
    response = await http.post("/graphql", json=mutation, headers=headers)
    assert response.json() == {"data": {"write": "x"}}
    assert "etag" not in response.headers
    assert WRITTEN == ["x"]


async def test_what_only_the_slower_writer_can_write_has_a_tag_too(
    http: httpx.AsyncClient,
) -> None:
    response = await http.get("/graphql", params={"query": "{ unusual }"})
    assert response.json() == {"data": {"unusual": [2**70 + 1, "\ud800"]}}
    assert response.headers["etag"].startswith('W/"')


async def test_a_head_is_the_get_without_its_body(http: httpx.AsyncClient) -> None:
    whole = await http.get("/graphql", params=HELLO)
    head = await http.head("/graphql", params=HELLO)
    assert head.status_code == 200
    for name in ("etag", "content-length", "content-type"):
        assert head.headers[name] == whole.headers[name]


async def test_a_large_answer_is_compressed_for_who_can_read_it(http: httpx.AsyncClient) -> None:
    query = {"query": "{ hello(times: 1000) }"}
    async with http.stream(
        "POST", "/graphql", json=query, headers={"Accept-Encoding": "gzip"}
    ) as response:
        sent = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["vary"]
    assert len(sent) < 200
    assert json.loads(gzip.decompress(sent)) == {"data": {"hello": ", ".join(["hello you"] * 1000)}}


async def test_a_small_answer_and_one_for_who_cannot_read_it_are_sent_as_they_are(
    http: httpx.AsyncClient,
) -> None:
    for query, encoding in (("{ hello }", "gzip"), ("{ hello(times: 1000) }", "identity")):
        headers = {"Accept-Encoding": encoding}
        response = await http.post("/graphql", json={"query": query}, headers=headers)
        assert "content-encoding" not in response.headers


async def test_the_tag_is_the_same_for_compressed_and_uncompressed(connect: Connect) -> None:
    async with connect() as http:
        query = {"query": "{ hello(times: 1000) }"}
        tags = {
            (
                await http.get("/graphql", params=query, headers={"Accept-Encoding": encoding})
            ).headers["etag"]
            for encoding in ("gzip", "identity")
        }
    assert len(tags) == 1
