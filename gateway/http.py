"""GraphQL over HTTP: one request, one answer in JSON, whatever goes wrong in between."""

import json
from typing import Any

import orjson
from graphql import GraphQLError, OperationDefinitionNode, OperationType
from starlette.requests import Request
from starlette.responses import Response
from strawberry import Schema
from strawberry.types import ExecutionResult

from gateway.auth import Authentication, Unauthenticated
from gateway.documents import Documents, Prepared, only_introspects, select
from gateway.errors import BAD_USER_INPUT, Invalid, Refused, answers, plain
from gateway.limits import Limits
from gateway.platforms import Platforms
from gateway.request import read
from gateway.settings import Settings
from models.database import Database
from models.errors import ExpectedError
from resolvers.access import ANYBODY, Viewer
from resolvers.context import Context

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"

NO_CREDENTIAL = "This takes a key: send the header 'Authorization: Api-Key KEY'."


class Endpoint:
    """Answers GraphQL requests over HTTP. `schema` is built with the extension Prepared."""

    def __init__(
        self,
        schema: Schema,
        database: Database,
        settings: Settings,
        platforms: Platforms | None = None,
    ) -> None:
        self._schema = schema
        self._outside: dict[str, Any] = (
            {"settle": platforms.settle, "sync": platforms.sync} if platforms else {}
        )
        self._database = database
        self._authentication = Authentication(settings, database)
        self._is_production = settings.is_production
        self._max_body_bytes = settings.max_body_bytes
        self._documents = Documents(
            schema,
            Limits(
                tokens=settings.max_tokens,
                depth=settings.max_depth,
                aliases=settings.max_aliases,
                root_fields=settings.max_root_fields,
            ),
            hide_suggestions=settings.is_production,
        )

    async def respond(self, request: Request) -> Response:
        """The answer to a GET or POST."""
        media_type = preferred(request.headers.get("accept", "*/*"))
        try:
            viewer = await self._viewer(request)
        except Refused as refusal:
            return refused(refusal, media_type)
        except ExpectedError as failure:
            error = GraphQLError(failure.message, original_error=failure)
            result = ExecutionResult(data=None, errors=[error])
            return _rendered(result, request.state.request_id, media_type)
        response = await self._answer(request, viewer, media_type)
        response.background = self._authentication.used(viewer)
        return response

    async def _viewer(self, request: Request) -> Viewer:
        viewer = await self._authentication.viewer(request.headers.getlist("authorization"))
        if viewer is ANYBODY and self._is_production:
            raise Unauthenticated(NO_CREDENTIAL)
        return viewer

    async def _answer(self, request: Request, viewer: Viewer, media_type: str) -> Response:
        try:
            result = await self._run(request, viewer)
        except Refused as refusal:
            return refused(refusal, media_type)
        except Invalid as invalid:
            result = ExecutionResult(data=None, errors=list(invalid.errors))
        return _rendered(result, request.state.request_id, media_type)

    async def _run(self, request: Request, viewer: Viewer) -> ExecutionResult:
        try:
            asked = await read(request, self._max_body_bytes)
            document = self._documents.get(asked.query)
            operation = select(document, asked.operation_name)
        except (Invalid, Refused) as problem:
            # Whoever has no key learns nothing but the schema.
            raise Unauthenticated(NO_CREDENTIAL) if viewer is ANYBODY else problem from None
        name = operation.name.value if operation.name else None
        request.state.operation = name
        request.state.operation_type = operation.operation.value
        if viewer is ANYBODY and not only_introspects(document, operation):
            raise Unauthenticated(NO_CREDENTIAL)
        _require_method(operation, request.method)
        return await self._schema.execute(
            asked.query,
            variable_values=asked.variables,
            context_value=Context(self._database, viewer, **self._outside),
            operation_name=name,
            operation_extensions={Prepared.DOCUMENT: document},
        )


def _rendered(result: ExecutionResult, request_id: str, media_type: str) -> Response:
    errors = result.errors or []
    # Without data and without a place in it, an error is about the request: nothing was run.
    if errors and result.data is None and not any(error.path for error in errors):
        status = 400 if media_type == GRAPHQL_RESPONSE else 200
        return rendered({"errors": answers(errors, request_id)}, media_type, status)
    answer: dict[str, Any] = {"data": result.data}
    if errors:
        answer["errors"] = answers(errors, request_id)
    return rendered(answer, media_type)


def _require_method(operation: OperationDefinitionNode, method: str) -> None:
    if operation.operation is OperationType.SUBSCRIPTION:
        message = "A subscription has many answers, and this way of asking has room for one."
        raise Invalid(GraphQLError(message, operation, extensions={"code": BAD_USER_INPUT}))
    if method != "POST" and operation.operation is not OperationType.QUERY:
        message = f"A {operation.operation.value} must be sent with POST: GET changes nothing."
        raise Refused(405, message, {"Allow": "POST"})


def preferred(accept: str) -> str:
    """The media type to answer in: JSON, unless the client prefers GraphQL's own by name."""
    weights = {JSON: 0.0, GRAPHQL_RESPONSE: 0.0}
    for item in accept.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        if name in weights:
            weights[name] = max(weights[name], _weight(parameters))
    return GRAPHQL_RESPONSE if weights[GRAPHQL_RESPONSE] > weights[JSON] else JSON


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def refused(refusal: Refused, media_type: str = JSON) -> Response:
    """The answer to a request that cannot be understood as GraphQL."""
    answer = {"errors": [plain(refusal.message, refusal.code)]}
    return rendered(answer, media_type, refusal.status, refusal.headers)


def rendered(
    answer: dict[str, Any],
    media_type: str = JSON,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """An answer as JSON."""
    try:
        body = orjson.dumps(answer)
    except TypeError:  # orjson refuses integers beyond 64 bits and halves of surrogate pairs
        body = json.dumps(answer).encode()
    response = Response(body, status, headers)
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    return response
