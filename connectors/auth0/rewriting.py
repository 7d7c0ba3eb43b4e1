"""From Auth0's objects to what their shapes read: pure functions that take anything.

Keys with an @ are made here. An experiment names variations, and has the arms that it allocates:
one for each variation, however many allocations give units to it.
"""

from collections.abc import Sequence
from typing import Any

from connectors.payloads.looking import objects, part, tried, word
from connectors.payloads.shapes import Object
from connectors.payloads.values import flag, number
from models.split import Split

SAID_OF_ARM = ("variation_name", "variation_snapshot")
"""What newer releases say of a variation with each of its allocations."""


def experiment(value: Object) -> Object:
    """An experiment: its flag, its arms, and who is assigned."""
    made: dict[str, Any] = {**_flag(value)}
    subject = word(part(value, "assignment_config").get("subject"))
    if subject:
        made["@unit_type"] = {"name": subject}
    if isinstance(value.get("allocations"), list):
        made |= _arms(objects(value["allocations"]))
    return {**value, **made}


def _flag(value: Object) -> dict[str, Any]:
    """What newer releases say of the flag beside its id: what it and its variations are called."""
    names = {
        allocation["variation_id"]: {"id": allocation["variation_id"], "name": name}
        for allocation in objects(value.get("allocations"))
        if word(allocation.get("variation_id")) and (name := word(allocation.get("variation_name")))
    }
    name = word(value.get("feature_flag_name"))
    said: dict[str, Any] = {"name": name} if name else {}
    said |= {"variations": list(names.values())} if names else {}
    return {"@flag": said} if said and word(value.get("feature_flag_id")) else {}


def _arms(allocations: Sequence[Object]) -> dict[str, Any]:
    arms: dict[str, dict[str, Any]] = {}
    for allocation in allocations:
        variation = word(allocation.get("variation_id"))
        if variation:
            arm = arms.setdefault(variation, {"variation_id": variation, "is_control": False})
            arm["is_control"] |= tried(flag, allocation.get("is_control")) is True
            arm |= {key: allocation[key] for key in SAID_OF_ARM if allocation.get(key) is not None}
            weight = tried(number, allocation.get("weight"))
            if weight is not None:
                arm["weight"] = arm.get("weight", 0) + weight
    weights = {place: arm.setdefault("weight", None) for place, arm in enumerate(arms.values())}
    return {
        "@variants": list(arms.values()),
        "@variant_count": len(arms),
        "@percentages": Split(weights).percentages,
        "allocations": [_allocation(allocation) for allocation in allocations],
    }


def _allocation(allocation: Object) -> Object:
    variation = word(allocation.get("variation_id"))
    segment = word(allocation.get("segment_name"))
    made: dict[str, Any] = {"@variant": {"variation_id": variation}} if variation else {}
    if segment and word(allocation.get("segment_id")):
        made["@segment"] = {"name": segment}
    return {**allocation, **made}


def variation(value: Object) -> Object:
    """A variation by itself, as what it says of its flag."""
    identity = value.get("id") or value.get("variation_id")
    said = {key: item for key, item in value.items() if key != "variation_id"}
    return {"id": value.get("feature_flag_id"), "variations": [{**said, "id": identity}]}


def ramp(value: Object) -> Object:
    """The answer to a step of a ramp, as what it says of its experiment."""
    level = value.get("current_level", value.get("to_level"))
    return {"id": value.get("experiment_id"), "current_level": level}
