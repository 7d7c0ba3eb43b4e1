"""Making, changing and deleting variants: each is a change of their experiment."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_, select, update
from sqlmodel import col
from strawberry import UNSET

from models import Allocation, Event, Experiment, Result, Screenshot, Source, Variant
from models.arguments import FieldError
from models.arms import BY_INDEX, most_variants
from models.errors import InUse, NotFound, Refusal, Taken
from models.rules import number_rule
from models.split import Split, next_index, split_of
from resolvers import write_through
from resolvers.access import visible
from resolvers.arms import VARIANT, difference, judge, reweigh, told, variants_of
from resolvers.blueprint import arm
from resolvers.change import Change
from resolvers.documents import keep_equal
from resolvers.editing import require_sound
from resolvers.event import shown
from resolvers.identity import decode_as, shorten
from resolvers.inputs import read
from resolvers.locks import changed_fields, refuse_locked_variant, require_number_free
from resolvers.outcome import Outcome
from resolvers.scopes import write_scope
from resolvers.write_through import Outgoing
from resolvers.writing import Patch, Told

INDEX = number_rule(0, 1000)


async def create_variant(change: Change, given: Any) -> Outcome:
    """Add a variant to an experiment, at the next free place unless another is said."""
    change.viewer.require(write_scope(Variant))
    experiment = await change.find(Experiment, given.experiment, "experiment")
    change.require_version(experiment, given.expected_version)
    require_number_free(experiment, "experiment")
    others = await variants_of(change, experiment)
    split = _split(experiment, others)
    patch = await _patch(change, experiment, None, given)
    judge(experiment.platform, patch, None, others)
    index = _place(experiment, patch, split, {other.index for other in others})
    require_sound(patch)
    weight = patch.values.setdefault("weight", split.arms.get(index))
    before = [told(other) for other in others]
    row = Variant(experiment_id=experiment.id, index=index, **patch.values)
    await change.add(row)
    arms = Split({**split.arms, index: weight})
    return await _changed(change, experiment, Step("CREATE_VARIANT", row.id, None), before, arms)


async def update_variant(change: Change, given: Any) -> Outcome:
    """Change a variant. Where nothing differs, nothing is written."""
    change.viewer.require(write_scope(Variant))
    experiment, row = await _found(change, given.id)
    change.require_version(experiment, given.expected_version)
    variants = await variants_of(change, experiment)
    patch = await _patch(change, experiment, row, given)
    keep_equal(row, patch, "config")
    judge(experiment.platform, patch, row, [each for each in variants if each is not row])
    await refuse_locked_variant(change, VARIANT, experiment, row, patch)
    require_sound(patch)
    names = [name async for name in changed_fields(change, VARIANT, row, patch)]
    if not names:
        return Outcome(row_id=row.id, experiment_id=experiment.id)
    split = _split(experiment, variants)
    before = [told(each) for each in variants]
    step = Step("UPDATE_VARIANT", row.id, arm(row))
    await change.touch(row, **{name: patch.values[name] for name in names})
    moved = Split({**split.arms, row.index: row.weight}) if "weight" in names else None
    return await _changed(change, experiment, step, before, moved)


async def delete_variant(change: Change, given: Any) -> Outcome:
    """Take a variant away that nothing names, and its screenshots with it.

    Where a platform knows variants by their place, those behind it move up.
    """
    change.viewer.require(write_scope(Variant))
    experiment, row = await _found(change, given.id)
    change.require_version(experiment, given.expected_version)
    require_number_free(experiment, "id")
    await _require_unused(change, row)
    variants = await variants_of(change, experiment)
    step, gone = Step("DELETE_VARIANT", row.id, arm(row)), row.index
    before = [told(each) for each in variants]
    pictures = await _take_screenshots(change, experiment, gone)
    arms = {**_split(experiment, variants).arms}
    del arms[gone]
    await change.remove(row)
    if experiment.platform in BY_INDEX:
        await _move_up(change, experiment, gone, [each for each in variants if each.index > gone])
        arms = {index - (index > gone): weight for index, weight in arms.items()}
    return await _changed(change, experiment, step, before, Split(arms), pictures)


class Step(NamedTuple):
    """What is done to a variant: the verb for platforms, its number, and what it was."""

    verb: str
    number: int
    was: dict[str, Any] | None


async def _changed(
    change: Change,
    experiment: Experiment,
    step: Step,
    before: list[Told],
    split: Split | None,
    lost: Told | None = None,
) -> Outcome:
    """Bring the experiment in step with its variants; one event tells of both."""
    outgoing = await Outgoing.of(change, experiment, ("variant_count", "percentages"))
    values: dict[str, Any] = {}
    if split is not None:
        await reweigh(change, await variants_of(change, experiment), split.arms)
        values = {"variant_count": split.count, "percentages": split.percentages}
    after = [told(each) for each in await variants_of(change, experiment)]
    was, now = difference(before, after)
    event = await change.update(
        experiment, "UPDATE", values, before={**was, **(lost or {})}, after=now
    )
    delivery_id = await _sent(change, outgoing, event, step)
    return Outcome(
        row_id=step.number,
        experiment_id=experiment.id,
        event_id=event.id if event else None,
        delivery_id=delivery_id,
    )


async def _sent(change: Change, outgoing: Outgoing, event: Event | None, step: Step) -> int | None:
    """The delivery of what was done to a variant, where the experiment's source is connected."""
    if not outgoing.connected or event is None:
        return None
    row = await change.session.get(Variant, step.number)
    said = await write_through.told(change, outgoing.row, event)
    said |= {"variant": None if row is None else arm(row), "was": step.was}
    return await outgoing.send(change, event, step.verb, said)


def _split(experiment: Experiment, variants: Sequence[Variant]) -> Split:
    listed = {variant.index: variant.weight for variant in variants}
    return split_of(listed, experiment.variant_count, experiment.percentages)


async def _patch(change: Change, experiment: Experiment, row: Any, given: Any) -> Patch:
    source = await change.session.get_one(Source, experiment.source_id)
    return await read(change, VARIANT, row, given, source)


async def _found(change: Change, named: str) -> tuple[Experiment, Variant]:
    """The variant and, locked before it, its experiment. Raises a Refusal with NotFound."""
    number = decode_as(Variant, named)
    seen = visible(Variant, change.viewer).where(col(Variant.id) == number)
    row: Variant | None = await change.session.scalar(seen)
    if row is not None:
        experiment = await change.locked(Experiment, row.experiment_id, named, "id")
        row = await change.session.scalar(seen.execution_options(populate_existing=True))
        if row is not None:
            return experiment, row
    message = f"There is no {Variant.__name__} {shorten(named)}."
    raise Refusal(NotFound(message=message, path=("id",)))


def _place(experiment: Experiment, patch: Patch, split: Split, taken: Collection[int]) -> int:
    """The index of a new variant. Adds what is wrong with it, or with one more variant."""
    path, said = ("index",), patch.given.index
    most = most_variants(experiment.platform)
    if len(taken) >= most:
        message = f"There are {len(taken)} variants already; {most} is the most."
        patch.wrong.append(FieldError(("experiment",), message, "max_items"))
    if said is UNSET or said is None:
        return next_index(taken)
    index = int(said)
    error = INDEX(path, index)
    if error is None and experiment.platform in BY_INDEX and index > split.count:
        message = f"index is {index} and would leave a gap; {split.count} is the next."
        error = FieldError(path, message, "gap")
    patch.wrong += [error] if error else []
    if index in taken:
        message = f"The index {index} has already been taken."
        patch.reasons.append(Taken(message=message, path=path, field="index", value=str(index)))
    return index


async def _require_unused(change: Change, row: Variant) -> None:
    """Raises a Refusal with InUse where an allocation or a result names the variant."""
    allocation = select(col(Allocation.id)).where(col(Allocation.variant_id) == row.id)
    by_index = (
        (col(Result.experiment_id) == row.experiment_id)
        & col(Result.variant_id).is_(None)
        & (col(Result.variant_index) == row.index)
    )
    result = select(col(Result.id)).where(or_(col(Result.variant_id) == row.id, by_index))
    for statement, name in ((allocation, "allocation"), (result, "result")):
        if await change.session.scalar(statement.limit(1)) is not None:
            message = f"An {name} of the experiment names this variant."
            by = ((Experiment.__name__, row.experiment_id),)
            raise Refusal(InUse(message=message, path=("id",), by=by))


async def _take_screenshots(change: Change, experiment: Experiment, index: int) -> Told:
    """Remove the pictures of a variant that goes; what an event tells of them."""
    mine = (
        col(Screenshot.experiment_id) == experiment.id,
        col(Screenshot.variant_index) == index,
    )
    rows = (await change.session.scalars(select(Screenshot).where(*mine))).all()
    names = ("variant_index", "file_id", "label")
    told = [shown(row, {name: getattr(row, name) for name in names}) for row in rows]
    await change.remove(*rows)
    return {"screenshots": told} if told else {}


async def _move_up(
    change: Change, experiment: Experiment, gone: int, behind: Sequence[Variant]
) -> None:
    """Close the gap that a variant leaves, with everything that counts variants by their place."""
    for variant in behind:
        await change.touch(variant, index=variant.index - 1)
    for model in (Screenshot, Result):
        place = col(model.variant_index)
        await change.session.execute(
            update(model)
            .where(col(model.experiment_id) == experiment.id, place > gone)
            .values(variant_index=place - 1)
        )
