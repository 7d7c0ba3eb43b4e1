"""From an HTTP request to the GraphQL request in it, or to a refusal that says what is wrong."""

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from gateway.errors import Refused


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks for, well formed, but not yet looked into."""

    query: str
    operation_name: str | None
    variables: dict[str, Any]


async def read(request: Request, max_body_bytes: int) -> GraphQLRequest:
    """The GraphQL request of a POST, or else of the URL. Raises Refused."""
    if request.method != "POST":
        return _checked(_from_url(request))
    _require_json(request.headers.get("content-type", ""))
    body = await _body(request, max_body_bytes)
    return _checked(_parsed(body, "The body"))


def _from_url(request: Request) -> dict[str, Any]:
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = _parsed(parameters[name].encode(), f"The parameter {name!r}")
    return parameters


def _require_json(content_type: str) -> None:
    """Refuse anything else: a form can be posted by any web page, JSON only by ours."""
    essence, *parameters = [part.strip().lower() for part in content_type.split(";")]
    charsets = [part[8:].strip('"') for part in parameters if part.startswith("charset=")]
    if essence == "application/json" and set(charsets) <= {"utf-8"}:
        return
    given = f"not {content_type!r}" if content_type else "and it was not given"
    message = f"The Content-Type must be application/json, in UTF-8, {given}."
    raise Refused(415, message, {"Accept-Post": "application/json"})


async def _body(request: Request, most: int) -> bytes:
    message = f"The body is too large: at most {most} bytes are read."
    if int(request.headers.get("content-length", 0)) > most:
        raise Refused(413, message)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise Refused(413, message)
    except ClientDisconnect:
        raise Refused(400, "The body ends before its end.") from None
    return bytes(body)


def _parsed(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"{what} is not valid JSON: {error}.") from None


def _checked(request: object) -> GraphQLRequest:
    if not isinstance(request, dict):
        message = f"The body must be a JSON object with a 'query', not {_kind(request)}."
        raise Refused(400, message)
    query, name, variables, extensions = (
        request.get(key) for key in ("query", "operationName", "variables", "extensions")
    )
    if query is None:
        raise Refused(400, "The request has no 'query'.")
    for key, value, right, kind in (
        ("query", query, str, "a string"),
        ("operationName", name, str, "a string or null"),
        ("variables", variables, dict, "an object or null"),
        ("extensions", extensions, dict, "an object or null"),
    ):
        if value is not None and not isinstance(value, right):
            raise Refused(400, f"{key!r} must be {kind}, not {_kind(value)}.")
    return GraphQLRequest(query, name or None, variables or {})


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
