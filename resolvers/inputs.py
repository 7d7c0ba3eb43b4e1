"""From an input to a patch: every field is read as its noun's table says."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from sqlalchemy import inspect
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models import Platform, Source
from models.arguments import FieldError
from models.errors import NotFound
from models.rules import Path
from resolvers.access import visible
from resolvers.change import Change
from resolvers.identity import decode_as, shorten
from resolvers.keys import keyed_by
from resolvers.writing import MOST_ITEMS, Links, Noun, Patch, Reference, Value

MOST_WRONG = 20
"""Errors that are told of one document: a long list could hold one in every item."""


async def read(change: Change, noun: Noun, row: Any, given: Any, source: Source) -> Patch:
    """The patch of an input; what is wrong with it stands there too."""
    patch = Patch(given, source)
    for name, kind in noun.fields.items():
        value = getattr(given, name, UNSET)
        if value is UNSET or (value is None and row is None):
            continue
        match kind:
            case Value():
                _value(noun, patch, kind, name, value)
            case Reference():
                await _reference(change, noun, patch, kind, name, value)
            case Links():
                await _links(change, patch, kind, name, value)
    return patch


def _value(noun: Noun, patch: Patch, kind: Value, name: str, value: Any) -> None:
    path = (to_camel_case(name),)
    if value is not None:
        wrong = judged(kind, path, value)
    else:
        wrong = [not_null(path)] if kind.required or not _nullable(noun, name) else []
    if wrong:
        patch.wrong += wrong
    else:
        patch.values[name] = as_stored(kind, value)


def judged(kind: Value, path: Path, value: Any) -> list[FieldError]:
    """What is wrong with a value that is not null, as far as its kind can tell."""
    if kind.rule and (error := kind.rule(path, value)):
        return [error]
    return list(islice(kind.shape(path, value), MOST_WRONG)) if kind.shape else []


def as_stored(kind: Value, value: Any) -> Any:
    """What the column holds of a value."""
    return value if value is None or kind.stored is None else kind.stored(value)


async def _reference(
    change: Change, noun: Noun, patch: Patch, kind: Reference, name: str, value: Any
) -> None:
    column, path = f"{name}_id", (to_camel_case(name),)
    if value is not None:
        [patch.values[column]] = await found(change, patch, kind, [(path, value)])
    elif _nullable(noun, column):
        patch.values[column] = None
    else:
        patch.wrong.append(not_null(path))


async def _links(change: Change, patch: Patch, kind: Links, name: str, value: Any) -> None:
    path = (to_camel_case(name),)
    items = value or []
    if len(items) > MOST_ITEMS:
        message = f"{path[-1]} lists {len(items)}; {MOST_ITEMS} is the most."
        patch.wrong.append(FieldError(path, message, "max_items"))
        return
    ids = [getattr(item, kind.called) if kind.extras else item for item in items]
    numbers = await found(change, patch, kind, [(path, text) for text in ids])
    rows: list[dict[str, Any]] = []
    for index, (item, number) in enumerate(zip(items, numbers, strict=True)):
        extras = {extra: _extra(item, extra) for extra in kind.extras}
        for extra, rule in kind.extras.items():
            place = (*path, str(index), kind.shown(extra))
            error = rule(place, extras[extra]) if rule and extras[extra] is not None else None
            patch.wrong += [error] if error else []
        rows.append({kind.far: number, **extras})
    patch.wrong += _doubled(kind, rows, path)
    patch.links[name] = _placed(kind, rows)


def _extra(item: Any, name: str) -> Any:
    value = getattr(item, name)
    return None if value is UNSET else value


def _doubled(kind: Links, rows: Sequence[dict[str, Any]], path: Path) -> list[FieldError]:
    identity = [name for name in _key(kind) if name != kind.near]
    seen = [tuple(row[name] for name in identity) for row in rows]
    if len(set(seen)) == len(seen):
        return []
    return [FieldError(path, f"{path[-1]} names one of them twice.", "duplicate")]


def _placed(kind: Links, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their positions."""
    counted: dict[Any, int] = {}
    placed = []
    for row in rows:
        group = row[kind.within] if kind.within else None
        placed.append({**row, "position": counted.get(group, 0)})
        counted[group] = counted.get(group, 0) + 1
    return placed


def _key(kind: Links) -> list[str]:
    return [column.name for column in inspect(kind.link).primary_key]


async def found(
    change: Change, patch: Patch, kind: Reference | Links, named: Sequence[tuple[Path, str]]
) -> list[int]:
    """The row numbers of ids, each with its field; what the viewer does not see is not found.

    The rows are kept from being deleted until the change is written.
    """
    target: Any = kind.target
    numbers = [decode_as(target, text) for _, text in named]
    statement = visible(target, change.viewer).where(keyed_by(target.id, numbers))
    kept = statement.with_for_update(read=True, key_share=True, of=target)
    rows = {row.id: row for row in await change.session.scalars(kept)}
    for (path, text), number in zip(named, numbers, strict=True):
        called = f"{target.__name__} {shorten(text)}"
        if number not in rows:
            patch.reasons.append(NotFound(message=f"There is no {called}.", path=path))
        else:
            patch.wrong += _unfit(patch, kind, rows[number], path, called)
    return numbers


def _unfit(
    patch: Patch, kind: Reference | Links, row: Any, path: Path, called: str
) -> list[FieldError]:
    """Why a row cannot be named: only rows of our own may name those of other sources."""
    source = patch.source
    if row.source_id != source.id and source.platform is not Platform.LOCAL:
        return [FieldError(path, f"The {called} belongs to another source.", "same_source")]
    return [
        FieldError(path, f"The {called} has the {name} {getattr(row, name)}, not {value}.", name)
        for name, value in (kind.only.items() if isinstance(kind, Links) else ())
        if getattr(row, name) != value
    ]


def _nullable(noun: Noun, column: str) -> bool:
    return bool(inspect(noun.model).columns[column].nullable)


def not_null(path: Path) -> FieldError:
    """The reason against null in a field that must hold something."""
    return FieldError(path, f"{path[-1]} cannot be cleared.", "not_null")
