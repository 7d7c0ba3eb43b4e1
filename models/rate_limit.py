"""What callers have used of their rate limits, as far as their processes have told each other."""

from datetime import datetime

from sqlmodel import Field

from models.base import Table, now, text


class RateLimitUse(Table, table=True):
    """How much of a caller's limit was used at a moment; it has been running off since.

    ``used`` may be more than the limit: several processes may have let a caller in at once.
    """

    actor: str = text(primary_key=True)
    used: float = 0.0
    at: datetime = Field(default_factory=now, index=True)
