"""Optimistic concurrency: a stale write is merged three ways, or refused with 409."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.platforms.posthog.inputs import INSTRUCTIONS, READ_ONLY
from tests.platforms.posthog.state import State
from tests.platforms.standin import Answer, Refused, Row

LISTS = frozenset({"metrics", "metrics_secondary"})


class Conflict(Exception):
    """Both sides touched the same part."""


def fields_of(here: State, row: Row, body: Mapping[str, Any]) -> Row:
    """What a body sets, merged with what others have set since. Raises Refused with 409."""
    fields = {k: v for k, v in body.items() if k not in INSTRUCTIONS | READ_ONLY}
    said = body.get("version")
    if not here.newest or said is None or said == row["version"]:
        return fields
    base = body.get("original_experiment") or {}
    merged, conflicts = {}, {}
    for key, mine in fields.items():
        try:
            merge = _metrics if key in LISTS and key in base else _scalar
            merged[key] = merge(base, key, mine, row.get(key))
        except Conflict:
            conflicts[key] = row.get(key)
    if conflicts:
        text = "This experiment changed since you loaded it."
        body = {"detail": text, "current_version": row["version"], **conflicts}
        raise Refused(Answer(body, 409))
    return merged


def _scalar(base: Mapping[str, Any], key: str, mine: Any, theirs: Any) -> Any:
    return _part(base[key], mine, theirs) if key in base else _blind(mine, theirs)


def _blind(mine: Any, theirs: Any) -> Any:
    if mine != theirs:
        raise Conflict
    return theirs


def _part(base: Any, mine: Any, theirs: Any) -> Any:
    if mine == base:
        return theirs
    if theirs not in (base, mine):
        raise Conflict
    return mine


def _metrics(base: Mapping[str, Any], key: str, mine: Any, theirs: Any) -> list[Row]:
    sides = [_by_uuid(side) for side in (base[key], mine, theirs)]
    uuids = dict.fromkeys([*sides[2], *sides[1]])
    parts = [_part(*(side.get(uuid) for side in sides)) for uuid in uuids]
    return [part for part in parts if part is not None]


def _by_uuid(metrics: Iterable[Row] | None) -> dict[str, Row]:
    return {metric.get("uuid") or repr(metric): metric for metric in metrics or []}
