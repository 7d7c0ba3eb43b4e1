"""What an operation costs, and what its caller may still spend."""

from datetime import datetime

from resolvers.rate_limit import RateLimit as RateLimitFacts
from schema.fields import column, of_rows


@of_rows(RateLimitFacts, "What this operation costs, and what its caller may still spend.")
class RateLimit:
    cost: int = column("How many points this operation costs.")
    limit: int = column("How many points the caller has for a minute.")
    remaining: int = column("How many of them are left now.")
    reset_at: datetime = column("When all of them are there again, if nothing else is asked.")
    node_count: int = column(
        "How many things with an id this operation may answer, as far as that was known before."
    )
