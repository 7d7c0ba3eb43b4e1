"""Things that cannot be kept yet, since what they belong to, or what they are, has not arrived.

A note needs its experiment, and a file of notes may come before the file of experiments. Such a
note waits whole, in a `Reference` to its experiment that has no holder (``holder_id`` 0), and is
read again at every import as the deepest copy of itself. So does a thing of which somebody told
something before anybody told what it is; it waits for itself.
"""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from connectors.payloads.entries import Entry
from connectors.payloads.said import Said
from connectors.payloads.shapes import Shape
from connectors.payloads.staging import DEPTH, Thing, owners_of
from connectors.payloads.tables import owners_table
from connectors.payloads.tokens import external_id_of, named, shape_name
from connectors.payloads.writing import Values, Writing
from models.reference import Reference

REFERENCE = Reference.metadata.tables["reference"]
DEEPEST = 1 << 20
CHUNK = 500
LATER = "what it belongs to has not arrived; it is kept until then"
NOBODYS = "it does not say what it belongs to"


async def recall(writing: Writing) -> None:
    """Stage again what has been waiting."""
    columns, last = REFERENCE.columns, 0
    while rows := await writing.rows(
        select(columns.id, columns.link_values)
        .where(columns.source_id == writing.source, columns.holder_id == 0, columns.id > last)
        .order_by(columns.id)
        .limit(CHUNK)
    ):
        last = rows[-1].id
        for row_id, kept in rows:
            token, said = kept["token"], Said(*kept["said"])
            writing.staging.remember(token, row_id, json.dumps(kept["said"]))
            shape = writing.vocabulary.shape_of(token)
            writing.staging.add(shape, token, said.deeper(DEEPEST * DEPTH), waited=True)


async def place_owners(writing: Writing, shape: Shape, entries: list[Entry]) -> list[Entry]:
    """Those whose owner is there, with its row among their fields; the others wait."""
    if shape.owner is None:
        return entries
    owners = {entry.thing.token: owners_of(shape, entry.thing.said) for entry in entries}
    rows = await _rows(writing, shape, (token for tokens in owners.values() for token in tokens))
    ready = []
    for entry in entries:
        tokens = owners[entry.thing.token]
        owner = next((rows[token] for token in tokens if token in rows), None)
        if owner is not None:
            entry.fields[shape.owner] = owner
            ready.append(entry)
            continue
        waits = any(_may_arrive(writing, token) for token in tokens)
        entry.thing.outcome = "waiting" if waits else "skipped"
        if not entry.thing.waited:
            writing.report.skip(shape.kind, LATER if waits else NOBODYS)
    return ready


async def _rows(writing: Writing, shape: Shape, tokens: Iterable[str]) -> dict[str, int]:
    """The rows of owners; of several that are found through one other thing, the newest."""
    places = await writing.places(tokens)
    rows = {token: place.row_id for token, place in places.items() if place.row_id is not None}
    for name, column in shape.through.items():
        others = {token: rows.pop(token) for token in [*rows] if shape_name(token) == name}
        columns = owners_table(shape.table.columns[str(shape.owner)]).columns
        newest = select(columns[column], func.max(columns.id)).group_by(columns[column])
        found = dict(map(tuple, await writing.rows_of(newest, columns[column], others.values())))
        rows |= {token: found[row] for token, row in others.items() if row in found}
    return rows


def _may_arrive(writing: Writing, token: str) -> bool:
    return external_id_of(token) is not None or writing.vocabulary.shape_of(token).patient


async def keep(writing: Writing) -> None:
    """Keep what waits now, and forget what waits no longer."""
    for shape in writing.vocabulary.shapes.values():
        for things in writing.staging.chunks(shape, "waiting"):
            new, changes = [], []
            for thing in things:
                values = _reference(writing, shape, thing)
                known = writing.staging.recall(thing.token)
                if known is None:
                    new.append(values)
                elif known[1] != values["link_values"]["said"]:
                    changes.append(({"id": known[0]}, values))
            await writing.insert(REFERENCE, new)
            await writing.update(REFERENCE, changes)
    await writing.delete(REFERENCE, [{"id": row_id} for row_id in writing.staging.arrived()])


def _reference(writing: Writing, shape: Shape, thing: Thing) -> Values:
    said = thing.said
    if shape.owner and thing.owner:  # it may have become known by now under another name
        said.refs[shape.owner] = [0, thing.owner]
    owners: Sequence[str] = owners_of(shape, said) if shape.owner else ()
    awaited = next((each for each in owners if _may_arrive(writing, each)), thing.token)
    return {
        "source_id": writing.source,
        "holder_type": shape.kind,
        "holder_id": 0,
        "field": shape.owner or "id",
        "target_type": writing.vocabulary.shape_of(awaited).kind,
        "target_external_id": named(awaited),
        "link_values": {"token": thing.token, "said": said.level()},
    }
