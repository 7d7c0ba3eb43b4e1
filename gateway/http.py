"""GraphQL over HTTP: one request, one answer in JSON, whatever goes wrong in between."""

from hashlib import blake2b
from http import HTTPStatus
from typing import Any

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult

from gateway.accept import GRAPHQL_RESPONSE, JSON, preferred
from gateway.auth import Unauthenticated
from gateway.encoding import encoded
from gateway.errors import BAD_USER_INPUT, Invalid, Refused, answers, plain
from gateway.operations import NO_CREDENTIAL, Operation, Operations
from gateway.request import read
from gateway.settings import Settings
from gateway.statuses import EDITIONS
from gateway.streams import EVENT_STREAM, Streams
from models.errors import ExpectedError
from resolvers.access import ANYBODY, Viewer

VARY = "Accept, Authorization"
KEPT = {"Cache-Control": "private, no-cache"}
"""An answer to a GET may be kept by who asked, and is looked up again each time."""
NOT_KEPT = "no-store"

OFFERED = (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)


class Endpoint:
    """Answers GraphQL requests over HTTP, as an application of its own."""

    def __init__(self, operations: Operations, streams: Streams, settings: Settings) -> None:
        self._operations = operations
        self._streams = streams
        self._statuses = EDITIONS[settings.status_codes]
        self._allowed_origins = settings.allowed_origins
        self._max_body_bytes = settings.max_body_bytes
        self._body_seconds = settings.body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET or POST."""
        response = await self._respond(Request(scope, receive, send))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        response = await self._negotiated(request)
        if request.method != "POST":
            response.headers.setdefault("Cache-Control", NOT_KEPT)
            response.headers["Vary"] = VARY
        return response

    async def _negotiated(self, request: Request) -> Response:
        media_type = preferred(", ".join(request.headers.getlist("accept")), OFFERED)
        if media_type is None:
            message = f"Answers are in {', '.join(OFFERED)}, and Accept wants none of them."
            return self._refused(Refused(HTTPStatus.NOT_ACCEPTABLE, message), JSON)
        try:
            viewer = await self._viewer(request)
        except Refused as refusal:
            return self._refused(refusal, media_type)
        except ExpectedError as failure:
            error = GraphQLError(failure.message, original_error=failure)
            return self._failed(Invalid(error), request, media_type)
        response = await self._answer(request, viewer, media_type)
        response.background = self._operations.used(viewer)
        return response

    async def _viewer(self, request: Request) -> Viewer:
        viewer = await self._operations.viewer(request.headers.getlist("authorization"))
        if viewer is ANYBODY and self._is_foreign(request):
            raise Unauthenticated(NO_CREDENTIAL)
        return viewer

    def _is_foreign(self, request: Request) -> bool:
        """Whether a browser sends this for a page of another site that is not allowed to."""
        is_elsewhere = request.headers.get("sec-fetch-site") == "cross-site"
        return is_elsewhere and request.headers.get("origin") not in self._allowed_origins

    async def _answer(self, request: Request, viewer: Viewer, media_type: str) -> Response:
        try:
            operation = await self._asked(request, viewer, media_type)
            if media_type == EVENT_STREAM:
                return self._streams.respond(request, operation)
            result = await self._operations.run(operation, viewer)
        except Refused as refusal:
            return self._refused(refusal, media_type)
        except Invalid as invalid:
            return self._failed(invalid, request, media_type)
        return self._rendered(result, request, media_type)

    async def _asked(self, request: Request, viewer: Viewer, media_type: str) -> Operation:
        try:
            asked = await read(request, self._max_body_bytes, self._body_seconds)
            operation = self._operations.find(asked, viewer)
        except (Invalid, Refused) as problem:
            # Whoever has no key learns nothing but the schema.
            raise Unauthenticated(NO_CREDENTIAL) if viewer is ANYBODY else problem from None
        request.state.operation = operation.name
        request.state.operation_type = operation.kind.value
        if media_type != EVENT_STREAM:
            _require_room(operation)
        _require_method(operation, request.method)
        return operation

    def _failed(self, invalid: Invalid, request: Request, media_type: str) -> Response:
        if media_type == EVENT_STREAM:
            return self._streams.refuse(request, invalid)
        return self._rendered(ExecutionResult(None, list(invalid.errors)), request, media_type)

    def _refused(self, refusal: Refused, media_type: str) -> Response:
        media_type = JSON if media_type == EVENT_STREAM else media_type  # there is no stream
        status = self._statuses.refusal(refusal)
        return refused(refusal, self._statuses.media_type(status, media_type), status)

    def _rendered(self, result: ExecutionResult, request: Request, media_type: str) -> Response:
        errors = result.errors or []
        listed = answers(errors, request.state.request_id)
        # Without data and without a place in it, an error is about the request: nothing was run.
        if errors and result.data is None and not any(error.path for error in errors):
            codes = {error["extensions"]["code"] for error in listed}
            status = self._statuses.failure(codes, media_type)
            return rendered(
                {"errors": listed}, self._statuses.media_type(status, media_type), status
            )
        answer: dict[str, Any] = {"data": result.data}
        if result.extensions:
            answer["extensions"] = result.extensions
        if errors:
            answer["errors"] = listed
            return rendered(answer, media_type, self._statuses.partial)
        if request.method == "POST":
            return rendered(answer, media_type)
        return _unless_known(answer, request, media_type)


def _require_room(operation: Operation) -> None:
    if operation.kind is OperationType.SUBSCRIPTION:
        message = (
            "A subscription has many answers, and this way of asking has room for one: "
            f"prefer {EVENT_STREAM}, or use a WebSocket."
        )
        raise Invalid(GraphQLError(message, operation.node, extensions={"code": BAD_USER_INPUT}))


def _require_method(operation: Operation, method: str) -> None:
    if method != "POST" and operation.kind is OperationType.MUTATION:
        message = f"A {operation.kind.value} must be sent with POST: GET changes nothing."
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, message, {"Allow": "POST"})


def _unless_known(answer: dict[str, Any], request: Request, media_type: str) -> Response:
    """The answer with a tag, or that it is still the one that the client has with this tag."""
    data = encoded(answer["data"])
    # Weak: the same data, whether it is compressed or not.
    tag = f'W/"{blake2b(data, digest_size=16).hexdigest()}"'
    headers = {**KEPT, "ETag": tag}
    known = ", ".join(request.headers.getlist("if-none-match")).split(",")
    if not {tag, "*"}.isdisjoint(part.strip() for part in known):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return rendered(answer | {"data": orjson.Fragment(data)}, media_type, headers=headers)


def refused(refusal: Refused, media_type: str = JSON, status: int | None = None) -> Response:
    """The answer to a request that cannot be understood as GraphQL."""
    answer = {"errors": [plain(refusal.message, refusal.code, **refusal.facts)]}
    return rendered(answer, media_type, status or refusal.status, refusal.headers)


def rendered(
    answer: dict[str, Any],
    media_type: str = JSON,
    status: int = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    """An answer as JSON."""
    return Response(encoded(answer), status, headers, f"{media_type}; charset=utf-8")
