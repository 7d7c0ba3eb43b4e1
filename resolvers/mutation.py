"""How every mutation runs: one transaction, one answer, and a second one only by its key."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from models.errors import ApprovalRequired, Refusal
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
            outcome = await answered(change, name, work, given)
    except Refusal as refusal:
        return Outcome.refused(given, *refusal.reasons)
    return await _delivered(context, given, outcome)


async def _delivered(context: Context, given: Any, outcome: Outcome) -> Outcome:
    """The outcome after the platform has had its say, as far as it came to that in time."""
    results = tuple([await _delivered(context, given, each) for each in outcome.results])
    reasons = (
        await context.settle(outcome.delivery_id)
        if outcome.delivery_id and not outcome.replayed
        else ()
    )
    if reasons:
        waiting = (each for each in reasons if isinstance(each, ApprovalRequired))
        return replace(
            Outcome.refused(given, *reasons),
            event_id=outcome.event_id,
            change_request_id=next((each.change_request_id for each in waiting), None),
        )
    return replace(outcome, results=results)


async def answered(change: Change, name: str, work: Work, given: Any) -> Outcome:
    """The answer that the input's idempotency key has already, or a new one."""
    record = await claim(change, name, given)
    if record is None:
        return await work(change, given)
    if record.answer is not None and (first := Outcome.replay(record.answer)):
        return first
    change.claimed = record.id
    outcome = await work(change, given)
    change.claimed = None
    if outcome.is_kept:
        record.answer = outcome.stored()
    else:
        await change.session.delete(record)
    await change.session.flush()
    return outcome
