"""The rows of things: found, created, updated or left alone. References come later."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select

from connectors.payloads.entries import Entry, entry_of
from connectors.payloads.families import EXPERIMENT, give_families
from connectors.payloads.holdings import MADE
from connectors.payloads.shapes import Shape
from connectors.payloads.tables import value_in
from connectors.payloads.waiting import place_owners
from connectors.payloads.writing import Values, Writing
from models.base import Table
from models.experiment import Experiment

SETTLED = frozenset({"created", "updated", "unchanged"})

Preparation = Callable[[Writing, Sequence[Entry]], Awaitable[None]]

PREPARATIONS: dict[type[Table], tuple[str, Preparation]] = {Experiment: ("key", give_families)}
"""What must be done before a row is written with a new value in this column."""


async def settle(writing: Writing, shape: Shape) -> None:
    """Give every thing of a shape its row, with all that it says of itself."""
    for things in writing.staging.chunks(shape):
        entries = [entry_of(shape, thing) for thing in things]
        entries = await place_owners(writing, shape, entries)
        await _find(writing, shape, entries)
        await _leave(writing, shape, entries)
        open_ones = [entry for entry in entries if entry.thing.outcome is None]
        await _update(writing, shape, [each for each in open_ones if each.thing.row_id is not None])
        await _create(writing, shape, [each for each in open_ones if each.thing.row_id is None])
        writing.staging.settle(things)
        writing.done(len(things))


async def _find(writing: Writing, shape: Shape, entries: Sequence[Entry]) -> None:
    """Find the row of each thing: by its external id, else by its nature.

    All of them have an id or none of them has. A row that had none before takes the thing's id.
    """
    by_id = {entry.thing.external_id: entry for entry in entries if entry.thing.external_id}
    if by_id:
        for row_id, external_id in await writing.known(shape, list(by_id)):
            by_id[external_id].thing.row_id = row_id
    unknown = [entry for entry in entries if entry.thing.row_id is None]
    if not unknown or not shape.natural:
        return
    found = await _by_nature(writing, shape, unknown, nameless=bool(by_id))
    candidates = [row_id for row_ids in found.values() for row_id in row_ids]
    taken = writing.staging.taken(shape.kind, candidates)
    for entry in unknown:
        row_ids = found.get(_nature(shape, entry), [])
        free = [row_id for row_id in row_ids if row_id not in taken]
        if free:
            entry.thing.row_id = free[0]
            taken.add(free[0])
        elif row_ids and not by_id:
            entry.thing.row_id, entry.thing.outcome = row_ids[0], "merged"


async def _leave(writing: Writing, shape: Shape, entries: Iterable[Entry]) -> None:
    """Let the experiments be that are to stay as they are, and what is part of them."""
    if not writing.leave or not (shape.model is Experiment or shape.ordinal):
        return
    columns = EXPERIMENT.columns
    ours = select(columns.id).where(columns.source_id == writing.source)
    left = {row[0] for row in await writing.rows_of(ours, columns.external_id, writing.leave)}
    for entry in entries:
        thing = entry.thing
        if (entry.value(str(shape.owner)) if shape.ordinal else thing.row_id) in left:
            thing.outcome = "waiting" if thing.waited else "left"


async def _by_nature(
    writing: Writing, shape: Shape, entries: Iterable[Entry], *, nameless: bool
) -> dict[tuple[Any, ...], list[int]]:
    """The rows of the same nature as things, in order; with ``nameless``, those without an id."""
    columns = shape.table.columns
    natures = [_nature(shape, entry) for entry in entries]
    natural = [value_in(shape.table, name) for name in _natural(shape)]
    said = {place: {nature[place] for nature in natures} for place in range(len(natural))}
    found = await writing.rows(
        select(columns.id, *natural)
        .where(*writing.within(shape))
        .where(*([columns.external_id.is_(None)] if nameless else []))
        .where(*(natural[at].in_(values) for at, values in said.items() if None not in values))
        .order_by(columns.id)
    )
    rows = defaultdict(list)
    for row in found:
        rows[tuple(row[1:])].append(row.id)
    return rows


def _natural(shape: Shape) -> list[str]:
    return [*shape.natural, *([shape.owner] if shape.owner else [])]


def _nature(shape: Shape, entry: Entry) -> tuple[Any, ...]:
    return tuple(entry.natural(shape, name) for name in _natural(shape))


async def _update(writing: Writing, shape: Shape, entries: Sequence[Entry]) -> None:
    """Write what differs, and only that; the rows stay locked until the end."""
    if not entries:
        return
    columns = shape.table.columns
    names = {name for entry in entries for name in (*entry.fields, *entry.documents, *entry.firsts)}
    names |= {"id", "external_id"}
    locked = select(*(columns[name] for name in sorted(names))).where(
        columns.id.in_([entry.row_id for entry in entries])
    )
    rows = {row.id: row for row in await writing.rows(locked.with_for_update(key_share=True))}
    changes = []
    for entry in entries:
        values = _differences(shape, entry, rows[entry.row_id])
        entry.thing.outcome = "updated" if values else "unchanged"
        if values:
            changes.append((entry, values))
    column, prepare = PREPARATIONS.get(shape.model, ("", None))
    moved = [(entry, values) for entry, values in changes if column in values]
    if prepare is not None and moved:
        await prepare(writing, [entry for entry, _ in moved])
        for entry, values in moved:
            values["family_id"] = entry.fields["family_id"]
    keyed = [({"id": entry.row_id}, values) for entry, values in changes]
    await writing.update(shape.table, keyed, grow="version" in columns)
    if "version" not in columns:
        await writing.part_changed(shape.table, [entry.row_id for entry, _ in changes])


def _differences(shape: Shape, entry: Entry, row: Any) -> Values:
    said = dict(entry.fields)
    said |= {name: entry.document(shape, name, getattr(row, name)) for name in entry.documents}
    said |= {name: value for name, value in entry.firsts.items() if getattr(row, name) is None}
    if entry.thing.external_id is not None:
        said["external_id"] = entry.thing.external_id
    said.pop(str(shape.owner), None)
    return {name: value for name, value in said.items() if value != getattr(row, name)}


async def _create(writing: Writing, shape: Shape, entries: Sequence[Entry]) -> None:
    """Insert the rows of new things; one that does not say enough waits, or is skipped."""
    new = []
    for entry in entries:
        entry.fields = {
            **entry.defaults,
            **_said(entry.firsts),
            **_said(entry.fields),
            **shape.constants,
        }
        missing = [name for name in sorted(shape.required) if entry.value(name) is None]
        if missing:
            _put_off(writing, shape, entry, missing[0].removeprefix(MADE))
        else:
            new.append(entry)
    _, prepare = PREPARATIONS.get(shape.model, ("", None))
    if prepare is not None and new:
        await prepare(writing, new)
    ours = {"source_id": writing.source} if "source_id" in shape.table.columns else {}
    rows = [
        {
            **entry.fields,
            **{name: entry.document(shape, name, None) for name in entry.documents},
            **ours,
            **({"external_id": entry.thing.external_id} if entry.thing.external_id else {}),
        }
        for entry in new
    ]
    row_ids = await writing.insert_known(shape.table, rows, shape.ordinal)
    for entry, row_id in zip(new, row_ids, strict=True):
        entry.thing.row_id, entry.thing.outcome = row_id, "created"
    if "version" not in shape.table.columns:
        await writing.part_changed(shape.table, row_ids)


def _put_off(writing: Writing, shape: Shape, entry: Entry, missing: str) -> None:
    """A thing says too little: it waits until somebody says the rest, if it can."""
    entry.thing.outcome = "waiting" if shape.patient else "skipped"
    if not entry.thing.waited:
        later = "; it is kept until then" if shape.patient else ""
        reason = f"it is not known yet, and nothing says its {missing}{later}"
        writing.report.skip(shape.kind, reason)


def _said(fields: Values) -> Values:
    return {name: value for name, value in fields.items() if value is not None}
