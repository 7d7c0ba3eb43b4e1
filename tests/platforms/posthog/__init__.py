"""PostHog's stand-in: experiments, what they share, their flags and approvals, in one project."""

from random import Random

from tests.platforms.posthog import (
    approvals,
    content,
    experiments,
    flags,
    lifecycle,
    requests,
    results,
    shared,
)
from tests.platforms.posthog.state import State
from tests.platforms.standin import Routed

PLACES = ("/api/projects/1", "/api/projects/@current", "/api/environments/1")
"""The ways to name the one project."""


class PostHog(State):
    """PostHog."""

    def routes(self) -> list[Routed]:
        """Everything that is answered."""
        parts = (flags, experiments, lifecycle, shared, approvals, results)
        return [
            (method, f"{place}{path}", handler)
            for place in PLACES
            for part in parts
            for method, path, handler in part.ROUTES
        ]

    def make(self, random: Random, experiments: int) -> None:
        """Replace the state by made-up content."""
        content.fill(self, random, experiments)

    def make_requests(self) -> None:
        """Make a policy and a change request in every state, beside the content that is there."""
        requests.make(self)
