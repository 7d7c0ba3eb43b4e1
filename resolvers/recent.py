"""Answers that hold for a moment: whoever asks the same within it is asked for once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")

MOMENT = 1.0
"""For how many seconds an answer holds."""


class Recent(Generic[T]):
    """The answers of the last moment, by what was asked."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """What was answered within the last moment, or is answered now. Raises what `ask` does."""
        since, answer = self._answers.get(key, (0.0, None))
        if answer is None or monotonic() - since >= MOMENT:
            self._forget()
            answer = asyncio.ensure_future(_asked(ask))
            # Whoever asked may be gone before it fails.
            answer.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._answers[key] = (monotonic(), answer)
        return await asyncio.shield(answer)

    def _forget(self) -> None:
        until = monotonic() - MOMENT
        for key in [key for key, (since, _) in self._answers.items() if since <= until]:
            del self._answers[key]


async def _asked(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()
