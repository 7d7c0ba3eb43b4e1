"""How failures look to clients, and what the log says about them and about every request."""

import enum
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
import structlog
from graphql import GraphQLError
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

import gateway.app
from gateway import logs
from gateway.documents import Documents, Prepared
from gateway.errors import Invalid
from gateway.limits import Limits
from gateway.settings import Settings
from models.database import Database
from models.errors import DatabaseBusy, Forbidden, Refusal

KEY = "sixteen letters!"


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you", times: int = 1) -> str:
        return ", ".join([f"hello {name}"] * times)

    @strawberry.field
    def defect(self) -> str:
        raise RuntimeError("the password is hunter2")

    @strawberry.field
    def unrepresentable(self) -> Colour:
        return "hunter2"  # type: ignore[return-value]

    @strawberry.field
    def missing(self) -> str | None:
        raise Refusal(Forbidden.lacking("experiment:read"))

    @strawberry.field
    def busy(self) -> str:
        raise DatabaseBusy(5)

    @strawberry.field
    def coded(self) -> str:
        raise GraphQLError("no", extensions={"code": "FORBIDDEN"})


GRAPH = strawberry.Schema(Query, extensions=[Prepared])


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """The app over a small graph that fails in every way."""
    monkeypatch.setattr(gateway.app, "graph", lambda: GRAPH)
    database = Database(f"sqlite:///{tmp_path / 'unused.db'}")
    return gateway.app.create_app(Settings(bootstrap_key=SecretStr(KEY)), database)


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {KEY}"}
    ) as opened:
        yield opened


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The lines that are logged, as dictionaries, whatever was configured before."""
    captured = structlog.testing.LogCapture()
    for module in (gateway.errors, logs):
        logger = structlog.wrap_logger(
            logging.getLogger("test"),
            processors=[structlog.contextvars.merge_contextvars, captured],
            wrapper_class=structlog.stdlib.BoundLogger,
        )
        monkeypatch.setattr(module, "log", logger)
    return captured.entries


async def ask(http: httpx.AsyncClient, query: str, **rest: Any) -> httpx.Response:
    return await http.post("/graphql", json={"query": query, **rest})


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ hello " * 500, {}, "GRAPHQL_PARSE_FAILED"),
        ("{ goodbye }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello(times: null) }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { hello }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($t: Int!) { hello(times: $t) }", {"t": "x"}, "BAD_USER_INPUT"),
        ("query($t: Int!) { hello(times: $t) }", {}, "BAD_USER_INPUT"),
    ],
)
async def test_a_request_error_has_a_code_and_a_status_that_the_client_accepts(
    http: httpx.AsyncClient, query: str, variables: dict[str, Any], code: str
) -> None:
    body = {"query": query, "variables": variables}
    for accept, status in (("application/json", 200), ("application/graphql-response+json", 400)):
        response = await http.post("/graphql", json=body, headers={"Accept": accept})
        assert (response.status_code, codes(response)) == (status, [code])
        assert "data" not in response.json()


async def test_a_wrong_value_found_while_running_is_the_callers_fault(
    http: httpx.AsyncClient,
) -> None:
    response = await ask(http, "query($t: Int) { hello(times: $t) }", variables={"t": None})
    assert response.json() == {
        "data": None,
        "errors": [
            {
                "message": "Argument 'times' has invalid value: "
                "Expected variable '$t' provided to non-null type 'Int!' not to be None.",
                "locations": [{"line": 1, "column": 31}],
                "path": ["hello"],
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ],
    }


async def test_an_expected_failure_carries_its_code_and_facts(
    http: httpx.AsyncClient, logged: Any
) -> None:
    response = await ask(http, "{ missing hello }")
    assert response.json() == {
        "data": {"missing": None, "hello": "hello you"},
        "errors": [
            {
                "message": "The scope experiment:read is missing.",
                "locations": [{"line": 1, "column": 3}],
                "path": ["missing"],
                "extensions": {"scope": "experiment:read", "code": "FORBIDDEN"},
            }
        ],
    }
    assert [line["event"] for line in logged] == ["request"]


async def test_a_failure_that_may_pass_says_so(http: httpx.AsyncClient) -> None:
    response = await ask(http, "{ busy }")
    assert response.json()["errors"][0]["extensions"] == {
        "code": "DATABASE_BUSY",
        "retryable": True,
    }


async def test_a_code_that_a_resolver_gives_is_kept(http: httpx.AsyncClient) -> None:
    assert codes(await ask(http, "{ coded }")) == ["FORBIDDEN"]


@pytest.mark.parametrize("field", ["defect", "unrepresentable"])
async def test_a_defect_is_masked_and_logged_once_under_the_same_request_id(
    http: httpx.AsyncClient, logged: Any, field: str
) -> None:
    response = await ask(http, f"{{ first: {field} hello }}")
    request_id = response.headers["x-request-id"]
    assert response.status_code == 200
    assert response.json()["errors"] == [
        {
            "message": "Internal server error",
            "locations": [{"line": 1, "column": 3}],
            "path": ["first"],
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id},
        }
    ]
    assert "hunter2" not in response.text
    [defect] = [line for line in logged if line["log_level"] == "error"]
    assert defect["request_id"] == request_id
    assert "hunter2" in str(defect["exc_info"])


async def test_a_defect_outside_the_graph_is_masked_too(
    app: Starlette, http: httpx.AsyncClient, logged: Any
) -> None:
    async def broken(_: object) -> None:
        raise RuntimeError("hunter2")

    app.router.routes.append(Route("/broken", broken))
    response = await http.get("/broken")
    assert response.status_code == 500
    assert response.json() == {
        "errors": [
            {
                "message": "Internal server error",
                "extensions": {
                    "code": "INTERNAL_SERVER_ERROR",
                    "requestId": response.headers["x-request-id"],
                },
            }
        ]
    }
    assert [line["event"] for line in logged] == ["defect", "request"]


async def test_a_client_that_goes_away_is_no_defect(app: Starlette, logged: Any) -> None:
    received = iter(
        [
            {"type": "http.request", "body": b'{"que', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[Any] = []

    async def receive() -> Any:
        return next(received)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {KEY}".encode()),
    ]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}
    await app({**scope, "query_string": b"", "scheme": "http"}, receive, send)
    assert sent[0]["status"] == 400
    assert [line["event"] for line in logged] == ["request"]


async def test_a_request_is_logged_in_one_line_without_its_variables(
    http: httpx.AsyncClient, logged: Any
) -> None:
    query = "query Greet($n: String!) { hello(name: $n) }"
    await ask(http, query, variables={"n": "hunter2"})
    [line] = logged
    duration = line.pop("ms")
    assert 0 < duration < 10_000
    assert len(line.pop("request_id")) == 32
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Greet",
        "operation_type": "query",
    }


async def test_a_request_id_is_kept_if_it_can_be_logged_safely(http: httpx.AsyncClient) -> None:
    kept = await http.get("/livez", headers={"X-Request-Id": "trace-1"})
    assert kept.headers["x-request-id"] == "trace-1"
    replaced = await http.get("/livez", headers={"X-Request-Id": "a b" * 40})
    assert len(replaced.headers["x-request-id"]) == 32


@pytest.mark.parametrize("hidden", [False, True], ids=["development", "production"])
@pytest.mark.parametrize(
    "query",
    [
        "{ experimets { totalCount } }",
        "{ experiments(frst: 1) { totalCount } }",
        "{ experiments(where: {phase: {eq: RUNING}}) { totalCount } }",
        "{ experiments(where: {phas: {eq: RUNNING}}) { totalCount } }",
        "query ($where: ExperimentWher) { experiments(where: $where) { totalCount } }",
        "{ node(id: 1) { ... on Experimen { key } } }",
    ],
)
def test_names_are_suggested_in_development_only(query: str, *, hidden: bool) -> None:
    limits = Limits(tokens=100, depth=3, aliases=0, root_fields=1)
    with pytest.raises(Invalid) as caught:
        Documents(gateway.app.graph(), limits, hide_suggestions=hidden).get(query)
    assert ("Did you mean" in str(caught.value)) is not hidden
