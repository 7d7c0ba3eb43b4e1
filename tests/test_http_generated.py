"""Whatever arrives, the answer is GraphQL's and no defect of ours, and nothing is changed."""

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.accept import preferred
from tests.endpoint import WRITTEN, Connect

generated = settings(
    max_examples=2000 if "TRIALGRAPH_SOAK" in os.environ else 200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"

texts = st.sampled_from(
    [
        "{ hello }",
        "{ hello",
        "query A { hello } query B { written }",
        "query($v: JSON!) { echo(value: $v) }",
        "query($t: Int!) { hello(times: $t) }",
        "{ broken breaksAll }",
        "subscription { nothing }",
    ]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "query": texts | st.text() | values,
        "documentId": st.text() | values,
        "operationName": st.sampled_from(["A", "B", "", None]) | values,
        "variables": st.dictionaries(st.sampled_from(["v", "t"]), values) | values,
        "extensions": st.dictionaries(st.just("persistedQuery"), values) | values,
        "anything": values,
    },
)


class Plain:
    """Sends a request and awaits its answer, for tests that Hypothesis runs."""

    def __init__(self, http: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self.http = http
        self.loop = loop

    def send(self, method: str, url: str, **request: Any) -> httpx.Response:
        """An answer, which is one of GraphQL, whatever was sent."""
        response = self.loop.run_until_complete(self.http.request(method, url, **request))
        assert response.status_code in {200, 304, 400, 403, 405, 406, 413, 415}
        if method != "HEAD" and response.status_code != 304:
            self._require_graphql(response)
        assert WRITTEN == []
        return response

    def _require_graphql(self, response: httpx.Response) -> None:
        media_type, _, charset = response.headers["content-type"].partition("; ")
        assert (media_type in {JSON, GRAPHQL}, charset) == (True, "charset=utf-8")
        answer = response.json()
        assert answer.keys() <= {"data", "errors", "extensions"}
        assert answer.keys() & {"data", "errors"}
        for error in answer.get("errors", []):
            assert isinstance(error["message"], str)
            assert isinstance(error["extensions"]["code"], str)
        if "data" not in answer:
            codes = {error["extensions"]["code"] for error in answer["errors"]}
            assert "INTERNAL_SERVER_ERROR" not in codes


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    opened = asyncio.new_event_loop()
    yield opened
    opened.close()


@pytest.fixture
def plain(connect: Connect, loop: asyncio.AbstractEventLoop) -> Plain:
    return Plain(connect(), loop)


@generated
@given(body=st.binary(max_size=200))
def test_bytes_as_a_body_are_answered(plain: Plain, body: bytes) -> None:
    response = plain.send("POST", "/graphql", content=body, headers={"Content-Type": JSON})
    assert response.status_code == 400


@generated
@given(request=requests | values)
def test_any_json_as_a_body_is_answered_and_refused_where_its_shape_is_wrong(
    plain: Plain, request: Any
) -> None:
    response = plain.send(
        "POST",
        "/graphql",
        content=json.dumps(request).encode(errors="surrogatepass"),
        headers={"Content-Type": JSON},
    )
    assert (response.status_code == 400) == is_malformed(request)


def is_malformed(request: Any) -> bool:
    """Whether a value is no GraphQL request, told without any code of the gateway."""
    if not isinstance(request, dict):
        return True
    kinds = {
        "query": str,
        "documentId": str,
        "operationName": str,
        "variables": dict,
        "extensions": dict,
    }
    if any(
        request.get(key) is not None and not isinstance(request[key], kind)
        for key, kind in kinds.items()
    ):
        return True
    given = request.get("documentId")
    # No text with a colon that is made up here is a SHA-256, and no SHA-256 fits to a made-up text.
    if given is not None and (":" in given or request.get("query")):
        return True
    if given is None and (request.get("extensions") or {}).get("persistedQuery") is not None:
        return True
    return request.get("query") is None and given is None


@generated
@given(query=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8")))
def test_any_query_string_is_answered(plain: Plain, query: bytes) -> None:
    mutation = quote('mutation { write(what: "x") }')
    for method in ("GET", "HEAD"):
        plain.send(method, f"/graphql?query={quote(query)}&{quote(query)}={quote(query)}")
        plain.send(method, f"/graphql?query={mutation}&{quote(query)}")


@generated
@given(
    ranges=st.lists(
        st.tuples(
            st.sampled_from([JSON, GRAPHQL, "application/*", "*/*", "text/html", "text/*", "a"]),
            st.sampled_from(["", ";q=0", ";q=0.5", "; q=1.000", ";charset=utf-8", ";q=0.001"]),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda item: item[0],
    )
)
def test_an_accept_is_weighed_as_a_slow_look_weighs_it(ranges: list[tuple[str, str]]) -> None:
    def weight(parameters: str) -> float:
        return float(parameters.partition("q=")[2] or 1)

    def wish(name: str) -> tuple[float, int]:
        """The weight of the closest range, and how early it stands."""
        for pattern in (name, "application/*", "*/*"):
            for place, (range_, parameters) in enumerate(ranges):
                if range_ == pattern:
                    return weight(parameters), -place
        return 0, 0

    wishes = {name: wish(name) for name in (JSON, GRAPHQL)}
    best = JSON if wishes[JSON] >= wishes[GRAPHQL] else GRAPHQL
    expected = best if wishes[best][0] else None
    accept = ", ".join(range_ + parameters for range_, parameters in ranges)
    assert preferred(accept) == expected


@generated
@given(
    headers=st.dictionaries(
        st.sampled_from(["Accept", "Accept-Encoding", "If-None-Match", "Origin", "Content-Type"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
    )
)
def test_any_headers_are_answered(plain: Plain, headers: dict[str, str]) -> None:
    plain.send("POST", "/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    plain.send("GET", "/graphql?query={hello}", headers=headers)
