"""What each caller may still spend.

A caller's bucket is in the memory of this process: what was used runs off steadily, the whole
limit in a minute. In the background processes tell each other through the database what was used,
once a second and only where it is a hundredth of the limit or more. So n processes may together
let in up to n times what is left within a second, and a little more than the limit at any time;
what was let in beyond the limit runs off before anything else is let in.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import Refused
from models.base import now
from models.database import Database
from models.errors import ExpectedError
from resolvers.access import Viewer
from resolvers.rate_limit import MINUTE, RateLimit, forget, settled

SETTLED_EVERY = 1.0
FORGOTTEN_EVERY = 60
"""After how many settlements what nobody needs any more is removed."""
WORTH_TELLING = 0.01
MOST_BUCKETS = 10_000

log = structlog.get_logger("trialgraph.rate_limit")


class RateLimited(Refused):
    """The caller has spent what there is to spend, for now."""

    def __init__(self, message: str, retry_after: int, **facts: object) -> None:
        headers = {"Retry-After": str(retry_after)}
        facts = {**facts, "retryAfter": retry_after}
        super().__init__(HTTPStatus.TOO_MANY_REQUESTS, message, headers, **facts)


@dataclass(slots=True)
class Bucket:
    """What one caller has used, as far as this process knows."""

    limit: int
    at: float
    used: float = 0.0
    untold: float = 0.0

    def run_off(self, at: float) -> None:
        """Let as much run off as the time since then allows."""
        self.used = max(self.used - self.limit / MINUTE * (at - self.at), 0.0)
        self.at = at

    def add(self, points: float) -> None:
        """Use so many points, whether they are there or not."""
        self.used += points
        self.untold += points


class RateLimits:
    """The buckets of this process."""

    def __init__(
        self, database: Database, points_a_minute: int, clock: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._limit = points_a_minute
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def limit(self, viewer: Viewer) -> int:
        """How many points a minute the caller has."""
        return viewer.rate_limit or self._limit

    def spend(self, viewer: Viewer, points: int) -> Bucket:
        """Take the points from the caller's bucket. Raises RateLimited if they are not there."""
        bucket = self._bucket(viewer)
        if bucket.used + points > bucket.limit:
            raise self._refusal(bucket, points)
        bucket.add(points)
        return bucket

    def require(self, viewer: Viewer) -> None:
        """Raises RateLimited for a caller who has nothing left."""
        bucket = self._bucket(viewer)
        if bucket.used >= bucket.limit:
            raise self._refusal(bucket, 1)

    def charge(self, viewer: Viewer, points: float) -> None:
        """Take the points from the caller's bucket, whether they are there or not."""
        if points:
            self._bucket(viewer).add(points)

    def standing(self, bucket: Bucket, cost: int, node_count: int) -> RateLimit:
        """How a caller stands, beside what one operation costs."""
        bucket.run_off(self._clock())
        full = timedelta(seconds=bucket.used * MINUTE / bucket.limit)
        remaining = max(math.floor(bucket.limit - bucket.used), 0)
        return RateLimit(cost, node_count, bucket.limit, remaining, now() + full)

    def _refusal(self, bucket: Bucket, points: int) -> RateLimited:
        lacking = bucket.used + points - bucket.limit
        seconds = max(math.ceil(lacking * MINUTE / bucket.limit), 1)
        standing = self.standing(bucket, points, 0)
        return RateLimited(
            f"This costs {points} points, and {standing.remaining} of {bucket.limit} are left for "
            f"this minute. Try again in {seconds} s.",
            seconds,
            cost=points,
            limit=standing.limit,
            remaining=standing.remaining,
            resetAt=standing.reset_at.isoformat(),
        )

    @asynccontextmanager
    async def running(self, seconds: float = SETTLED_EVERY) -> AsyncIterator[None]:
        """Tell other processes what is used, until the block is left."""
        stopping = asyncio.Event()
        task = asyncio.create_task(self._forever(seconds, stopping))
        try:
            yield
        finally:
            stopping.set()
            with suppress(asyncio.CancelledError):
                await task

    async def settle(self) -> None:
        """Tell the database what was used since the last time, and learn what others used."""
        telling = {
            actor: bucket
            for actor, bucket in self._buckets.items()
            if bucket.untold >= bucket.limit * WORTH_TELLING
        }
        if not telling:
            return
        told = {actor: bucket.untold for actor, bucket in telling.items()}
        for bucket in telling.values():
            bucket.untold = 0.0
        try:
            limits = {actor: bucket.limit for actor, bucket in telling.items()}
            async with self._database.write() as session:
                used = await settled(session, told, limits, now())
        except BaseException:
            for actor, bucket in telling.items():
                bucket.untold += told[actor]
            raise
        for actor, bucket in telling.items():
            bucket.at, bucket.used = self._clock(), used[actor] + bucket.untold

    async def _forever(self, seconds: float, stopping: asyncio.Event) -> None:
        rounds = 0
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), seconds)
            rounds += 1
            try:
                await self.settle()
                if rounds % FORGOTTEN_EVERY == 0:
                    async with self._database.write() as session:
                        await forget(session, now())
            except (ExpectedError, OSError, SQLAlchemyError) as error:
                log.warning("rate limits not settled", reason=type(error).__name__)
            except Exception:
                log.exception("defect")
            self._drop()

    def _bucket(self, viewer: Viewer) -> Bucket:
        at, limit = self._clock(), self.limit(viewer)
        bucket = self._buckets.get(viewer.actor)
        if bucket is None:
            bucket = self._buckets[viewer.actor] = Bucket(limit, at)
        bucket.run_off(at)
        bucket.limit = limit
        return bucket

    def _drop(self) -> None:
        """Forget full buckets, where there are many."""
        if len(self._buckets) <= MOST_BUCKETS:
            return
        at = self._clock()
        for actor, bucket in list(self._buckets.items()):
            bucket.run_off(at)
            if not bucket.used:
                del self._buckets[actor]
