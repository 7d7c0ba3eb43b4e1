"""How every mutation runs: one transaction, one answer, and a second one only by its key."""

from collections.abc import Awaitable, Callable
from typing import Any

from models.errors import Refusal
from resolvers.change import Change
from resolvers.context import Context
from resolvers.idempotency import claim
from resolvers.outcome import Outcome

Work = Callable[[Change, Any], Awaitable[Outcome]]
"""What a mutation does inside its transaction; it raises a Refusal before it writes anything."""


async def perform(context: Context, name: str, work: Work, given: Any) -> Outcome:
    """Do the work of the mutation called ``name``, once.

    A Refusal ends it with nothing written, as data. With ``dryRun`` everything is checked and
    rolled back, and idempotency keys are neither read nor stored.
    """
    try:
        async with context.transaction(keep=not given.dry_run) as change:
            if given.dry_run:
                return (await work(change, given)).undone(given)
            return await answered(change, name, work, given)
    except Refusal as refusal:
        return Outcome.refused(given, *refusal.reasons)


async def answered(change: Change, name: str, work: Work, given: Any) -> Outcome:
    """The answer that the input's idempotency key has already, or a new one."""
    record = await claim(change, name, given)
    if record is None:
        return await work(change, given)
    if record.answer is not None and (first := Outcome.replay(record.answer)):
        return first
    outcome = await work(change, given)
    if outcome.is_kept:
        record.answer = outcome.stored()
    else:
        await change.session.delete(record)
    await change.session.flush()
    return outcome
