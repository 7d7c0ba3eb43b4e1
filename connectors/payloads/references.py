"""References to one other thing, and those that wait because their target has not arrived."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from connectors.payloads.entries import Entry
from connectors.payloads.shapes import Shape
from connectors.payloads.staging import Place
from connectors.payloads.tokens import external_id_of, shape_name
from connectors.payloads.writing import Values, Writing
from models.reference import Reference

REFERENCE = Reference.metadata.tables["reference"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a target is missing: a column of a row, or an association of it."""

    holder_type: str
    holder_id: int
    field: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A target by its external id, and the other columns of the link row to come, as JSON."""

    target_type: str
    external_id: str
    link_values: bytes = b"{}"


Wanted = dict[Slot, list[Missing]]


def missing(
    writing: Writing, token: str, values: Mapping[str, Any] | None = None
) -> Missing | None:
    """What to wait for; None when the thing has no id by which it could be recognised."""
    external_id = external_id_of(token)
    if external_id is None:
        return None
    target = writing.vocabulary.shape_of(token).kind
    return Missing(target, external_id, _written(values))


def awaited(row: Any) -> Missing:
    """What a row of the table of references waits for."""
    return Missing(row.target_type, row.target_external_id, _written(row.link_values))


def _written(values: Mapping[str, Any] | None) -> bytes:
    return orjson.dumps(values or {}, option=orjson.OPT_SORT_KEYS)


async def point(
    writing: Writing, shape: Shape, entries: Sequence[Entry], places: Mapping[str, Place]
) -> None:
    """Write the references that differ from what was said; those without a target wait."""
    columns = shape.table.columns
    found = await writing.rows(
        select(columns.id, *(columns[name] for name in shape.ones)).where(
            columns.id.in_([entry.row_id for entry in entries])
        )
    )
    rows = {row.id: row for row in found}
    changes: list[tuple[Values, Values]] = []
    wanted: Wanted = {}
    for entry in entries:
        values: Values = {}
        for name in [name for name in shape.ones if name in entry.thing.said.refs]:
            value, waits, is_said = _target(writing, shape, entry, name, places)
            if is_said:
                wanted[Slot(shape.kind, entry.row_id, name)] = waits
            if is_said and value != getattr(rows[entry.row_id], name):
                values[name] = value
        if values:
            changes.append(({"id": entry.row_id}, values))
    await writing.update(shape.table, changes)
    changed = {key["id"] for key, _ in changes} | await keep(writing, wanted)
    await writing.changed(shape.table, changed)


def _target(
    writing: Writing, shape: Shape, entry: Entry, name: str, places: Mapping[str, Place]
) -> tuple[int | None, list[Missing], bool]:
    """The row that a reference points at, what it waits for, and whether it says either."""
    refs = entry.thing.said.refs
    token = refs[name][1]
    if token is not None and name == shape.owner and shape_name(token) in shape.through:
        return None, [], False
    place = places.get(token or "")
    if token is None or (place is not None and place.row_id is not None):
        return (place.row_id if place else None), [], True
    waits = missing(writing, token)
    instead = places.get(refs.get(f"@{name}", (0, ""))[1])
    return (instead.row_id if instead else None), [waits] if waits else [], waits is not None


async def keep(writing: Writing, wanted: Wanted, *, adding: bool = False) -> set[int]:
    """Make the slots wait for exactly this (or, ``adding``, also for this).

    Answers the ids of the holders for which something changed.
    """
    known = await _known(writing, wanted)
    gone: list[Values] = []
    new: list[Values] = []
    changed = set()
    for slot, targets in wanted.items():
        before = known.get(slot, {})
        fresh = [target for target in dict.fromkeys(targets) if target not in before]
        stale = [] if adding else [before[target] for target in before.keys() - set(targets)]
        gone += [{"id": row_id} for row_id in stale]
        new += [_row(writing, slot, target) for target in fresh]
        if fresh or stale:
            changed.add(slot.holder_id)
    await writing.delete(REFERENCE, gone)
    await writing.insert(REFERENCE, new)
    return changed


async def forget(writing: Writing, holder_type: str, holder_ids: Iterable[int]) -> None:
    """Rows are gone, and wait no longer."""
    columns = REFERENCE.columns
    waiting = select(columns.id).where(columns.holder_type == holder_type)
    found = await writing.rows_of(waiting, columns.holder_id, holder_ids)
    await writing.delete(REFERENCE, [{"id": row.id} for row in found])


async def _known(writing: Writing, wanted: Wanted) -> dict[Slot, dict[Missing, int]]:
    holders: dict[str, set[int]] = defaultdict(set)
    for slot in wanted:
        holders[slot.holder_type].add(slot.holder_id)
    known: dict[Slot, dict[Missing, int]] = defaultdict(dict)
    columns = REFERENCE.columns
    for holder_type, holder_ids in holders.items():
        waiting = select(REFERENCE).where(columns.holder_type == holder_type)
        for row in await writing.rows_of(waiting, columns.holder_id, holder_ids):
            target = awaited(row)
            known[Slot(row.holder_type, row.holder_id, row.field)][target] = row.id
    return known


def _row(writing: Writing, slot: Slot, target: Missing) -> Values:
    return {
        "source_id": writing.source,
        "holder_type": slot.holder_type,
        "holder_id": slot.holder_id,
        "field": slot.field,
        "target_type": target.target_type,
        "target_external_id": target.external_id,
        "link_values": orjson.loads(target.link_values) or None,
    }
