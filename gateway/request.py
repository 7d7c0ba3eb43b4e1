"""From an HTTP request to the GraphQL request in it, or to a refusal that says what is wrong."""

import asyncio
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from gateway.errors import Malformed, Refused

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
SHA256_PREFIX = "sha256:"
MAX_PARAMETERS = 100

IDENTITY = "identity"
UTF_8 = {"utf-8", "utf8"}

DOCUMENT_ID = "'sha256:' and 64 lower-case hexadecimal digits, or an id without a colon"
PERSISTED_QUERY = "'version' 1 and a 'sha256Hash' of 64 lower-case hexadecimal digits"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks for, well formed, but not yet looked into.

    At least one of `query` and `document_id` is there. An id is a SHA-256, in hexadecimal digits,
    or any other text that a manifest has given to a document.
    """

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any]


async def read(request: Request, max_body_bytes: int, seconds: float) -> GraphQLRequest:
    """The GraphQL request of a POST, or else of the URL. Raises Refused.

    A body must have come whole after so many seconds.
    """
    if request.method != "POST":
        return checked(_from_url(request.scope["query_string"]))
    _require_json(request)
    try:
        async with asyncio.timeout(seconds):
            body = await _body(request, max_body_bytes)
    except TimeoutError:
        message = f"The body had not come whole after {seconds:g} s."
        headers = {"Connection": "close"}
        raise Refused(408, message, headers, limit="BODY_SECONDS", maximum=seconds) from None
    return checked(_parsed(body, "The body"))


def _from_url(query_string: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            query_string.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise Refused(400, "The parameters are not in UTF-8.") from None
    except ValueError:
        raise Refused(400, f"There are more than {MAX_PARAMETERS} parameters.") from None
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        if name in parameters:
            raise Malformed(f"The parameter {name!r} is given more than once.")
        parameters[name] = value
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = _parsed(parameters[name].encode(), f"The parameter {name!r}")
    return parameters


def _require_json(request: Request) -> None:
    """Refuse anything else: a form can be posted by any web page, JSON only by ours."""
    encoding = request.headers.get("content-encoding", IDENTITY)
    if encoding.lower() != IDENTITY:
        message = f"The body must be sent as it is, without the Content-Encoding {encoding!r}."
        raise Refused(415, message, {"Accept-Encoding": IDENTITY})
    content_type = request.headers.get("content-type", "")
    if _is_json(content_type):
        return
    given = f"not {content_type!r}" if content_type else "and it was not given"
    message = f"The Content-Type must be application/json, in UTF-8, {given}."
    raise Refused(415, message, {"Accept-Post": "application/json"})


@lru_cache(128)
def _is_json(content_type: str) -> bool:
    essence, *parameters = [part.strip().lower() for part in content_type.split(";")]
    charsets = [part[8:].strip('"') for part in parameters if part.startswith("charset=")]
    return essence == "application/json" and set(charsets) <= UTF_8


async def _body(request: Request, most: int) -> bytearray:
    too_large = f"The body is too large: at most {most} bytes are read."
    if int(request.headers.get("content-length", 0)) > most:
        raise Refused(413, too_large, limit="MAX_BODY_BYTES", maximum=most)
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The body ends before its end.")
        body += message.get("body", b"")
        if len(body) > most:
            raise Refused(413, too_large, limit="MAX_BODY_BYTES", maximum=most)
        if not message.get("more_body"):
            return body


def _parsed(text: bytes | bytearray, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"{what} is not valid JSON: {error}.") from None


def checked(request: object) -> GraphQLRequest:
    """The request in what was sent as JSON, by whatever way. Raises Malformed.

    Keys that GraphQL over HTTP does not know are left alone, as it demands.
    """
    if not isinstance(request, dict):
        message = f"The body must be a JSON object with a 'query', not {_kind(request)}."
        raise Malformed(message)
    for key, right, kind in (
        ("query", str, "a string"),
        ("documentId", str, "a string"),
        ("operationName", str, "a string or null"),
        ("variables", dict, "an object or null"),
        ("extensions", dict, "an object or null"),
    ):
        value = request.get(key)
        if value is not None and not isinstance(value, right):
            raise Malformed(f"{key!r} must be {kind}, not {_kind(value)}.")
    query, document_id = request.get("query"), _document_id(request)
    if document_id is not None:
        query = query or None  # sockets have no message without a query, so that it may be empty
    elif query is None:
        raise Malformed("The request has no 'query'.")
    name, variables = request.get("operationName") or None, request.get("variables") or {}
    return GraphQLRequest(query, document_id, name, variables)


def _document_id(request: dict[str, Any]) -> str | None:
    """Which document is meant, as GraphQL over HTTP says it, or as Apollo's clients do."""
    given = request.get("documentId")
    if given is not None:
        digest = str(given).removeprefix(SHA256_PREFIX)
        if (digest != given and not SHA256.fullmatch(digest)) or ":" in digest:
            raise Malformed(f"'documentId' must be {DOCUMENT_ID}, not {given[:80]!r}.")
        return digest
    persisted = (request.get("extensions") or {}).get("persistedQuery")
    if persisted is None:
        return None
    sent = persisted if isinstance(persisted, dict) else {}
    digest = str(sent.get("sha256Hash"))
    if sent.get("version") != 1 or not SHA256.fullmatch(digest):
        raise Malformed(f"'extensions.persistedQuery' must have {PERSISTED_QUERY}.")
    return digest


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
