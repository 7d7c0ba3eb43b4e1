"""Which HTTP status and media type an outcome has, in both editions of GraphQL over HTTP."""

import itertools
import re
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from gateway.statuses import EDITIONS
from tests.endpoint import WRITTEN, Connect, ask, codes, messages

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"


class Outcome(NamedTuple):
    """A request, and the statuses of its answer: legacy in either media type, and since 2026."""

    body: Any
    legacy_json: int
    legacy_graphql: int
    since_2026: int
    keys: set[str]


OUTCOMES = {
    "an answer": Outcome({"query": "{ hello }"}, 200, 200, 200, {"data"}),
    "a part of an answer": Outcome(
        {"query": "{ hello broken }"}, 200, 200, 294, {"data", "errors"}
    ),
    "nothing of an answer": Outcome({"query": "{ breaksAll }"}, 200, 200, 294, {"data", "errors"}),
    "no JSON": Outcome(b"{", 400, 400, 400, {"errors"}),
    "no object": Outcome([], 400, 400, 422, {"errors"}),
    "no query": Outcome({"qeury": "{ hello }"}, 400, 400, 422, {"errors"}),
    "a wrong shape": Outcome({"query": "{ hello }", "variables": [7]}, 400, 400, 422, {"errors"}),
    "no GraphQL": Outcome({"query": "{"}, 200, 400, 400, {"errors"}),
    "not of the schema": Outcome({"query": "{ helo }"}, 200, 400, 422, {"errors"}),
    "too many operations": Outcome(
        {"query": "query A { hello } query B { hello }"}, 200, 400, 422, {"errors"}
    ),
    "a wrong variable": Outcome(
        {"query": "query($n: Int!) { hello(times: $n) }", "variables": {"n": "many"}},
        200,
        400,
        422,
        {"errors"},
    ),
    "an unknown document": Outcome({"documentId": "unknown"}, 200, 400, 422, {"errors"}),
}


ROWS = {
    "an answer": ["an answer"],
    "an answer with errors in some fields": ["a part of an answer", "nothing of an answer"],
    "a document that is no GraphQL": ["no GraphQL"],
    "a document or variables that do not fit, an unknown document or operation": [
        "not of the schema",
        "too many operations",
        "a wrong variable",
        "an unknown document",
    ],
    "no JSON": ["no JSON"],
    "JSON, but no GraphQL request": ["no object", "no query", "a wrong shape"],
}
"""The outcomes that a row of docs/serving.md speaks of."""


async def post(http: httpx.AsyncClient, body: Any, accept: str) -> httpx.Response:
    headers = {"Content-Type": JSON, "Accept": accept}
    if isinstance(body, bytes):
        return await http.post("/graphql", content=body, headers=headers)
    return await http.post("/graphql", json=body, headers=headers)


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
async def test_an_outcome_has_the_status_that_clients_have_met_so_far(
    http: httpx.AsyncClient, outcome: Outcome
) -> None:
    for accept, status in ((JSON, outcome.legacy_json), (GRAPHQL, outcome.legacy_graphql)):
        response = await post(http, outcome.body, accept)
        assert response.status_code == status
        assert response.headers["content-type"] == f"{accept}; charset=utf-8"
        assert response.json().keys() == outcome.keys


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
async def test_an_outcome_has_the_status_of_2026_in_either_media_type_if_that_is_set(
    connect: Connect, outcome: Outcome
) -> None:
    async with connect(status_codes="2026") as http:
        for accept in (JSON, GRAPHQL):
            response = await post(http, outcome.body, accept)
            assert response.status_code == outcome.since_2026
            # A failure says by its media type that no proxy made it up.
            expected = accept if response.is_success else GRAPHQL
            assert response.headers["content-type"] == f"{expected}; charset=utf-8"
            assert response.json().keys() == outcome.keys


@pytest.mark.parametrize("row", ROWS)
def test_the_page_says_which_status_an_outcome_has(row: str) -> None:
    page = Path("docs/serving.md").read_text("utf-8")
    [said] = re.findall(rf"^\| {row} \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    for name in ROWS[row]:
        assert said == tuple(map(str, OUTCOMES[name][1:4]))


def test_the_page_speaks_of_every_outcome() -> None:
    assert sorted(itertools.chain(*ROWS.values())) == sorted(OUTCOMES)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_failure_of_the_gateway_is_not_put_down_to_the_client(edition: str) -> None:
    statuses = EDITIONS[edition]
    in_json = {"legacy": [200, 200], "2026": [500, 503]}[edition]
    for code, graphql, json in zip(
        ("INTERNAL_SERVER_ERROR", "DATABASE_BUSY"), (500, 503), in_json, strict=True
    ):
        assert statuses.failure({code, "BAD_USER_INPUT"}, GRAPHQL) == graphql
        assert statuses.failure({code, "BAD_USER_INPUT"}, JSON) == json


@pytest.mark.parametrize("edition", EDITIONS)
async def test_what_http_itself_refuses_has_the_same_status_in_both_editions(
    connect: Connect, edition: str
) -> None:
    body = b'{"query": "mutation { write(what: \\"x\\") }"}'
    async with connect(status_codes=edition, max_body_bytes=1024) as http:
        typeless = await http.post("/graphql", content=body)
        large = await http.post("/graphql", json={"query": " " * 1024})
        by_url = await http.get("/graphql", params={"query": 'mutation { write(what: "x") }'})
        method = await http.put("/graphql", json={"query": "{ hello }"})
        keyless = await http.post(
            "/graphql", json={"query": "{ hello }"}, headers={"Authorization": ""}
        )
    assert [typeless.status_code, large.status_code] == [415, 413]
    assert [by_url.status_code, by_url.headers["allow"]] == [405, "POST"]
    assert [method.status_code, keyless.status_code] == [405, 401]
    assert WRITTEN == []


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml, text/html, image/*", "application/json;q=0"]
)
async def test_a_client_that_wants_neither_media_type_is_told_both_and_nothing_runs(
    http: httpx.AsyncClient, accept: str
) -> None:
    response = await post(http, {"query": 'mutation { write(what: "x") }'}, accept)
    assert response.status_code == 406
    assert response.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert messages(response) == [
        f"Answers are in {JSON}, {GRAPHQL}, text/event-stream, and Accept wants none of them."
    ]
    assert codes(response) == ["BAD_USER_INPUT"]
    assert WRITTEN == []


async def test_several_accept_headers_count_as_one(http: httpx.AsyncClient) -> None:
    headers = [("Accept", "text/html"), ("Accept", GRAPHQL), ("Content-Type", JSON)]
    response = await http.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"


async def test_a_compressed_body_is_refused_before_it_can_grow(http: httpx.AsyncClient) -> None:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    response = await http.post("/graphql", content=b"\x1f\x8b\x08\x00", headers=headers)
    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "identity"
    assert messages(response) == [
        "The body must be sent as it is, without the Content-Encoding 'gzip'."
    ]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "/graphql?query={hello}&query={hello}",
            "The parameter 'query' is given more than once.",
        ),
        (
            "/graphql?variables={}&query={hello}&variables={}",
            "The parameter 'variables' is given more than once.",
        ),
        ("/graphql?query=%ff", "The parameters are not in UTF-8."),
        ("/graphql?query=%22%ed%a0%80%22", "The parameters are not in UTF-8."),
        ("/graphql?" + "a&" * 101, "There are more than 100 parameters."),
        ("/graphql", "The request has no 'query'."),
        ("/graphql?qeury={hello}", "The request has no 'query'."),
        (
            "/graphql?query={hello}&variables=[1]",
            "'variables' must be an object or null, not a list.",
        ),
        (
            "/graphql?query={hello}&extensions=1",
            "'extensions' must be an object or null, not a number.",
        ),
    ],
)
async def test_a_malformed_url_is_refused_with_what_is_wrong(
    http: httpx.AsyncClient, url: str, message: str
) -> None:
    response = await http.get(url)
    assert response.status_code == 400
    assert messages(response) == [message]


async def test_keys_and_parameters_that_nobody_knows_are_left_alone(
    http: httpx.AsyncClient,
) -> None:
    by_url = await http.get("/graphql", params={"query": "{ hello }", "utm_source": "mail"})
    by_post = await ask(http, "{ hello }", id=7, onError="NULL")
    assert by_url.json() == by_post.json() == {"data": {"hello": "hello you"}}


async def test_an_empty_operation_name_is_none(http: httpx.AsyncClient) -> None:
    parameters = {"query": "query A { hello }", "operationName": ""}
    response = await http.get("/graphql", params=parameters)
    assert response.json() == {"data": {"hello": "hello you"}}
