"""Bringing changes to their platform: never twice, never lost.

A change is delivered outside any transaction. Before the call the delivery is SENDING; after it, in
one transaction, it is settled together with what the platform says the experiment is now. Where the
answer is lost the platform is read first: it shows whether the call took effect.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from connectors.base import Connector, Fate, Task
from connectors.errors import Arrived, PlatformFailed
from connectors.leases import LEASE, Leased, is_any_ready, lease
from connectors.patience import require_awake
from connectors.registry import Registry
from connectors.settling import Verdict, postpone, settle
from models.database import Database
from models.delivery import Delivery, DeliveryState
from models.errors import Refusal, UpstreamFailed

log = structlog.get_logger("trialgraph.delivery")

Clock = Callable[[], datetime]
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
PATIENCE = LEASE - timedelta(seconds=15)
"""How long everything about one delivery may take: nobody else may come before it has ended."""


class Deliveries:
    """Delivers what is due, in this process."""

    def __init__(self, database: Database, registry: Registry, clock: Clock) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock

    async def run_due(self) -> int:
        """Try everything that is due; how many were tried."""
        count = 0
        while await self.run_next():
            count += 1
        return count

    async def run_next(self, before: Delivery | None = None) -> bool:
        """Try the next delivery, of the subject of another one if that is given.

        Answers whether there was one. Nothing is written, and no writer kept waiting, for looking.
        """
        if not await is_any_ready(self._database, self._clock(), before):
            return False
        leased = await lease(self._database, self._clock(), before)
        if leased is None:
            return False
        try:
            require_awake(leased.source, self._clock())
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self._deliver(leased, self._registry.open(leased.source))
        except PlatformFailed as error:
            await self._postpone(leased, error)
        except TimeoutError:
            late = PlatformFailed(leased.source.name, "takes too long", arrived=Arrived.MAYBE)
            await self._postpone(leased, late)
        return True

    async def _postpone(self, leased: Leased, error: PlatformFailed) -> None:
        log.warning("delivery postponed", source=leased.source.name, reason=error.message)
        await postpone(self._database, leased, error, self._clock(), _wait(leased))

    async def _deliver(self, leased: Leased, connector: Connector) -> None:
        task = leased.task
        if leased.doubtful and not connector.is_repeatable(task.verb):
            fate = await self._fate(leased, connector, task)
            if fate is not Fate.NOT_DONE:
                await self._settle_by(fate, leased, connector)
                return
        await self._send(leased, connector, task)

    async def _send(self, leased: Leased, connector: Connector, task: Task) -> None:
        """Make the call. Where its answer is lost, ask the platform at once what became of it."""
        try:
            reply = await connector.perform(task)
        except Refusal as refusal:
            verdict = Verdict(DeliveryState.REFUSED, refusal.reasons)
        except PlatformFailed as error:
            if error.arrived is Arrived.NO or connector.is_repeatable(task.verb):
                raise
            fate = await self._fate_after(error, leased, connector, task)
            if fate is Fate.NOT_DONE:
                raise
            await self._settle_by(fate, leased, connector)
            return
        else:
            if connector.accepted(reply):
                verdict = Verdict(
                    DeliveryState.DELIVERED,
                    made=connector.made(task, reply),
                    brought=connector.brought(task, reply),
                    note=connector.noted(task, reply.body),
                )
            elif await self._was_done_before(leased, connector, task):
                verdict = Verdict(DeliveryState.DELIVERED)
            else:
                reasons = await connector.refusal(task, reply)
                brought = connector.brought(task, reply)
                verdict = Verdict(DeliveryState.REFUSED, reasons, brought=brought)
        await settle(self._database, leased, connector, verdict, self._clock())

    async def _was_done_before(self, leased: Leased, connector: Connector, task: Task) -> bool:
        """Whether an earlier try took effect after all, so that this one had to be refused."""
        if leased.delivery.attempts == 1 or connector.is_repeatable(task.verb):
            return False
        return await self._fate(leased, connector, task) is Fate.DONE

    async def _fate(self, leased: Leased, connector: Connector, task: Task) -> Fate:
        """What became of a call. What a connector refuses to make was never made."""
        document = await connector.read(leased.row)
        try:
            return connector.fate(task, document)
        except Refusal:
            return Fate.NOT_DONE

    async def _fate_after(
        self, error: PlatformFailed, leased: Leased, connector: Connector, task: Task
    ) -> Fate:
        """The fate of a call that may have arrived. Where it cannot be asked, that stays so."""
        try:
            return await self._fate(leased, connector, task)
        except PlatformFailed:
            raise error from None

    async def _settle_by(self, fate: Fate, leased: Leased, connector: Connector) -> None:
        if fate is Fate.DONE:
            verdict = Verdict(DeliveryState.DELIVERED)
        else:
            verdict = Verdict(DeliveryState.REFUSED, (overtaken(leased),))
        await settle(self._database, leased, connector, verdict, self._clock())


def overtaken(leased: Leased) -> UpstreamFailed:
    """The reason where the platform shows neither what was before nor what was wanted."""
    return UpstreamFailed(
        message=f"The source {leased.source.name!r} shows another state by now.",
        path=("id",),
        source=leased.source.name,
        status=None,
        retryable=False,
        retry_after=None,
    )


def _wait(leased: Leased) -> timedelta:
    """How long to wait before the next try: twice as long each time."""
    return min(FIRST_WAIT * (1 << min(leased.delivery.attempts - 1, 10)), LONGEST_WAIT)
