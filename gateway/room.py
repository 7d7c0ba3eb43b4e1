"""How many operations run at once: in this process, and for one caller."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from gateway.errors import Refused
from gateway.rate_limit import RateLimited

RETRY_AFTER = 1


class Overloaded(Refused):
    """Enough is running in this process."""

    def __init__(self, running: int) -> None:
        message = f"{running} operations are running, which is the most. Try again in a moment."
        super().__init__(
            HTTPStatus.SERVICE_UNAVAILABLE,
            message,
            {"Retry-After": str(RETRY_AFTER)},
            limit="MAX_RUNNING",
            maximum=running,
            retryAfter=RETRY_AFTER,
        )


class Room:
    """The operations that are running."""

    def __init__(self, most: int, most_by_caller: int) -> None:
        self._most = most
        self._most_by_caller = most_by_caller
        self._running: Counter[str] = Counter()

    @contextmanager
    def taken(self, actor: str) -> Iterator[None]:
        """A place for one more, while the block runs. Raises Overloaded and RateLimited."""
        if self._running.total() >= self._most:
            raise Overloaded(self._most)
        most = self._most_by_caller
        if self._running[actor] >= most:
            message = f"{most} of your operations are running, which is the most for one caller."
            raise RateLimited(message, RETRY_AFTER, limit="MAX_RUNNING_BY_CALLER", maximum=most)
        self._running[actor] += 1
        try:
            yield
        finally:
            self._running[actor] -= 1
            if not self._running[actor]:
                del self._running[actor]
