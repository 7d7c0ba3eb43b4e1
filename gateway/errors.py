"""Every failure as a client sees it: a message, a place, and a code that programs can read."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from models.errors import ExpectedError

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
NOT_FOUND = "NOT_FOUND"
FORBIDDEN = "FORBIDDEN"
UNAUTHENTICATED = "UNAUTHENTICATED"
PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
RATE_LIMITED = "RATE_LIMITED"
OVERLOADED = "OVERLOADED"
TIMED_OUT = "TIMED_OUT"
INTERNAL = "INTERNAL_SERVER_ERROR"

CODES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: FORBIDDEN,
    HTTPStatus.NOT_FOUND: NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS: RATE_LIMITED,
    HTTPStatus.SERVICE_UNAVAILABLE: OVERLOADED,
    HTTPStatus.GATEWAY_TIMEOUT: TIMED_OUT,
}
"""What a program reads in place of a status; every other one is BAD_USER_INPUT."""

Answer = dict[str, Any]

log = structlog.get_logger("trialgraph.errors")


class Refused(Exception):
    """The request is not run at all; `status` says in HTTP's words what is wrong with it.

    `facts` are what programs may read beside the code.
    """

    def __init__(
        self, status: int, message: str, headers: dict[str, str] | None = None, **facts: object
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.facts = facts

    @property
    def code(self) -> str:
        """What a program reads in place of the status."""
        return CODES.get(self.status, BAD_USER_INPUT)


class Malformed(Refused):
    """What was sent can be read, but is no GraphQL request."""

    def __init__(self, message: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, message)


class Invalid(Exception):
    """The request is a GraphQL request, but nothing of it is run, for these reasons."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def plain(message: str, code: str, **facts: object) -> Answer:
    """An error that has no place in a document."""
    return {"message": message, "extensions": {"code": code, **facts}}


def masked(request_id: str) -> Answer:
    """All that a client learns about a defect of ours: what to quote when reporting it."""
    extensions = {"code": INTERNAL, "requestId": request_id}
    return {"message": "Internal server error", "extensions": extensions}


def answers(errors: Iterable[GraphQLError], request_id: str) -> list[Answer]:
    """The errors as clients see them. Each defect among them is logged, once."""
    defects: dict[int, tuple[GraphQLError, Exception]] = {}
    listed = []
    for error in errors:
        code = _code(error)
        answer = {**error.formatted, "extensions": {**_facts(error), "code": code}}
        if code == INTERNAL:
            cause = _cause(error)
            defects.setdefault(id(cause), (error, cause))
            answer |= masked(request_id)
        listed.append(answer)
    for error, cause in defects.values():
        log.error("defect", field=error.path, exc_info=cause)
    return listed


def _cause(error: GraphQLError) -> Exception:
    """What was raised first, below the places that it was reported from."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _facts(error: GraphQLError) -> dict[str, Any]:
    cause = _cause(error)
    return cause.extensions if isinstance(cause, ExpectedError) else error.extensions or {}


def _code(error: GraphQLError) -> str:
    cause = _cause(error)
    if isinstance(cause, ExpectedError):
        return cause.code
    if not isinstance(cause, GraphQLError):
        return INTERNAL
    if isinstance(cause, GraphQLSyntaxError):
        return PARSE_FAILED
    if stated := (error.extensions or {}).get("code"):
        return str(stated)
    # A wrong value for a variable has no path; one for an argument points into the document.
    # What has a path and points nowhere is a value of ours that its type cannot represent.
    return INTERNAL if error.path and not cause.nodes else BAD_USER_INPUT
