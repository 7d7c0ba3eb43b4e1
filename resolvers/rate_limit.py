"""Rate limits: what the caller is shown, and how processes tell each other what was used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import models as m

if TYPE_CHECKING:
    from resolvers.context import Context

MINUTE = 60.0
"""How many seconds it takes for a whole limit to run off."""

KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What an operation costs, and how its caller stands."""

    cost: int
    node_count: int
    limit: int
    remaining: int
    reset_at: datetime


async def rate_limit(context: "Context") -> RateLimit | None:
    """How the caller stands; None where nobody counts."""
    return context.standing()


async def settled(
    session: AsyncSession,
    spent: Mapping[str, float],
    limits: Mapping[str, int],
    at: datetime,
) -> dict[str, float]:
    """Add what was spent, and answer what each caller has used by now, in all processes.

    Clocks may differ: time runs only forwards, as the foremost clock has it.
    """
    rows = await session.scalars(
        select(m.RateLimitUse)
        .where(col(m.RateLimitUse.actor).in_(spent))
        .order_by(col(m.RateLimitUse.actor))
        .with_for_update()
    )
    known = {row.actor: row for row in rows}
    for actor, points in spent.items():
        row = known.get(actor)
        if row is None:
            row = known[actor] = m.RateLimitUse(actor=actor, at=at)
            session.add(row)
        passed = max((at - row.at).total_seconds(), 0.0)
        row.used = max(row.used - limits[actor] / MINUTE * passed, 0.0) + points
        row.at = max(row.at, at)
    await session.flush()
    return {actor: row.used for actor, row in known.items()}


async def forget(session: AsyncSession, at: datetime) -> None:
    """Remove what has run off long ago."""
    await session.execute(delete(m.RateLimitUse).where(col(m.RateLimitUse.at) < at - KEPT))
