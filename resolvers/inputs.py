"""From an input to a patch: every field is read as its noun's table says."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models import Platform, Source
from models.arguments import FieldError
from models.errors import NotFound, UserError, ValidationFailed
from resolvers.access import visible
from resolvers.change import Change
from resolvers.identity import decode_as, shorten
from resolvers.keys import keyed_by
from resolvers.writing import MOST_ITEMS, Links, Noun, Patch, Reference, Value


async def read(change: Change, noun: Noun, given: Any, source_id: int) -> Patch:
    """The patch of an input; what is wrong with it stands in its reasons."""
    patch = Patch(given, source_id)
    wrong: list[FieldError] = []
    for name, kind in noun.fields.items():
        value = getattr(given, name, UNSET)
        if value is UNSET:
            continue
        path = (to_camel_case(name),)
        match kind:
            case Value():
                wrong += _value(noun, patch, kind, name, value, path)
            case Reference():
                wrong += await _reference(change, noun, patch, kind, name, value)
            case Links():
                wrong += await _links(change, patch, kind, name, value, path)
    if wrong:
        patch.reasons.insert(0, ValidationFailed.of(*wrong))
    return patch


def _value(
    noun: Noun, patch: Patch, kind: Value, name: str, value: Any, path: tuple[str, ...]
) -> list[FieldError]:
    if value is None and not _nullable(noun, name):
        return [_not_null(path)]
    patch.values[name] = value
    error = None if value is None or kind.rule is None else kind.rule(path, value)
    return [error] if error else []


async def _reference(
    change: Change, noun: Noun, patch: Patch, kind: Reference, name: str, value: Any
) -> list[FieldError]:
    column, path = f"{name}_id", (to_camel_case(name),)
    if value is None:
        patch.values[column] = None
        return [] if _nullable(noun, column) else [_not_null(path)]
    numbers, reasons, wrong = await _found(change, patch, kind.target, [value], path)
    patch.reasons += reasons
    patch.values[column] = numbers[0]
    return wrong


async def _links(
    change: Change, patch: Patch, kind: Links, name: str, value: Any, path: tuple[str, ...]
) -> list[FieldError]:
    items = value or []
    if len(items) > MOST_ITEMS:
        message = f"{path[-1]} lists {len(items)}; {MOST_ITEMS} is the most."
        return [FieldError(path, message, "max_items")]
    ids = [getattr(item, kind.called) if kind.extras else item for item in items]
    numbers, reasons, wrong = await _found(change, patch, kind.target, ids, path)
    patch.reasons += reasons
    rows: list[dict[str, Any]] = []
    for index, (item, number) in enumerate(zip(items, numbers, strict=True)):
        extras = {extra: _extra(item, extra) for extra in kind.extras}
        for extra, rule in kind.extras.items():
            place = (*path, str(index), to_camel_case(extra))
            error = rule(place, extras[extra]) if rule and extras[extra] is not None else None
            wrong += [error] if error else []
        rows.append({kind.far: number, **extras})
    wrong += _doubled(kind, rows, path)
    patch.links[name] = _placed(rows)
    return wrong


def _extra(item: Any, name: str) -> Any:
    value = getattr(item, name)
    return None if value is UNSET else value


def _doubled(
    kind: Links, rows: Sequence[dict[str, Any]], path: tuple[str, ...]
) -> list[FieldError]:
    identity = [name for name in _key(kind) if name != kind.near]
    seen = [tuple(row[name] for name in identity) for row in rows]
    if len(set(seen)) == len(seen):
        return []
    return [FieldError(path, f"{path[-1]} names one of them twice.", "duplicate")]


def _placed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their positions, which count within a role where there are roles."""
    counted: dict[Any, int] = {}
    placed = []
    for row in rows:
        role = row.get("role")
        placed.append({**row, "position": counted.get(role, 0)})
        counted[role] = counted.get(role, 0) + 1
    return placed


def _key(kind: Links) -> list[str]:
    return [column.name for column in inspect(kind.link).primary_key]


async def _found(
    change: Change, patch: Patch, target: Any, ids: Sequence[str], path: tuple[str, ...]
) -> tuple[list[int], list[UserError], list[FieldError]]:
    """The row numbers of ids; what the viewer does not see is not found."""
    numbers = [decode_as(target, text) for text in ids]
    statement = visible(target, change.viewer).where(keyed_by(target.id, numbers))
    rows = {row.id: row for row in await change.session.scalars(statement)}
    reasons: list[UserError] = []
    wrong: list[FieldError] = []
    local = await _is_local(change, patch.source_id)
    for text, number in zip(ids, numbers, strict=True):
        row = rows.get(number)
        if row is None:
            message = f"There is no {target.__name__} {shorten(text)}."
            reasons.append(NotFound(message=message, path=path))
        elif row.source_id != patch.source_id and not local:
            message = f"The {target.__name__} {shorten(text)} belongs to another source."
            wrong.append(FieldError(path, message, "same_source"))
    return numbers, reasons, wrong


async def _is_local(change: Change, source_id: int) -> bool:
    """Whether rows of the source may name rows of others: only our own may."""
    source = await change.session.get_one(Source, source_id)
    return source.platform is Platform.LOCAL


def _nullable(noun: Noun, column: str) -> bool:
    return bool(inspect(noun.model).columns[column].nullable)


def _not_null(path: tuple[str, ...]) -> FieldError:
    return FieldError(path, f"{path[-1]} cannot be cleared.", "not_null")
