"""Checkmango's stand-in, in the shapes of 2024 or of 2021."""

from random import Random

from tests.platforms.checkmango import content, resources
from tests.platforms.checkmango.state import State
from tests.platforms.standin import Routed


class Checkmango(State):
    """Checkmango."""

    def routes(self) -> list[Routed]:
        """Everything that is answered."""
        return resources.ROUTES

    def make(self, random: Random, experiments: int) -> None:
        """Replace the state by made-up content."""
        content.fill(self, random, experiments)
