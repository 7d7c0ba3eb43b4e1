"""Which HTTP status goes with which outcome, in the two editions of GraphQL over HTTP in use."""

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus

from gateway.accept import GRAPHQL_RESPONSE
from gateway.errors import INTERNAL, PARSE_FAILED, Malformed, Refused
from models.errors import DatabaseBusy

OURS: dict[str, int] = {
    INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    DatabaseBusy.code: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The failures that no client can mend, by their codes."""


@dataclass(frozen=True, slots=True)
class Statuses:
    """The statuses of one edition, and whether a client that knows JSON alone gets them too."""

    malformed: int
    unparsed: int
    invalid: int
    partial: int
    for_everybody: bool

    def refusal(self, refusal: Refused) -> int:
        """For what cannot be understood as GraphQL."""
        return self.malformed if isinstance(refusal, Malformed) else refusal.status

    def failure(self, codes: Collection[str], media_type: str) -> int:
        """For a GraphQL request of which nothing was run, because of errors with these codes."""
        if media_type != GRAPHQL_RESPONSE and not self.for_everybody:
            return HTTPStatus.OK
        if ours := [OURS[code] for code in codes if code in OURS]:
            return max(ours)
        return self.unparsed if PARSE_FAILED in codes else self.invalid

    def media_type(self, status: int, wanted: str) -> str:
        """In what an answer is: a failure says by itself that GraphQL made it, if all get them."""
        is_failure = status >= HTTPStatus.BAD_REQUEST
        return GRAPHQL_RESPONSE if is_failure and self.for_everybody else wanted


EDITIONS = {
    # What clients have met so far, and what the audit of graphql-http asks for.
    "legacy": Statuses(malformed=400, unparsed=400, invalid=400, partial=200, for_everybody=False),
    # The first edition that was released, in September 2026.
    "2026": Statuses(malformed=422, unparsed=400, invalid=422, partial=294, for_everybody=True),
}
