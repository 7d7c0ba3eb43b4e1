"""Documents can be asked for without being sent, and a manifest can be all that may be run."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.documents import Documents
from gateway.errors import Invalid
from gateway.limits import Limits
from gateway.manifest import InvalidManifest, read
from gateway.request import GraphQLRequest
from tests.endpoint import GRAPH, WRITTEN, Connect, ask, codes, messages

HELLO = "query Hello($n: String!) { hello(name: $n) }"
WRITE = 'mutation Write { write(what: "x") }'
OTHER = "{ hello }"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}


def by_id(text: str) -> dict[str, Any]:
    """The two ways of naming a document by its SHA-256."""
    return {
        "documentId": {"documentId": f"sha256:{sha256(text)}"},
        "persistedQuery": {"extensions": persisted(text)},
    }


async def send(http: httpx.AsyncClient, **request: Any) -> httpx.Response:
    return await http.post("/graphql", json=request)


# --- Automatic persisted queries


@pytest.mark.parametrize("way", ["documentId", "persistedQuery"])
async def test_a_document_that_was_sent_once_is_found_by_its_sha256(
    http: httpx.AsyncClient, way: str
) -> None:
    named, variables = by_id(HELLO)[way], {"n": "Ada"}
    unknown = await send(http, **named, variables=variables)
    assert unknown.status_code == 200
    assert "data" not in unknown.json()
    assert messages(unknown) == ["PersistedQueryNotFound"]
    assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]

    sent = await send(http, **named, query=HELLO, variables=variables)
    found = await send(http, **named, variables={"n": "Grace"})
    assert sent.json() == {"data": {"hello": "hello Ada"}}
    assert found.json() == {"data": {"hello": "hello Grace"}}


async def test_a_document_that_was_sent_without_its_sha256_is_found_by_it_too(
    http: httpx.AsyncClient,
) -> None:
    await ask(http, OTHER)
    found = await send(http, extensions=persisted(OTHER))
    assert found.json() == {"data": {"hello": "hello you"}}


async def test_an_empty_text_beside_an_id_is_none(http: httpx.AsyncClient) -> None:
    await ask(http, OTHER)
    found = await send(http, query="", extensions=persisted(OTHER))
    assert found.json() == {"data": {"hello": "hello you"}}


async def test_a_document_is_found_by_url_as_well(http: httpx.AsyncClient) -> None:
    extensions = json.dumps(persisted(HELLO))
    given = {"extensions": extensions, "variables": '{"n": "Ada"}'}
    unknown = await http.get("/graphql", params=given)
    assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert unknown.headers["cache-control"] == "no-store"
    await http.get("/graphql", params={**given, "query": HELLO})
    found = await http.get("/graphql", params=given)
    assert found.json() == {"data": {"hello": "hello Ada"}}


async def test_a_mutation_that_is_found_by_url_changes_nothing(http: httpx.AsyncClient) -> None:
    await send(http, query=WRITE)
    assert WRITTEN == ["x"]
    again = await http.get("/graphql", params={"documentId": f"sha256:{sha256(WRITE)}"})
    assert (again.status_code, again.headers["allow"]) == (405, "POST")
    assert WRITTEN == ["x"]


@pytest.mark.parametrize("way", ["documentId", "persistedQuery"])
async def test_a_text_with_another_sha256_is_refused_and_not_kept(
    http: httpx.AsyncClient, way: str
) -> None:
    wrong = await send(http, **by_id(HELLO)[way], query=WRITE)
    assert wrong.status_code == 400
    assert messages(wrong) == [
        "The 'query' has another SHA-256 than the one that was sent with it."
    ]
    assert WRITTEN == []
    for text in (HELLO, WRITE):
        assert codes(await send(http, **by_id(text)[way])) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_a_document_that_may_not_run_is_not_kept(http: httpx.AsyncClient) -> None:
    text = "{ helo }"
    assert codes(await send(http, query=text, extensions=persisted(text))) == [
        "GRAPHQL_VALIDATION_FAILED"
    ]
    assert codes(await send(http, extensions=persisted(text))) == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize(
    "extension",
    [
        1,
        [],
        {},
        {"version": 1},
        {"version": 2, "sha256Hash": "0" * 64},
        {"sha256Hash": "0" * 64},
        {"version": 1, "sha256Hash": "0" * 63},
        {"version": 1, "sha256Hash": "A" * 64},
        {"version": 1, "sha256Hash": 1},
    ],
)
async def test_a_persisted_query_without_a_sha256_is_refused_though_a_text_is_there(
    http: httpx.AsyncClient, extension: object
) -> None:
    response = await send(http, query=OTHER, extensions={"persistedQuery": extension})
    assert response.status_code == 400
    assert messages(response) == [
        (
            "'extensions.persistedQuery' must have 'version' 1 and a 'sha256Hash' of 64 lower-case "
            "hexadecimal digits."
        )
    ]


@pytest.mark.parametrize("given", ["sha256:", "sha256:abc", f"sha256:{'A' * 64}", "md5:abc", ":"])
async def test_an_id_with_a_colon_that_is_no_sha256_is_refused(
    http: httpx.AsyncClient, given: str
) -> None:
    response = await send(http, documentId=given)
    assert response.status_code == 400
    assert messages(response) == [
        (
            "'documentId' must be 'sha256:' and 64 lower-case hexadecimal digits, "
            f"or an id without a colon, not {given!r}."
        )
    ]


async def test_a_stranger_finds_nothing_by_a_sha256(http: httpx.AsyncClient) -> None:
    await ask(http, OTHER)
    del http.headers["Authorization"]
    for text in (OTHER, "{ unknown }"):
        response = await send(http, extensions=persisted(text))
        assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    texts = [f"query Q{number} {{ hello }}" for number in range(3)]
    limits = Limits(tokens=10_000, depth=30, aliases=100, root_fields=50)
    documents = Documents(GRAPH, limits, room=2 * len(texts[0]))

    def is_known(text: str) -> bool:
        try:
            documents.find(GraphQLRequest(None, sha256(text), None, {}))
        except Invalid:
            return False
        return True

    documents.get(texts[0])
    documents.get(texts[1])
    assert is_known(texts[0])
    documents.get(texts[2])
    assert [is_known(text) for text in texts] == [True, False, True]


# --- Trusted documents

RELAY = {"5d41402abc4b2a76b9719d911017c592": HELLO, "write": WRITE}
CODEGEN = {f"sha256:{sha256(HELLO)}": HELLO, sha256(WRITE): WRITE}
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": sha256(HELLO), "name": "Hello", "type": "query", "body": HELLO},
        {"id": sha256(WRITE), "name": "Write", "type": "mutation", "body": WRITE},
    ],
}


def manifest(folder: Path, content: object) -> Path:
    path = folder / "documents.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("content", [CODEGEN, APOLLO], ids=["codegen", "apollo"])
@pytest.mark.parametrize("way", ["documentId", "persistedQuery"])
async def test_a_document_of_the_manifest_is_run_by_its_sha256(
    connect: Connect, tmp_path: Path, content: object, way: str
) -> None:
    async with connect(trusted_documents=manifest(tmp_path, content)) as http:
        alone = await send(http, **by_id(HELLO)[way], variables={"n": "Ada"})
        both = await send(http, **by_id(WRITE)[way], query=WRITE)
    assert alone.json() == {"data": {"hello": "hello Ada"}}
    assert both.json() == {"data": {"write": "x"}}
    assert WRITTEN == ["x"]


async def test_a_document_of_the_manifest_is_run_by_any_id_that_it_has_there(
    connect: Connect, tmp_path: Path
) -> None:
    async with connect(trusted_documents=manifest(tmp_path, RELAY)) as http:
        parameters = {"documentId": next(iter(RELAY)), "variables": '{"n": "Ada"}'}
        by_url = await http.get("/graphql", params=parameters)
        by_post = await send(http, documentId="write")
    assert by_url.json() == {"data": {"hello": "hello Ada"}}
    assert by_post.json() == {"data": {"write": "x"}}


async def test_everything_else_is_refused_and_nothing_of_it_runs(
    connect: Connect, tmp_path: Path
) -> None:
    write = 'mutation { write(what: "y") }'
    trusted = sha256(HELLO)
    async with connect(trusted_documents=manifest(tmp_path, CODEGEN)) as http:
        text = await send(http, query=write)
        listed_text = await send(http, query=WRITE)
        introspection = await send(http, query="{ __schema { types { name } } }")
        unknown = await send(http, documentId=f"sha256:{sha256(write)}")
        registered = await send(http, query=write, extensions=persisted(write))
        smuggled = await send(http, query=write, documentId=f"sha256:{trusted}")
        again = await send(http, extensions=persisted(write))
    for refused in (text, listed_text, introspection):
        assert (refused.status_code, codes(refused)) == (403, ["FORBIDDEN"])
        assert messages(refused) == [
            "Only documents that this gateway was started with are run: send the id of one."
        ]
    for missing in (unknown, registered, again):
        assert codes(missing) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert smuggled.status_code == 400
    assert messages(smuggled) == ["The 'query' is another one than the document with its id."]
    assert WRITTEN == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "it is not valid JSON: "),
        ("{", "it is not valid JSON: "),
        ([], "it must be a JSON object of ids and documents."),
        ({}, "it has no documents, so that nothing could ever be run."),
        ({"a": 1}, "the document 'a' must be a text that has an id."),
        (
            {"a": OTHER, "b": "{ helo }"},
            "the document 'b' cannot be run: Cannot query field 'helo'",
        ),
        ({"a": "{"}, "the document 'a' cannot be run: Syntax Error"),
        ({"a": "fragment F on Query { hello }"}, "the document 'a' cannot be run: Fragment 'F'"),
        (
            {"sha256:a": OTHER, "a": HELLO},
            "the id 'a' stands for two documents.",
        ),
        (
            {"format": "another", "version": 1, "operations": []},
            "its 'format' must be 'apollo-persisted-query-manifest', and its 'version' 1.",
        ),
        (
            {**APOLLO, "version": 2},
            "its 'format' must be 'apollo-persisted-query-manifest', and its 'version' 1.",
        ),
        ({**APOLLO, "operations": {}}, "its 'operations' must be a list of objects."),
        ({**APOLLO, "operations": [1]}, "its 'operations' must be a list of objects."),
        (
            {**APOLLO, "operations": [{"id": "a"}]},
            "the document 'a' must be a text that has an id.",
        ),
        (
            {**APOLLO, "operations": [{"body": OTHER}]},
            "the document None must be a text that has an id.",
        ),
    ],
)
def test_the_gateway_does_not_start_with_a_manifest_that_it_cannot_run(
    connect: Connect, tmp_path: Path, content: object, problem: str
) -> None:
    path = manifest(tmp_path, content)
    with pytest.raises(InvalidManifest) as caught:
        connect(trusted_documents=path)
    assert str(caught.value).startswith(f"{path}: {problem}")


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing.json"
    with pytest.raises(InvalidManifest) as caught:
        read(path)
    assert str(caught.value) == f"{path}: it cannot be read: No such file or directory."
