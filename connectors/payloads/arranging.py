"""Things that have a place among those of their owner: put in order, and gone with their list.

Places are unique, so that a row which moves first steps aside.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from connectors.payloads.references import forget
from connectors.payloads.rows import SETTLED
from connectors.payloads.shapes import Shape
from connectors.payloads.staging import Thing
from connectors.payloads.tables import owners_table
from connectors.payloads.writing import Writing, place_of

Lists = Mapping[int, Sequence[int]]
"""The rows of an owner, in the order in which its whole list names them."""


async def arrange(writing: Writing, shape: Shape) -> set[int]:
    """Order the rows of a shape as the lists of their owners say, behind them whatever else is new.

    What a whole list does not name goes, unless this import speaks of it all the same. Answers the
    owners for which anything changed.
    """
    owner = shape.table.columns[str(shape.owner)]
    changed: set[int] = set()
    for holder in writing.vocabulary.shapes.values():
        if shape.name in holder.wholes and holder.table is owners_table(owner):
            for things in writing.staging.chunks(holder):
                lists = await _lists(writing, shape, things)
                changed |= await _arrange(writing, shape, lists, lists)
    unplaced = select(owner).where(*writing.within(shape)).where(_place(shape) < 0).distinct()
    owners = [row[0] for row in await writing.rows(unplaced)]
    return changed | await _arrange(writing, shape, owners)


async def _lists(writing: Writing, shape: Shape, things: Iterable[Thing]) -> Lists:
    """What the whole lists of things say, for those that have a row."""
    said = {
        thing.row_id: thing.said.wholes[shape.name][1]
        for thing in things
        if thing.row_id is not None and thing.outcome in SETTLED and shape.name in thing.said.wholes
    }
    places = await writing.places(token for listed in said.values() for token in listed)
    rows = {token: place.row_id for token, place in places.items()}
    return {
        owner: [row for token in listed if (row := rows.get(token)) is not None]
        for owner, listed in said.items()
    }


def _place(shape: Shape) -> Any:
    return shape.table.columns[str(shape.ordinal)]


async def _arrange(
    writing: Writing, shape: Shape, owners: Iterable[int], lists: Lists | None = None
) -> set[int]:
    """Put the rows of owners into their places; those of a list as it says, others as they are."""
    columns, place = shape.table.columns, _place(shape)
    owner = columns[str(shape.owner)]
    found = await writing.rows_of(select(columns.id, owner, place), owner, owners)
    rows: dict[int, dict[int, int]] = defaultdict(dict)
    for row_id, whose, at in found:
        rows[whose][row_id] = at
    gone: list[int] = []
    moved: dict[int, int] = {}
    for whose, places in rows.items():
        listed = (lists or {}).get(whose)
        if listed is not None:
            listed = [row_id for row_id in listed if row_id in places]
            spoken_of = writing.staging.taken(shape.kind, places) | set(listed)
            gone += [row_id for row_id in places if row_id not in spoken_of]
        moved |= _moves({row_id: at for row_id, at in places.items() if row_id not in gone}, listed)
    changed = {whose for row_id, whose, _ in found if row_id in moved or row_id in gone}
    await writing.delete(shape.table, [{"id": row_id} for row_id in gone])
    await forget(writing, shape.kind, gone)
    aside = [({"id": row_id}, {place.name: place_of(row_id)}) for row_id in moved]
    await writing.update(shape.table, aside)
    await writing.update(
        shape.table, [({"id": row_id}, {place.name: at}) for row_id, at in moved.items()]
    )
    await writing.changed(shape.table, moved)
    await writing.changed(owners_table(owner), changed)
    return changed


def _moves(places: Mapping[int, int], listed: Sequence[int] | None) -> dict[int, int]:
    """The rows that are not where they belong, and where that is."""
    order = {row_id: number for number, row_id in enumerate(listed or ())}
    if listed is None:
        order = {row_id: at for row_id, at in places.items() if at >= 0}
    last = max(order.values(), default=-1)
    behind = sorted(row_id for row_id in places if row_id not in order)
    order |= {row_id: last + 1 + number for number, row_id in enumerate(behind)}
    return {row_id: order[row_id] for row_id in places if places[row_id] != order[row_id]}
