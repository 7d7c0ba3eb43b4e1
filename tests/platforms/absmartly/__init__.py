"""ABsmartly's stand-in: its Web Console API, under ``/v1``."""

from random import Random

from tests.platforms.absmartly import content, experiments, lifecycle, nouns
from tests.platforms.absmartly.state import State
from tests.platforms.standin import Routed


class Absmartly(State):
    """ABsmartly."""

    def routes(self) -> list[Routed]:
        """Everything that is answered."""
        return [*lifecycle.ROUTES, *experiments.ROUTES, *nouns.ROUTES]

    def make(self, random: Random, experiments: int) -> None:
        """Replace the state by made-up content."""
        content.fill(self, random, experiments)
