"""Lists of rows that belong to one thing: compared with what is there, and written."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, select, update

from connectors.payloads.entries import Entry, decode
from connectors.payloads.holdings import Rows
from connectors.payloads.links import add_links
from connectors.payloads.references import (
    REFERENCE,
    Missing,
    Slot,
    Wanted,
    awaited,
    forget,
    keep,
    missing,
)
from connectors.payloads.shapes import Shape
from connectors.payloads.staging import Place
from connectors.payloads.tokens import token_of_id
from connectors.payloads.writing import MOST_BOUND, Values, Writing, key_of
from models.base import Table as Model
from models.result import Result
from models.screenshot import Screenshot
from models.variant import Variant

Identity = tuple[Any, ...]
"""What tells the rows of one list apart: the values of the key, and which of equal ones it is."""

VARIANT = Variant.metadata.tables["variant"].columns

FOLLOWERS: tuple[type[Model], ...] = (Result, Screenshot)
"""Tables that name a variant by its index, and the row of it once there is one."""


@dataclass(slots=True)
class Wish:
    """A row as it should be, and the references in it that must wait."""

    values: Values
    waits: dict[str, Missing] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What must be done to the rows of a list, for several holders at once."""

    insert: list[Wish] = field(default_factory=list)
    update: list[tuple[Values, Values]] = field(default_factory=list)
    delete: list[Values] = field(default_factory=list)
    waits: Wanted = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)


async def write_rows(
    writing: Writing,
    shape: Shape,
    part: Rows,
    entries: Iterable[Entry],
    places: Mapping[str, Place],
) -> set[int]:
    """Make each list what was said; answers the holders for which anything changed."""
    said = [entry for entry in entries if part.name in entry.rows]
    if not said:
        return set()
    holder, wanted = f"{shape.kind}_id", Wanted()
    before = await _before(writing, part, holder, [entry.row_id for entry in said])
    plan = Plan()
    for entry in said:
        slot = Slot(shape.kind, entry.row_id, part.kind)
        wishes = _wishes(writing, part, entry, places, wanted.setdefault(slot, []))
        for wish in wishes.values():
            wish.values[holder] = entry.row_id
        there = _spoken_of(part, wishes, before.get(entry.row_id, {}))
        _compare(plan, part, entry.row_id, wishes, there)
    if part.adds:
        links = [wish.values for wish in plan.insert]
        await add_links(writing, part.table, shape.table, links)
        return await keep(writing, wanted, adding=True)
    await _carry_out(writing, part, plan)
    if part.target:
        plan.changed |= await keep(writing, wanted)
    return plan.changed


def _spoken_of(
    part: Rows, wishes: Iterable[Identity], before: dict[Identity, Any]
) -> dict[Identity, Any]:
    """The rows that a list replaces: all that were there, or those of its slices."""
    if not part.slices:
        return before
    places = [part.key.index(name) for name in part.slices]
    said = {tuple(identity[place] for place in places) for identity in wishes}
    return {
        identity: row
        for identity, row in before.items()
        if tuple(identity[place] for place in places) in said
    }


def _wishes(
    writing: Writing, part: Rows, entry: Entry, places: Mapping[str, Place], slot: list[Missing]
) -> dict[Identity, Wish]:
    """The rows of one list; links whose target is missing go into the slot instead."""
    wishes: dict[Identity, Wish] = {}
    counted: Counter[Identity] = Counter()
    for row in entry.rows[part.name]:
        wish = Wish(dict(part.shape.constants))
        for column, token in row["refs"].items():
            place = places.get(token or "")
            wish.values[column] = place.row_id if place else None
            if token and wish.values[column] is None:
                waits = missing(writing, token, row["fields"] if part.target else None)
                wish.waits |= {column: waits} if waits else {}
        if part.target and wish.values[part.target.column] is None:
            slot += wish.waits.values()
            continue
        wish.values |= decode(part.table, dict(row["fields"]))
        key = tuple(wish.waits.get(name, wish.values.get(name)) for name in part.key)
        if reason := _unfit(part, wish, is_known=bool(part.is_unique and counted[key])):
            writing.report.skip(part.kind, reason)
            continue
        wishes[(*key, counted[key])] = wish
        counted[key] += 1
    return wishes


def _unfit(part: Rows, wish: Wish, *, is_known: bool) -> str | None:
    """Why a row cannot be written; None for one that can."""
    if is_known:
        return f"a list of {part.name} says it twice"
    said = wish.values
    empty = next((name for name in sorted(part.shape.needs) if said.get(name) is None), None)
    return f"a row of {part.name} does not say its {empty.removesuffix('_id')}" if empty else None


async def _before(
    writing: Writing, part: Rows, holder: str, holders: Sequence[int]
) -> dict[int, dict[Identity, Any]]:
    columns = part.table.columns
    ordinal = [columns[part.ordinal]] if part.ordinal else []
    found = await writing.rows(
        select(part.table)
        .where(columns[holder].in_(holders))
        .where(*(columns[name] == value for name, value in part.shape.constants.items()))
        .order_by(columns[holder], *ordinal, *part.table.primary_key.columns)
    )
    waiting = await _awaited(writing, part, found)
    rows: dict[int, dict[Identity, Any]] = defaultdict(dict)
    counted: Counter[Identity] = Counter()
    for row in found:
        whose = getattr(row, holder)
        waits = waiting.get(row.id, {}) if waiting else {}
        key = tuple(waits.get(name, getattr(row, name)) for name in part.key)
        rows[whose][(*key, counted[(whose, *key)])] = row
        counted[(whose, *key)] += 1
    return rows


async def _awaited(
    writing: Writing, part: Rows, rows: Sequence[Any]
) -> dict[int, dict[str, int | Missing]]:
    """What rows wait for in the columns of their key: the row of it, if it has come by now."""
    names = [name for name in part.key if name in part.shape.ones and not part.target]
    waiting = [row.id for row in rows if any(getattr(row, name) is None for name in names)]
    columns = REFERENCE.columns
    wanted = select(REFERENCE).where(columns.holder_type == part.kind, columns.field.in_(names))
    slots = await writing.rows_of(wanted, columns.holder_id, waiting)
    tokens = {
        slot.id: token_of_id(part.shape.ones[slot.field].shape, slot.target_external_id)
        for slot in slots
    }
    places = await writing.places(tokens.values())
    found: dict[int, dict[str, int | Missing]] = defaultdict(dict)
    for slot in slots:
        place = places.get(tokens[slot.id])
        known = place.row_id if place else None
        found[slot.holder_id][slot.field] = awaited(slot) if known is None else known
    return found


def _compare(
    plan: Plan, part: Rows, holder: int, wishes: dict[Identity, Wish], before: dict[Identity, Any]
) -> None:
    for identity, wish in wishes.items():
        row = before.get(identity)
        if row is None:
            plan.insert.append(wish)
            plan.changed.add(holder)
            continue
        values = {name: value for name, value in wish.values.items() if value != getattr(row, name)}
        if values:
            plan.update.append((key_of(part.table, row), values))
            plan.changed.add(holder)
        if not part.target:
            _wait(plan, part, row.id, wish)
    gone = [key_of(part.table, row) for identity, row in before.items() if identity not in wishes]
    plan.delete += gone
    if gone:
        plan.changed.add(holder)


def _wait(plan: Plan, part: Rows, row_id: int, wish: Wish) -> None:
    for column in part.shape.ones:
        if column in wish.values:
            waits = wish.waits.get(column)
            plan.waits[Slot(part.kind, row_id, column)] = [waits] if waits else []


async def _carry_out(writing: Writing, part: Rows, plan: Plan) -> None:
    table = part.table
    await writing.delete(table, plan.delete)
    await writing.update(table, plan.update)
    rows = [wish.values for wish in plan.insert]
    if not any(wish.waits for wish in plan.insert):
        await writing.insert(table, rows)
    else:
        for row_id, wish in zip(await writing.insert_known(table, rows), plan.insert, strict=True):
            _wait(plan, part, row_id, wish)
    if part.target:
        return
    if plan.delete:
        await forget(writing, table.name, [key["id"] for key in plan.delete])
    await keep(writing, plan.waits)


async def follow_variants(writing: Writing, experiments: Sequence[int]) -> None:
    """Keep the variants of screenshots and results, and their indexes, in step.

    Whichever of the two a platform says leads, and the other follows.
    """
    lists = [part for shape in writing.vocabulary.shapes.values() for part in shape.lists.values()]
    followers = [part.shape for part in lists if part.shape.model in FOLLOWERS]
    for start in range(0, len(experiments), MOST_BOUND):
        some = experiments[start : start + MOST_BOUND]
        for shape in followers:
            follow = _follow_row if "variant_id" in shape.ones else _follow_index
            await follow(writing, shape.table, some)


async def _follow_index(writing: Writing, table: Table, experiments: Sequence[int]) -> None:
    columns = table.columns
    row = (
        select(VARIANT.id)
        .where(VARIANT.experiment_id == columns.experiment_id)
        .where(VARIANT["index"] == columns.variant_index)
        .scalar_subquery()
    )
    await writing.connection.execute(
        update(table)
        .where(columns.experiment_id.in_(experiments))
        .where(columns.variant_id.is_distinct_from(row))
        .values(variant_id=row)
    )


async def _follow_row(writing: Writing, table: Table, experiments: Sequence[int]) -> None:
    columns = table.columns
    index = select(VARIANT["index"]).where(VARIANT.id == columns.variant_id).scalar_subquery()
    await writing.connection.execute(
        update(table)
        .where(columns.experiment_id.in_(experiments), columns.variant_id.is_not(None))
        .where(columns.variant_index != index)
        .values(variant_index=index)
    )
