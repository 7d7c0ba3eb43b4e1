"""The end of the process, told to whoever must know: streams end, and nobody is sent here."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from gateway.errors import Refused

STOPS = "The gateway stops."


class Draining:
    """Whether the process is about to stop, and the streams that must end before it does."""

    def __init__(self) -> None:
        self.announced = False
        """Whether it is known that the process stops. Streams may go on for a while."""
        self._ending = asyncio.Event()
        self.open = 0
        """How many streams are open."""
        self._empty = asyncio.Event()
        self._empty.set()

    async def ended(self) -> None:
        """Wait until streams have to end."""
        await self._ending.wait()

    def require_room(self, most: int) -> None:
        """Raises Refused where one more stream is too many, or too late."""
        if self.announced:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, STOPS)
        if self.open >= most:
            message = f"{most} streams are open, which is the most."
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE, message, limit="MAX_STREAMS", maximum=most
            )

    @contextmanager
    def stream(self) -> Iterator[None]:
        """A stream, as long as it is open."""
        self.open += 1
        self._empty.clear()
        try:
            yield
        finally:
            self.open -= 1
            if not self.open:
                self._empty.set()

    async def end_streams(self, seconds: float) -> bool:
        """Have every stream end; whether they did within so many seconds."""
        self.announced = True
        self._ending.set()
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            return False
        return True
