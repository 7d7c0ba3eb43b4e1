"""The variants of an experiment as a whole: what each must be, and the split that they make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import inspect, select
from sqlmodel import col
from strawberry import UNSET

import models as m
from models.arguments import FieldError
from models.arms import KEYED, key_rule, most_variants
from models.editing import NUMBER, why_locked
from models.errors import Taken
from models.rules import Path, long_text, name_text, share
from models.split import Split, shares_of, split_of
from resolvers.change import Change
from resolvers.documents import JSON_TEXT
from resolvers.event import shown
from resolvers.identity import global_id, shorten
from resolvers.inputs import read
from resolvers.writing import Noun, Patch, Told, Value

VARIANT = Noun(
    model=m.Variant,
    fields={
        "key": Value(),
        "name": Value(name_text),
        "description": Value(long_text),
        "is_control": Value(),
        "weight": Value(share),
        "config": JSON_TEXT,
    },
    unique=(),
)

AUDIT = {"created_at", "created_by_id", "updated_at", "updated_by_id"}
HIDDEN = frozenset({"id", "experiment_id", *AUDIT})
"""Columns of a variant that an event of its experiment does not tell."""

Weights = Mapping[int, float | None]


async def variants_of(change: Change, experiment: m.Experiment) -> Sequence[m.Variant]:
    """The variants of an experiment, by index."""
    statement = (
        select(m.Variant)
        .where(col(m.Variant.experiment_id) == experiment.id)
        .order_by(col(m.Variant.index))
        .execution_options(populate_existing=True)
    )
    return (await change.session.scalars(statement)).all()


def judge(platform: m.Platform, patch: Patch, row: m.Variant | None, others: Iterable[Any]) -> None:
    """Add what is wrong with a variant beside the other ones of its experiment."""
    key = patch.values.get("key")
    if key is None:
        if platform in KEYED and (row is None or "key" in patch.values):
            message = f"key must be given: {platform} knows a variant by nothing else."
            patch.wrong.append(FieldError(("key",), message, "required"))
    elif row is None or key != row.key:
        error = key_rule(platform)(("key",), key)
        patch.wrong += [error] if error else []
        if any(other.key == key for other in others):
            message = f"The key {shorten(key)} has already been taken."
            patch.reasons.append(Taken(message=message, path=("key",), field="key", value=key))
    if patch.values.get("is_control") and any(other.is_control for other in others):
        message = "Another variant is the control already."
        patch.wrong.append(FieldError(("isControl",), message, "one_control"))


async def new_variants(change: Change, row: Any, patch: Patch) -> None:
    """A check: the variants that an experiment is made with."""
    given = getattr(patch.given, "variants", UNSET)
    if row is not None or not given:
        return
    platform, path = patch.source.platform, ("variants",)
    most = most_variants(platform)
    if len(given) > most:
        message = f"There are {len(given)} variants; {most} is the most."
        patch.wrong.append(FieldError(path, message, "max_items"))
        return
    made: list[m.Variant] = []
    for index, item in enumerate(given):
        part = await read(change, VARIANT, None, item, patch.source)
        judge(platform, part, None, made)
        _take_over(patch, part, (*path, str(index)))
        made.append(m.Variant(index=index, **part.values))
    patch.parts["variants"] = made


def _take_over(patch: Patch, part: Patch, place: Path) -> None:
    patch.wrong += [replace(error, path=(*place, *error.path)) for error in part.wrong]
    patch.reasons += [replace(reason, path=(*place, *reason.path)) for reason in part.reasons]


async def split_in_step(change: Change, row: Any, patch: Patch) -> None:
    """A check: variants, percentages and weights are one fact, whichever of them is given."""
    if row is not None and patch.values.get("percentages", row.percentages) == row.percentages:
        return
    variants = patch.parts.get("variants", ()) if row is None else await variants_of(change, row)
    listed = {variant.index: variant.weight for variant in variants}
    now = split_of(listed) if row is None else split_of(listed, row.variant_count, row.percentages)
    if "percentages" not in patch.values:
        if listed:
            patch.values |= {"variant_count": now.count, "percentages": now.percentages}
        return
    said = patch.values["percentages"]
    shares = shares_of(said)
    if said is not None and len(shares) < len(listed):
        message = f"percentages names {len(shares)} shares for {len(listed)} variants."
        patch.wrong.append(FieldError(("percentages",), message, "split"))
        return
    wanted = now.cleared() if said is None else now.shared(shares, listed)
    patch.wrong += _against(row, now, wanted)
    patch.values["variant_count"] = wanted.count
    patch.parts["weights"] = {index: wanted.arms[index] for index in listed}


def _against(row: Any, now: Split, wanted: Split) -> list[FieldError]:
    """What speaks against a split: weights given beside it, or the number of arms."""
    if row is None:
        return [
            FieldError(
                ("variants", str(index), "weight"),
                f"weight is {weight:g}, and percentages says {wanted.arms[index]:g}.",
                "split",
            )
            for index, weight in now.arms.items()
            if weight is not None and weight != wanted.arms[index]
        ]
    why = None if now.count == wanted.count else why_locked(row, NUMBER)
    message = f"percentages must name {now.count} shares now. {why}"
    return [FieldError(("percentages",), message, "locked")] if why else []


async def write_variants(change: Change, row: Any, patch: Patch) -> tuple[Told, Told]:
    """Write the variants of a new experiment, or the weights that follow from its percentages."""
    made: Sequence[m.Variant] = patch.parts.get("variants", ())
    if not made and "weights" not in patch.parts:
        return {}, {}
    before = [told(variant) for variant in await variants_of(change, row)]
    for variant in made:
        variant.experiment_id = row.id
        await change.add(variant)
    variants = await variants_of(change, row)
    await reweigh(change, variants, patch.parts.get("weights", {}))
    return difference(before, [told(variant) for variant in variants])


async def reweigh(change: Change, variants: Iterable[m.Variant], weights: Weights) -> None:
    """Write weights by index."""
    for variant in variants:
        weight = weights.get(variant.index, variant.weight)
        if weight != variant.weight:
            await change.touch(variant, weight=weight)


def told(variant: m.Variant) -> Told:
    """A variant as an event of its experiment tells it."""
    columns = (column.key for column in inspect(m.Variant).c)
    values = {name: getattr(variant, name) for name in columns if name not in HIDDEN}
    return {"id": global_id(variant), **shown(variant, values)}


def difference(before: Sequence[Told], after: Sequence[Told]) -> tuple[Told, Told]:
    """What variants were and what they are, as far as it changed; each with its id."""
    old, new = ({each["id"]: each for each in variants} for variants in (before, after))
    was, now = [], []
    for number in {**old, **new}:
        one, other = old.get(number, {}), new.get(number, {})
        names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
        was += [{"id": number, **{name: one[name] for name in names}}] if one and names else []
        now += [{"id": number, **{name: other[name] for name in names}}] if other and names else []
    return ({"variants": was}, {"variants": now}) if was or now else ({}, {})
