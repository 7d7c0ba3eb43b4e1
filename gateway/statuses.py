"""Which HTTP status goes with which outcome, in the two editions of GraphQL over HTTP in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from graphql import GraphQLError, GraphQLSyntaxError

from gateway.accept import GRAPHQL_RESPONSE
from gateway.errors import Malformed, Refused


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

    def failure(self, errors: Sequence[GraphQLError], media_type: str) -> int:
        """For a GraphQL request of which nothing was run."""
        if media_type != GRAPHQL_RESPONSE and not self.for_everybody:
            return HTTPStatus.OK
        unparsed = any(isinstance(error, GraphQLSyntaxError) for error in errors)
        return self.unparsed if unparsed else self.invalid

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
