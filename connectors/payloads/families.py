"""Families of iterations: who belongs together, and when the first of them started."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select, update

from connectors.payloads.entries import Entry
from connectors.payloads.writing import Writing
from models.experiment import Experiment
from models.note import Note, NoteAction

EXPERIMENT = Experiment.metadata.tables["experiment"]
FAMILY = Experiment.metadata.tables["family"]
NOTE = Note.metadata.tables["note"]
CHUNK = 500

Member = tuple[int, int, int]
"""An experiment as (iteration, id, family)."""


async def give_families(writing: Writing, entries: Sequence[Entry]) -> None:
    """Put experiments that are new, or have a new key, into the family of that key."""
    keys = {entry.fields["key"] for entry in entries}
    known: dict[str, int] = {}
    for table, family in ((EXPERIMENT, EXPERIMENT.c.family_id), (FAMILY, FAMILY.c.id)):
        found = await writing.rows(
            select(table.c.key, family)
            .where(table.c.key.in_(keys), table.c.source_id == writing.source)
            .order_by(table.c.id)
        )
        for key, family_id in found:
            known.setdefault(key, family_id)
    new = sorted(keys - known.keys())
    rows = [{"source_id": writing.source, "key": key} for key in new]
    known |= zip(new, await writing.insert_known(FAMILY, rows), strict=True)
    for entry in entries:
        entry.fields["family_id"] = known[entry.fields["key"]]


async def unite_families(writing: Writing) -> None:
    """Join the families of listed iterations, and of an experiment and what it restarted as."""
    for pairs in writing.staging.relatives():
        places = await writing.places(token for pair in pairs for token in pair)
        rows = {token: place.row_id for token, place in places.items()}
        await _unite(writing, [(rows.get(one), rows.get(other)) for one, other in pairs])
    old, new = EXPERIMENT.alias("old"), EXPERIMENT.alias("new")
    restarts = (
        select(NOTE.c.experiment_id, NOTE.c.new_experiment_id)
        .join(old, old.c.id == NOTE.c.experiment_id)
        .join(new, new.c.id == NOTE.c.new_experiment_id)
        .where(NOTE.c.source_id == writing.source, NOTE.c.action == NoteAction.RESTART)
        .where(old.c.family_id != new.c.family_id)
        .limit(CHUNK)
    )
    while pairs_of_rows := await writing.rows(restarts):
        await _unite(writing, [(row[0], row[1]) for row in pairs_of_rows])


async def _unite(writing: Writing, pairs: Iterable[tuple[int | None, int | None]]) -> None:
    """Move the younger family of each pair into the elder: that of the lower iteration."""
    whole = [(one, other) for one, other in pairs if one is not None and other is not None]
    columns = EXPERIMENT.c
    found = await writing.rows(
        select(columns.id, columns.iteration, columns.family_id).where(
            columns.id.in_({row for pair in whole for row in pair})
        )
    )
    members: dict[int, Member] = {row.id: (row.iteration, row.id, row.family_id) for row in found}
    joined: dict[int, int] = {}
    for one, other in whole:
        elder, younger = sorted((members[one], members[other]))
        into, out_of = _root(joined, elder[2]), _root(joined, younger[2])
        if into != out_of:
            joined[out_of] = into
    for family in joined:
        moved = await writing.rows(select(columns.id).where(columns.family_id == family))
        await writing.connection.execute(
            update(EXPERIMENT)
            .where(columns.family_id == family)
            .values(family_id=_root(joined, family))
        )
        await writing.changed(EXPERIMENT, [row.id for row in moved])
        await writing.connection.execute(delete(FAMILY).where(FAMILY.c.id == family))


def _root(joined: dict[int, int], family: int) -> int:
    while family in joined:
        family = joined[family]
    return family


async def date_first_starts(writing: Writing) -> None:
    """Tell every member of the families that were touched when the first of them started."""
    columns = EXPERIMENT.c
    for rows in writing.staging.rows_of(writing.vocabulary.shapes["experiment"]):
        families = select(columns.family_id).where(columns.id.in_(rows))
        found = await writing.rows(
            select(columns.id, columns.family_id, columns.started_at, columns.first_started_at)
            .where(columns.family_id.in_(families))
            .order_by(columns.family_id, columns.iteration, columns.id)
        )
        changes = [
            change
            for _, members in groupby(found, key=lambda row: row.family_id)
            for change in _late(list(members))
        ]
        await writing.update(EXPERIMENT, changes)
        await writing.changed(EXPERIMENT, [key["id"] for key, _ in changes])


def _late(members: Sequence[Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    first = next((row.started_at for row in members if row.started_at is not None), None)
    return [
        ({"id": row.id}, {"first_started_at": first})
        for row in members
        if row.first_started_at != first
    ]
