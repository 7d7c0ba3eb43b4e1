"""What the endpoint answers to well-formed requests, and what it says to malformed ones."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.accept import preferred
from tests.endpoint import WRITTEN, Connect, ask, codes


async def test_a_query_is_answered(http: httpx.AsyncClient) -> None:
    response = await ask(http, "{ hello }")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {"data": {"hello": "hello you"}}


async def test_variables_and_the_named_one_of_several_operations_are_used(
    http: httpx.AsyncClient,
) -> None:
    response = await ask(
        http,
        "query A { hello } query B($n: String!) { hello(name: $n) }",
        operationName="B",
        variables={"n": "Ada"},
        extensions={"anything": 1},
    )
    assert response.json() == {"data": {"hello": "hello Ada"}}


async def test_a_query_can_be_asked_by_url(http: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query Q($n: String!) { hello(name: $n) }",
        "operationName": "Q",
        "variables": '{"n": "Ada"}',
    }
    response = await http.get("/graphql", params=parameters)
    assert response.json() == {"data": {"hello": "hello Ada"}}


async def test_a_mutation_by_url_changes_nothing(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphql", params={"query": 'mutation { write(what: "x") }'})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert WRITTEN == []


async def test_a_mutation_by_post_is_run_once(http: httpx.AsyncClient) -> None:
    response = await ask(http, 'mutation { write(what: "x") }')
    assert response.json() == {"data": {"write": "x"}}
    assert WRITTEN == ["x"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not valid JSON"),
        (b"{", "The body is not valid JSON"),
        (b"\xff\xfe{}", "The body is not valid JSON"),
        (b'{"query": NaN}', "The body is not valid JSON"),
        (b"1", "The body must be a JSON object with a 'query', not a number."),
        (b"null", "The body must be a JSON object with a 'query', not null."),
        (b"true", "The body must be a JSON object with a 'query', not a boolean."),
        (b'"{ hello }"', "The body must be a JSON object with a 'query', not a string."),
        (b"[]", "The body must be a JSON object with a 'query', not a list."),
        (b'[{"query": "{ hello }"}]', "The body must be a JSON object with a 'query', not a list."),
        (b"{}", "The request has no 'query'."),
        (b'{"query": null}', "The request has no 'query'."),
        (b'{"query": 1}', "'query' must be a string, not a number."),
        (b'{"query": {}}', "'query' must be a string, not an object."),
        (
            b'{"query": "{ hello }", "operationName": 1}',
            "'operationName' must be a string or null, not a number.",
        ),
        (
            b'{"query": "{ hello }", "variables": []}',
            "'variables' must be an object or null, not a list.",
        ),
        (
            b'{"query": "{ hello }", "variables": "{}"}',
            "'variables' must be an object or null, not a string.",
        ),
        (
            b'{"query": "{ hello }", "extensions": false}',
            "'extensions' must be an object or null, not a boolean.",
        ),
        (b"[" * 100_000, "The body is not valid JSON"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_malformed_body_is_refused_with_a_graphql_error(
    http: httpx.AsyncClient, body: bytes, message: str, accept: str
) -> None:
    headers = {"Content-Type": "application/json", "Accept": accept}
    response = await http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert codes(response) == ["BAD_USER_INPUT"]
    assert response.json()["errors"][0]["message"].startswith(message)
    assert "data" not in response.json()


async def test_variables_in_a_url_must_be_json(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphql", params={"query": "{ hello }", "variables": "{n: 1}"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"].startswith(
        "The parameter 'variables' is not valid JSON"
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/jsonp",
    ],
)
async def test_a_body_that_is_not_declared_as_json_is_refused(
    http: httpx.AsyncClient, content_type: str
) -> None:
    body = b'{"query": "mutation { write(what: \\"x\\") }"}'
    headers = {"Content-Type": content_type} if content_type else {}
    response = await http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 415
    assert codes(response) == ["BAD_USER_INPUT"]
    assert WRITTEN == []


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON ; Charset=UTF-8",
        'application/json; charset="utf8"',
        "application/json; x=1",
    ],
)
async def test_a_body_that_is_declared_as_json_is_read(
    http: httpx.AsyncClient, content_type: str
) -> None:
    headers = {"Content-Type": content_type, "Content-Encoding": "identity"}
    response = await http.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert response.json() == {"data": {"hello": "hello you"}}


async def test_a_body_of_the_allowed_size_is_read_and_a_larger_one_is_not(connect: Connect) -> None:
    body = b'{"query": "{ hello }"}'
    headers = {"Content-Type": "application/json"}
    async with connect(max_body_bytes=1024) as http:
        fits = await http.post("/graphql", content=body.ljust(1024), headers=headers)
        over = await http.post("/graphql", content=body.ljust(1025), headers=headers)
    assert fits.json() == {"data": {"hello": "hello you"}}
    assert over.status_code == 413
    assert over.json()["errors"][0]["message"] == (
        "The body is too large: at most 1024 bytes are read."
    )


async def test_a_body_of_undeclared_size_is_read_no_further_than_allowed(connect: Connect) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 512
            yield b" " * 512

    async with connect(max_body_bytes=1024) as http:
        headers = {"Content-Type": "application/json"}
        response = await http.post("/graphql", content=endless(), headers=headers)
    assert response.status_code == 413
    assert sent == 1536


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        (
            "{ hello } { hello }",
            None,
            "This anonymous operation must be the only defined operation.",
        ),
        (
            "query A { hello } query B { hello }",
            None,
            "The document has several operations: operationName must say which one to run.",
        ),
        ("query A { hello }", "C", "The document has no operation named 'C'."),
        ("{ hello }", "C", "The document has no operation named 'C'."),
        ("fragment F on Query { hello }", None, 'Fragment "F" is never used.'),
    ],
)
async def test_a_document_that_does_not_say_what_to_run_is_refused(
    http: httpx.AsyncClient, query: str, name: str | None, message: str
) -> None:
    response = await ask(http, query, operationName=name)
    assert "data" not in response.json()
    assert message.replace('"', "'") in [
        error["message"].replace('"', "'") for error in response.json()["errors"]
    ]


@pytest.mark.parametrize("value", [2**53, -1.5, "é\u2028</script>", "\x00", None, True, {}])
async def test_json_comes_back_as_it_was_sent(http: httpx.AsyncClient, value: object) -> None:
    response = await ask(http, "query($v: JSON!) { echo(value: $v) }", variables={"v": [value]})
    assert response.json() == {"data": {"echo": [value]}}


async def test_json_may_be_nested_deeper_than_the_faster_writer_can_write(
    connect: Connect,
) -> None:
    value: Any = 1
    for _ in range(500):
        value = [value]
    async with connect(max_variable_depth=1000) as http:
        response = await ask(http, "query($v: JSON!) { echo(value: $v) }", variables={"v": value})
    assert response.json() == {"data": {"echo": value}}


async def test_input_that_is_nested_without_end_is_refused(connect: Connect) -> None:
    value: Any = None
    for _ in range(500):
        value = {"inner": value}
    query = "query($n: Nested) { depth(nested: $n) }"
    async with connect(max_variable_depth=1000) as http:
        response = await ask(http, query, variables={"n": value})
    assert codes(response) == ["BAD_USER_INPUT"]
    assert response.json()["errors"][0]["message"] == "Variable values are nested too deeply."


async def test_what_only_the_slower_json_writer_can_write_is_answered(
    http: httpx.AsyncClient,
) -> None:
    response = await ask(http, "{ unusual }")
    assert response.json() == {"data": {"unusual": [2**70 + 1, "\ud800"]}}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("*/*, application/json;q=0", "application/graphql-response+json"),
        ("application/*;q=0, */*", None),
        ("text/html", None),
        ("application/jsonp", None),
        ("application/json;q=0", None),
        ("application/json", "application/json"),
        ("application/graphql-response+json", "application/graphql-response+json"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json",
        ),
        ("application/graphql-response+json;q=0.5, application/json", "application/json"),
        (
            "application/graphql-response+json, application/json",
            "application/graphql-response+json",
        ),
        ("application/json, application/graphql-response+json", "application/json"),
        ("application/graphql-response+json;q=oops, application/json;q=0.1", "application/json"),
        ("application/json;q=nan, application/graphql-response+json;q=2", None),
        (" Application/GraphQL-Response+JSON ; charset=utf-8", "application/graphql-response+json"),
    ],
)
def test_the_answer_has_the_media_type_that_is_preferred(accept: str, expected: str | None) -> None:
    assert preferred(accept) == expected


async def test_a_path_and_a_method_that_do_not_exist_are_graphql_errors_too(
    http: httpx.AsyncClient,
) -> None:
    path = await http.get("/api")
    assert (path.status_code, codes(path)) == (404, ["NOT_FOUND"])
    method = await http.delete("/graphql")
    assert (method.status_code, codes(method)) == (405, ["BAD_USER_INPUT"])
    assert "POST" in method.headers["allow"]


async def test_a_request_with_a_key_is_answered_under_any_name(client: httpx.AsyncClient) -> None:
    query = {"query": "{ experiments { totalCount } }"}
    for host in ("gateway.example", "[::1]:8000"):
        answer = await client.post("/graphql", json=query, headers={"Host": host})
        assert answer.json() == {"data": {"experiments": {"totalCount": 0}}}
