"""Credentials that stay in use: whether they are still accepted, and what they allow by now."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from resolvers.access import Viewer
from resolvers.recent import Recent

Look = Callable[[Sequence[str]], Awaitable[Viewer]]
"""Whom the values of the header Authorization name now; raises where nobody."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One credential, looked at again; all who hold the same are looked at together."""

    given: tuple[str, ...]
    look: Look
    recent: Recent[Viewer]

    async def viewer(self) -> Viewer:
        """Who that is by now, or was a moment ago. Raises Unauthenticated, and DatabaseBusy."""
        return await self.recent.get(self.given, lambda: self.look(self.given))


class Standings:
    """Every credential that is in use. One for the process."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._recent: Recent[Viewer] = Recent()

    def of(self, given: Sequence[str]) -> Standing:
        """The standing of a credential."""
        return Standing(tuple(given), self._look, self._recent)
