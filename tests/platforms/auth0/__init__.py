"""Auth0's stand-in: the Experiment Center of its Management API, in both generations."""

from random import Random

from starlette.requests import Request
from starlette.responses import Response

from tests.platforms.auth0 import content, experiments, flags, lifecycle, segments
from tests.platforms.auth0.state import State
from tests.platforms.standin import Routed


class Auth0(State):
    """Auth0."""

    def routes(self) -> list[Routed]:
        """Everything that is answered."""
        common = (*experiments.ROUTES, *lifecycle.ROUTES, *flags.ROUTES, *segments.ROUTES)
        older = (*lifecycle.OLDER, *flags.OLDER)
        return [*common, *(lifecycle.NEWER if self.newer else older)]

    def make(self, random: Random, experiments: int) -> None:
        """Replace the state by made-up content."""
        content.fill(self, random, experiments)

    def refusal(self, request: Request, path: str) -> Response | None:
        """Why a request is not let in; a tenant may lack the whole feature."""
        refused = super().refusal(request, path)
        if refused or self.entitled or path in self.unguarded:
            return refused
        return self.problem(403, "Experiment Center is not enabled", "feature_not_entitled")
