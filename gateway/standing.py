"""Credentials that stay in use: whether they are still accepted, and what they allow by now."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.auth import Unauthenticated
from models.base import now
from models.errors import ExpectedError
from resolvers.access import Viewer
from resolvers.recent import Recent

EXPIRED = "The credential has expired."

Look = Callable[[Sequence[str]], Awaitable[Viewer]]
"""Whom the values of the header Authorization name now; raises where nobody."""

log = structlog.get_logger("trialgraph.auth")


@dataclass(frozen=True, slots=True)
class Standing:
    """One credential, looked at again; all who hold the same are looked at together."""

    given: tuple[str, ...]
    look: Look
    recent: Recent[Viewer]

    async def viewer(self) -> Viewer:
        """Who that is by now, or was a moment ago. Raises Unauthenticated, and DatabaseBusy."""
        return await self.recent.get(self.given, lambda: self.look(self.given))

    async def lost(self, every: float) -> Unauthenticated:
        """Wait until the credential is not accepted any more; why, for its bearer.

        It is looked at every so many seconds, and does not outlive its own end.
        """
        while True:
            pause = every
            try:
                until = (await self.viewer()).until
            except Unauthenticated as refusal:
                return refusal
            except (ExpectedError, OSError, SQLAlchemyError) as error:
                log.warning("credential not looked at", reason=type(error).__name__)
            else:
                left = every if until is None else (until - now()).total_seconds()
                if left <= 0:
                    return Unauthenticated(EXPIRED)
                pause = min(every, left)
            await asyncio.sleep(pause)


class Standings:
    """Every credential that is in use. One for the process."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._recent: Recent[Viewer] = Recent()

    def of(self, given: Sequence[str]) -> Standing:
        """The standing of a credential."""
        return Standing(tuple(given), self._look, self._recent)
