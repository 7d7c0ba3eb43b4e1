"""Links that are seen from their other end, or whose target arrives late: added, never removed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Table, func, select

from connectors.payloads.entries import Entry
from connectors.payloads.holdings import Back
from connectors.payloads.references import Slot, Wanted, keep, missing
from connectors.payloads.shapes import Shape
from connectors.payloads.staging import Place
from connectors.payloads.tables import default_of
from connectors.payloads.writing import Values, Writing


async def write_links(
    writing: Writing,
    shape: Shape,
    part: Back,
    entries: Iterable[Entry],
    places: Mapping[str, Place],
) -> None:
    """Add the links that this end speaks of, unless their owner says its list itself."""
    table, owner = part.table, writing.vocabulary.shapes[part.shape]
    links: list[Values] = []
    wanted: Wanted = {}
    for entry in entries:
        for token in entry.thing.said.links.get(part.kind, ()):
            place = places.get(token)
            if place is not None and place.row_id is not None:
                link = {
                    f"{owner.kind}_id": place.row_id,
                    f"{shape.kind}_id": entry.row_id,
                }
                links += [] if owner.says(table, place.lists) else [link]
            elif waits := missing(writing, token):
                slot = Slot(shape.kind, entry.row_id, part.kind)
                wanted.setdefault(slot, []).append(waits)
    await add_links(writing, table, owner.table, links)
    await keep(writing, wanted, adding=True)


async def add_links(writing: Writing, table: Table, owner: Table, links: Sequence[Values]) -> None:
    """Add the links that are not there yet, behind the others unless their place is known."""
    if not links:
        return
    mine = table.columns[f"{owner.name}_id"]
    owners = {link[mine.name] for link in links}
    key = table.primary_key.columns
    ends = [(column, {link[column.name] for link in links}) for column in list(key)[:2]]
    many = max(ends, key=lambda end: len(end[1]))
    there = {tuple(row) for row in await writing.rows_of(select(*key), *many)}
    counted = select(mine, func.max(table.columns.position)).group_by(mine)
    last = await writing.rows_of(counted, mine, owners)
    places = Counter({row[0]: row[1] + 1 for row in last})
    new = []
    for link in links:
        identity = tuple(link.get(column.name, default_of(table, column.name)) for column in key)
        if identity not in there:
            there.add(identity)
            new.append({"position": places[link[mine.name]], **link})
            places[link[mine.name]] += 1
    await writing.insert(table, new)
    await writing.changed(owner, [link[mine.name] for link in new])
