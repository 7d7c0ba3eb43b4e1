"""The same action for many experiments: one transaction, one result for each, none lost."""

from dataclasses import dataclass, replace
from typing import Any

from models import Action, Experiment, Phase
from models.arguments import FieldError
from models.errors import Refusal, UserError, ValidationFailed
from models.lifecycle import scope_of
from resolvers.access import visible
from resolvers.change import Change
from resolvers.identity import decode_as
from resolvers.keys import keyed_by
from resolvers.mutation import answered
from resolvers.outcome import Outcome
from resolvers.scopes import read_scope
from resolvers.transition import transition

MOST_IDS = 200


@dataclass(frozen=True, slots=True)
class Item:
    """The input of one transition of a batch."""

    id: str
    note: str | None
    reason: str | None
    conclusion: str | None
    comment: str | None
    variant_index: int | None
    level: float | None
    reshuffle: bool
    into: Phase
    idempotency_key: str | None
    dry_run: bool
    expected_version: int | None = None


async def transition_all(change: Change, given: Any) -> Outcome:
    """Take the action on each experiment; a refusal of one leaves the others as they are.

    With an idempotency key those that were changed are replayed, and refusals judged anew.
    """
    action: Action = given.action
    change.viewer.require(read_scope(Experiment))
    change.viewer.require(scope_of(action))
    numbers = [decode_as(Experiment, text) for text in given.ids]
    if len(numbers) > MOST_IDS:
        message = f"{len(numbers)} ids were given; {MOST_IDS} is the most."
        raise Refusal(ValidationFailed.of(FieldError(("ids",), message, "max_items")))
    await _lock(change, numbers)
    results = [
        await _result(change, action, _item(given, text), index)
        for index, text in enumerate(given.ids)
    ]
    return Outcome(results=tuple(results))


async def _lock(change: Change, numbers: list[int]) -> None:
    """Lock all of them in one order, so that two batches wait for each other and no more."""
    experiment: Any = Experiment
    await change.session.scalars(
        visible(Experiment, change.viewer)
        .where(keyed_by(experiment.id, numbers))
        .order_by(experiment.id)
        .with_for_update(of=Experiment)
    )


def _item(given: Any, text: str) -> Item:
    return Item(
        id=text,
        note=given.note or None,
        reason=given.reason or None,
        conclusion=given.conclusion or None,
        comment=given.comment or None,
        variant_index=_said(given.variant_index),
        level=_said(given.level),
        reshuffle=given.reshuffle,
        into=Phase(given.into),
        idempotency_key=given.idempotency_key or None,
        dry_run=bool(given.dry_run),
    )


def _said(number: Any) -> Any:
    return number if isinstance(number, int | float) else None


async def _result(change: Change, action: Action, item: Item, index: int) -> Outcome:
    work = transition(action)
    try:
        async with change.session.begin_nested():
            if item.dry_run:
                return (await work(change, item)).undone(item)
            return await answered(change, f"transitionExperiments {item.id}", work, item)
    except Refusal as refusal:
        reasons = (_placed(reason, index) for reason in refusal.reasons)
        return Outcome.refused(item, *reasons)


def _placed(reason: UserError, index: int) -> UserError:
    if reason.path[:1] != ("id",):
        return reason
    return replace(reason, path=("ids", str(index)))
