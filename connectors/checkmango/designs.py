"""A design as Checkmango's bodies have it. Keys are checked more strictly than it does itself."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.checkmango.resources import Row, attributes, number_of
from connectors.refusals import unsupported
from models.arguments import FieldError
from models.errors import Refusal, ValidationFailed
from models.phase import Platform
from models.rules import checkmango_key

Design = Mapping[str, Any]

WEIGHTED = "weightedSample"
SPLIT = frozenset({"percentages", "variants", "variant_count"})
"""Fields that say how much of the traffic each variant gets, which is said of the variants."""

KNOWN = frozenset({"key", "description", "primary_metric", "details", *SPLIT})


def experiment_of(design: Design, names: Iterable[str], events: Iterable[Row]) -> Row:
    """The body that says these fields. Raises a Refusal for what the platform does not take."""
    wanted = set(names)
    strange = sorted(wanted - KNOWN)
    if strange:
        raise unsupported(Platform.CHECKMANGO, "UPDATE", f"such {strange[0]}")
    details = design["details"] or {}
    body: Row = {}
    if "key" in wanted:
        body["key"] = sound(design["key"], "key")
    if "description" in wanted:
        body["description"] = design["description"]
    if "details" in wanted:
        said = ("event_key", "algorithm_type")
        body |= {name: details[name] for name in said if details.get(name)}
    if "primary_metric" in wanted and design["primary_metric"] is not None:
        body["event_key"] = event_key(design["primary_metric"], events)
    return body


def new_experiment(design: Design, events: Iterable[Row]) -> Row:
    """The body that makes an experiment. Raises a Refusal for what the platform does not take."""
    body = experiment_of(design, KNOWN - SPLIT, events)
    if "event_key" not in body:
        raise wrong("primaryMetric", "An event must be named that decides.", "required")
    for variant in design["variants"]:
        sound(variant["key"], "variants")
    return {name: value for name, value in body.items() if value is not None}


def new_variant(variant: Mapping[str, Any], *, weighted: bool) -> Row:
    """The body that makes a variant. Raises a Refusal for an unsound key."""
    body = {
        "key": sound(variant["key"], "key"),
        "control": bool(variant["is_control"]),
        "description": variant["description"],
        "traffic": share(variant["weight"]) if weighted else None,
    }
    return {name: value for name, value in body.items() if value is not None}


def changed_variant(was: Mapping[str, Any], now: Mapping[str, Any]) -> Row:
    """The body that changes a variant. Raises a Refusal for what the platform does not take."""
    body: Row = {}
    if now["key"] != was["key"]:
        body["key"] = sound(now["key"], "key")
    if now["is_control"] != was["is_control"]:
        body["control"] = bool(now["is_control"])
    if now["description"] != was["description"]:
        body["description"] = now["description"]
    if now["weight"] != was["weight"] and now["weight"] is not None:
        body["traffic"] = share(now["weight"])
    strange = [name for name in ("name", "config") if now[name] != was[name]]
    if strange:
        raise unsupported(Platform.CHECKMANGO, "UPDATE_VARIANT", f"such {strange[0]}")
    return body


def is_weighted(design: Design) -> bool:
    """Whether variants get as much traffic as is said of them."""
    return (design["details"] or {}).get("algorithm_type") == WEIGHTED


def share(weight: float | None) -> float | int | None:
    """A share of the traffic, whole where it is."""
    return int(weight) if weight is not None and weight == int(weight) else weight


def event_key(external_id: str, events: Iterable[Row]) -> str:
    """The key of the event that is a metric here. Raises a Refusal where there is none."""
    for event in events:
        key = str(attributes(event).get("key"))
        if external_id in {number_of(event), key}:
            return key
    raise wrong("primaryMetric", "The platform does not have this metric.", "known_to_platform")


def sound(key: str | None, field: str) -> str:
    """The key, if it is one that the platform means to allow. Raises a Refusal."""
    error = checkmango_key((field,), key or "")
    if error:
        raise Refusal(ValidationFailed.of(error))
    return str(key)


def wrong(field: str, message: str, rule: str) -> Refusal:
    """The refusal of one field."""
    return Refusal(ValidationFailed.of(FieldError((field,), message, rule)))
