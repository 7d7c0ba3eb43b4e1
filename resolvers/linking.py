"""Writing the links of a row: a list replaces what the viewer sees of the list that was there."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import inspect
from strawberry.utils.str_converters import to_camel_case

from models.base import Row
from resolvers.access import visible
from resolvers.change import Change
from resolvers.event import differ
from resolvers.identity import encode
from resolvers.ordering import sortable
from resolvers.writing import Links, Noun, Patch, Told


async def write_links(change: Change, noun: Noun, row: Row, patch: Patch) -> tuple[Told, Told]:
    """Write the patch's links; what each list was and is, where it changed."""
    before: Told = {}
    after: Told = {}
    for name, wanted in patch.links.items():
        kind = noun.fields[name]
        if not isinstance(kind, Links):
            raise TypeError(f"{name} is no list of links")
        old = await _current(change, kind, row)
        if await _replace(change, kind, row, old, wanted):
            called = to_camel_case(name)
            before[called] = _told(kind, [_as_dict(kind, link) for link in old])
            after[called] = _told(kind, wanted)
    return before, after


async def links_of(change: Change, noun: Noun, row: Row) -> Told:
    """What an event tells of the links of a row that goes."""
    found = {}
    for name, kind in noun.fields.items():
        if isinstance(kind, Links):
            links = [_as_dict(kind, link) for link in await _current(change, kind, row)]
            found[to_camel_case(name)] = _told(kind, links)
    return {name: links for name, links in found.items() if links}


async def links_differ(
    change: Change, kind: Links, row: Row, wanted: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether a list is another one than the viewer sees now."""
    return _differ(kind, await _current(change, kind, row), wanted)


async def _current(change: Change, kind: Links, row: Row) -> list[Any]:
    """The links whose targets the viewer sees, in their order."""
    link: Any = kind.link
    target: Any = kind.target
    statement = (
        visible(target, change.viewer)
        .join(link, getattr(link, kind.far) == target.id)
        .where(getattr(link, kind.near) == row.id)
        .with_only_columns(link)
        .order_by(*(sortable(getattr(link, name)) for name in (kind.within, "position") if name))
    )
    return list(await change.session.scalars(statement))


async def _replace(
    change: Change, kind: Links, row: Row, old: Sequence[Any], wanted: Sequence[Mapping[str, Any]]
) -> bool:
    if not _differ(kind, old, wanted):
        return False
    there = {_identity(kind, _as_dict(kind, link)): link for link in old}
    stay = {_identity(kind, entry) for entry in wanted}
    for identity, link in there.items():
        if identity not in stay:
            await change.session.delete(link)
    for entry in wanted:
        link = there.get(_identity(kind, entry))
        if link is None:
            change.session.add(kind.link(**{kind.near: row.id, **entry}))
        else:
            for name, value in entry.items():
                setattr(link, name, value)
    await change.session.flush()
    return True


def _differ(kind: Links, old: Sequence[Any], wanted: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list names others, or in another order; hidden ones in between do not count."""
    current = [_as_dict(kind, link) for link in old]
    return differ(_groups(kind, current), _groups(kind, wanted))


def _groups(kind: Links, entries: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The entries in their order, apart for each value that positions count within."""
    groups: dict[str, list[Any]] = {}
    for entry in entries:
        group = groups.setdefault(str(entry[kind.within]) if kind.within else "", [])
        group.append([entry[name] for name in (kind.far, *kind.extras)])
    return groups


def _as_dict(kind: Links, link: Any) -> dict[str, Any]:
    return {name: getattr(link, name) for name in (kind.far, *kind.extras, "position")}


def _identity(kind: Links, entry: Mapping[str, Any]) -> tuple[Any, ...]:
    key = (column.name for column in inspect(kind.link).primary_key)
    return tuple(entry[name] for name in key if name != kind.near)


def _told(kind: Links, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """A list as an event tells it: global ids, or objects that hold one."""
    told = []
    for row in rows:
        number = encode(kind.target.__name__, row[kind.far])
        extras = {kind.shown(name): row[name] for name in kind.extras}
        told.append({to_camel_case(kind.called): number, **extras} if extras else number)
    return told
