"""Families of iterations: who belongs together, and when the first of them started."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select, update

from connectors.payloads.entries import Entry
from connectors.payloads.tables import value_in
from connectors.payloads.writing import Writing
from models.experiment import Experiment
from models.note import Note, NoteAction

EXPERIMENT = Experiment.metadata.tables["experiment"]
FAMILY = Experiment.metadata.tables["family"]
NOTE = Note.metadata.tables["note"]
CHUNK = 500

Named = tuple[Any, ...]
"""The key of an experiment, and within what it is unique, if not within its source."""

Member = tuple[int, int, int]
"""An experiment as (iteration, id, family)."""


async def give_families(writing: Writing, entries: Sequence[Entry]) -> None:
    """Put experiments that are new, or have a new key, into the family of that key.

    Where keys are unique only within something, such as a team, that counts as well.
    """
    shape = writing.vocabulary.shapes["experiment"]
    scope = [name for name in shape.natural if "." in name]
    wanted = [(entry.fields["key"], *(entry.natural(shape, name) for name in scope))
              for entry in entries]  # fmt: skip
    keys = {key for key, *_ in wanted}
    columns = EXPERIMENT.c
    members = await writing.rows(
        select(columns.key, *(value_in(EXPERIMENT, name) for name in scope), columns.family_id)
        .where(columns.key.in_(keys), columns.source_id == writing.source)
        .order_by(columns.id)
    )
    known: dict[Named, int] = {}
    for *named, family_id in members:
        known.setdefault(tuple(named), family_id)
    await _found(writing, known, dict.fromkeys(wanted))
    for entry, named in zip(entries, wanted, strict=True):
        entry.fields["family_id"] = known[named]


async def _found(writing: Writing, known: dict[Named, int], wanted: Iterable[Named]) -> None:
    """Give the others a family, made where there is none that they may join."""
    others = [named for named in wanted if named not in known]
    names = {name for named in (*others, *known) for name in _names(named)}
    found = select(FAMILY.c.key, FAMILY.c.id).where(FAMILY.c.source_id == writing.source)
    families = dict(map(tuple, await writing.rows_of(found, FAMILY.c.key, names)))
    others_own = set(known.values()) & {families.get(key) for key, *_ in known}
    called: dict[Named, str] = {}
    for named in others:
        choice = _names(named)
        free = (
            name
            for name in choice
            if families.get(name) not in others_own and name not in called.values()
        )
        called[named] = next(free, choice[-1])
    new = sorted(set(called.values()) - families.keys())
    rows = [{"source_id": writing.source, "key": name} for name in new]
    families |= zip(new, await writing.insert_known(FAMILY, rows), strict=True)
    known |= {named: families[name] for named, name in called.items()}


def _names(named: Named) -> list[str]:
    """What a family may be called: the key, unless that is another one's."""
    key, *scope = named
    return [key, f"{key} ({', '.join(map(str, scope))})"] if scope else [key]


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
    """Who must be told; where none has a start any more, what is known of the first one stays."""
    first = next((row.started_at for row in members if row.started_at is not None), None)
    return [
        ({"id": row.id}, {"first_started_at": first})
        for row in members
        if first is not None and row.first_started_at != first
    ]
