"""The allocations of an experiment: a list that is replaced as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

import models as m
from models.arguments import FieldError
from models.arms import MOST_ALLOCATIONS
from models.details import LARGEST
from models.rules import number_rule, share
from resolvers.arms import variants_of
from resolvers.change import Change
from resolvers.identity import encode
from resolvers.inputs import found, judged
from resolvers.writing import MOST_ITEMS, Patch, Reference, Told, Value

SEGMENT = Reference(m.Segment)
VALUES: Mapping[str, Value] = {
    "weight": Value(share),
    "priority": Value(number_rule(1, LARGEST)),
    "is_control": Value(),
    "is_fallback": Value(),
}

Entry = dict[str, Any]
"""An allocation: the index of its variant, the number of its segment, and the values."""


async def allocations(change: Change, row: Any, patch: Patch) -> None:
    """A check: the list, each item with a variant of the experiment."""
    given = patch.given.allocations
    if given is UNSET or (row is None and not given):
        return
    path, items = ("allocations",), given or []
    most = MOST_ALLOCATIONS.get(patch.source.platform, MOST_ITEMS)
    if len(items) > most:
        message = f"There are {len(items)} allocations; {most} is the most."
        patch.wrong.append(FieldError(path, message, "max_items"))
        return
    variants = patch.parts.get("variants", ()) if row is None else await variants_of(change, row)
    indexes = {variant.index for variant in variants}
    wanted = [_entry(patch, indexes, place, item) for place, item in enumerate(items)]
    await _name_segments(change, patch, items, wanted)
    if row is None or wanted != await _current(change, row):
        patch.parts["allocations"] = wanted


async def write_allocations(change: Change, row: Any, patch: Patch) -> tuple[Told, Told]:
    """Write the list that a check has found to be another one."""
    if "allocations" not in patch.parts:
        return {}, {}
    before, wanted = await _current(change, row), patch.parts["allocations"]
    await change.remove(*await _rows(change, row))
    numbers = {variant.index: variant.id for variant in await variants_of(change, row)}
    for position, entry in enumerate(wanted):
        values = {name: value for name, value in entry.items() if name != "variant_index"}
        variant_id = numbers[entry["variant_index"]]
        change.session.add(
            m.Allocation(experiment_id=row.id, variant_id=variant_id, position=position, **values)
        )
    await change.session.flush()
    return {"allocations": told(before)}, {"allocations": told(wanted)}


async def allocations_told(change: Change, row: m.Experiment) -> Told:
    """What an event tells of the allocations of a new experiment."""
    current = await _current(change, row)
    return {"allocations": told(current)} if current else {}


def told(entries: Sequence[Entry]) -> list[Told]:
    """Allocations as an event tells them."""
    return [
        {
            "variantIndex": entry["variant_index"],
            "segment": entry["segment_id"] and encode(m.Segment.__name__, entry["segment_id"]),
            **{to_camel_case(name): entry[name] for name in VALUES},
        }
        for entry in entries
    ]


async def _current(change: Change, row: m.Experiment) -> list[Entry]:
    indexes = {variant.id: variant.index for variant in await variants_of(change, row)}
    return [
        {
            "variant_index": indexes.get(each.variant_id or 0),
            "segment_id": each.segment_id,
            **{name: getattr(each, name) for name in VALUES},
        }
        for each in await _rows(change, row)
    ]


async def _rows(change: Change, row: m.Experiment) -> Sequence[m.Allocation]:
    statement = (
        select(m.Allocation)
        .where(col(m.Allocation.experiment_id) == row.id)
        .order_by(col(m.Allocation.position), col(m.Allocation.id))
    )
    return (await change.session.scalars(statement)).all()


def _entry(patch: Patch, indexes: set[int], place: int, item: Any) -> Entry:
    path = ("allocations", str(place))
    if item.variant_index not in indexes:
        message = f"There is no variant {item.variant_index}."
        patch.wrong.append(FieldError((*path, "variantIndex"), message, "variant_index"))
    entry: Entry = {"variant_index": item.variant_index, "segment_id": None}
    for name, kind in VALUES.items():
        value = getattr(item, name)
        entry[name] = None if value is UNSET else value
        if entry[name] is not None:
            patch.wrong += judged(kind, (*path, to_camel_case(name)), value)
    return entry


async def _name_segments(
    change: Change, patch: Patch, items: Sequence[Any], wanted: Sequence[Entry]
) -> None:
    said = [
        (place, item.segment)
        for place, item in enumerate(items)
        if item.segment is not UNSET and item.segment is not None
    ]
    named = [(("allocations", str(place), "segment"), text) for place, text in said]
    numbers = await found(change, patch, SEGMENT, named) if named else []
    for (place, _), number in zip(said, numbers, strict=True):
        wanted[place]["segment_id"] = number
