"""What only one platform says of an experiment: its group of an input goes into ``details``."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models import Experiment, Platform
from models.arguments import FieldError
from models.base import plain
from models.details import LARGEST
from models.metric_query import METRIC_QUERY
from models.rules import (
    Path,
    checkmango_key,
    json_rule,
    key_text,
    long_text,
    name_text,
    number_rule,
    words,
)
from models.shapes import items, one_of
from resolvers.change import Change
from resolvers.event import differ
from resolvers.inputs import as_stored, judged
from resolvers.writing import Patch, Value

INTERVAL = re.compile(r"[1-9][0-9]{0,3}[dw]")


def interval(path: Path, value: Any) -> FieldError | None:
    """A number of days or weeks, such as 7d."""
    if INTERVAL.fullmatch(value):
        return None
    message = f"{path[-1]} must be a number of days or weeks, such as 7d or 6w."
    return FieldError(path, message, "interval")


LEVEL = Value(number_rule(0, 1), stored=plain)
AMOUNT = Value(number_rule(0, 1e15), stored=plain)
OBJECT = Value(json_rule(dict))
LIST = Value(json_rule(list))
QUERIES = Value(json_rule(list), items(METRIC_QUERY))
UUIDS = Value(words)

WRITABLE: Mapping[Platform, Mapping[str, Value]] = {
    Platform.ABSMARTLY: {
        "analysis_type": Value(shape=one_of("group_sequential", "fixed_horizon")),
        "required_alpha": LEVEL,
        "required_power": LEVEL,
        "baseline_primary_metric_mean": Value(number_rule(-1e15, 1e15), stored=plain),
        "baseline_primary_metric_stdev": AMOUNT,
        "baseline_participants_per_day": AMOUNT,
        "group_sequential_futility_type": Value(shape=one_of("binding", "non_binding")),
        "group_sequential_analysis_count": Value(number_rule(1, 1000)),
        "group_sequential_min_analysis_interval": Value(interval),
        "group_sequential_first_analysis_interval": Value(interval),
        "group_sequential_max_duration_interval": Value(interval),
        "parent_experiment_iteration": Value(number_rule(1, LARGEST)),
        "template_name": Value(name_text),
        "template_description": Value(long_text),
        "template_permission": OBJECT,
    },
    Platform.POSTHOG: {
        "parameters": OBJECT,
        "metrics": QUERIES,
        "metrics_secondary": QUERIES,
        "secondary_metrics": LIST,
        "filters": OBJECT,
        "primary_metrics_ordered_uuids": UUIDS,
        "secondary_metrics_ordered_uuids": UUIDS,
        "scheduling_config": OBJECT,
        "running_time_calculation": OBJECT,
        "exposure_preaggregation_enabled": Value(),
        "only_count_matured_users": Value(),
        "create_in_folder": Value(long_text),
    },
    Platform.AUTH0: {
        "authentication_flow": Value(key_text),
        "assignment_config": OBJECT,
        "default_config": Value(shape=one_of("tenant", "flag")),
    },
    Platform.CHECKMANGO: {
        "algorithm_type": Value(shape=one_of("blockRandomization", "weightedSample", "whiplash")),
        "event_key": Value(checkmango_key),
    },
}
"""What a platform lets a client write, by the fields of its group."""

KEYS = {"create_in_folder": "_create_in_folder"}
"""What the document calls a field, where it is not the field's name."""

PLACE = frozenset({"team_id"})
"""What says where on its platform an experiment is kept: a copy is kept there too."""


async def platform_details(_: Change, row: Any, patch: Patch) -> None:
    """A check: the group of the platform is merged into the document, key by key."""
    platform = patch.source.platform
    groups = {each: getattr(patch.given, each.lower(), UNSET) for each in WRITABLE}
    wrong = list(_misplaced(platform, [each for each, group in groups.items() if group]))
    patch.wrong += wrong
    group = groups.get(platform, UNSET)
    if wrong or group is UNSET or (group is None and row is None):
        return
    document = dict(row.details or {}) if row else {}
    changed = [
        f"{platform.lower()}.{name}"
        for name, kind in WRITABLE[platform].items()
        if _said(patch, document, (platform, name), kind, _member(group, name))
    ]
    if changed:
        patch.values["details"] = document or None
        patch.parts["details"] = changed


def design_of(row: Experiment) -> dict[str, Any] | None:
    """What a copy's document takes over: what can be written, and where it is kept."""
    kept = {KEYS.get(name, name) for name in WRITABLE.get(row.platform, {})} | PLACE
    return {name: value for name, value in (row.details or {}).items() if name in kept} or None


def _misplaced(platform: Platform, said: list[Platform]) -> list[FieldError]:
    names = ", ".join(each.lower() for each in WRITABLE)
    if len(said) > 1:
        message = f"At most one of {names} may be given."
        return [FieldError((said[1].lower(),), message, "one_of")]
    return [
        FieldError((each.lower(),), f"The experiment is one of {platform}, not {each}.", "platform")
        for each in said
        if each is not platform
    ]


def _member(group: Any, name: str) -> Any:
    return None if group is None else getattr(group, name, UNSET)


def _said(
    patch: Patch, document: dict[str, Any], place: tuple[Platform, str], kind: Value, value: Any
) -> bool:
    """Write one field into the document; whether it differs from what was there."""
    platform, name = place
    key = KEYS.get(name, name)
    if value is UNSET:
        return False
    wrong = [] if value is None else judged(kind, (platform.lower(), to_camel_case(name)), value)
    patch.wrong += wrong
    was = document.pop(key, None)
    if value is not None and not wrong:
        document[key] = _settled(kind, was, as_stored(kind, value))
    return bool(wrong) or differ(was, document.get(key))


def _settled(kind: Value, was: Any, now: Any) -> Any:
    """What the document is to hold: of one number written in two ways, what stands there."""
    if kind.stored is not plain or not isinstance(was, str):
        return now
    try:
        return was if Decimal(was) == Decimal(now) else now
    except InvalidOperation:
        return now
