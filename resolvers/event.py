"""What an event is about, and how it tells of values."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect
from strawberry.utils.str_converters import to_camel_case

from models import Event
from models.base import plain
from resolvers.identity import NODES, encode

UNTOLD = frozenset({"id", "digest", "viewer", "fingerprint", "position"})
"""Columns that no event tells: secrets, and what only we have a use for."""

MERGED = frozenset({"details"})
"""Columns that hold a document which is written key by key."""

TYPES = {model.__table__.name: name for name, model in NODES.items()}  # type: ignore[attr-defined]


def subject_id(row: Event) -> str | None:
    """The global id of the thing that changed; None where it is not a node of the graph."""
    if row.subject_id is None or row.subject_type not in NODES:
        return None
    return encode(row.subject_type, row.subject_id)


def shown(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a row as the graph calls and writes them: references are global ids."""
    return dict(_entry(row, name, value) for name, value in values.items() if name not in UNTOLD)


def differ(one: Any, other: Any) -> bool:
    """Whether two values of a column differ; in a document 1 and true do."""
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True)
    return bool(one != other)


def told_apart(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same columns before and after; of documents that are written key by key, what changed."""
    old, new = dict(before), dict(after)
    for name in MERGED & old.keys():
        was, now = old[name] or {}, new[name] or {}
        keys = [key for key in {**was, **now} if differ(was.get(key), now.get(key))]
        old[name] = {key: was[key] for key in keys if key in was}
        new[name] = {key: now[key] for key in keys if key in now}
    return old, new


def _entry(row: Any, name: str, value: Any) -> tuple[str, Any]:
    targets = [key.column.table.name for key in inspect(type(row)).columns[name].foreign_keys]
    if targets:
        number = None if value is None else encode(TYPES.get(targets[0], targets[0]), value)
        return to_camel_case(name.removesuffix("_id")), number
    return to_camel_case(name), _written(value)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return plain(value) if isinstance(value, Decimal) else value
