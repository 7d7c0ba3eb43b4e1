"""From an experiment's design, as one document, to what Auth0 takes: only what differs."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.auth0.reading import Row
from connectors.refusals import unsupported
from models.arguments import FieldError
from models.errors import Refusal, ValidationFailed
from models.phase import Platform

OLDER, NEWER = 1, 2
DEVICE = {"subject": "device"}
"""The only subject that the first generation assigns."""

NOT_THERE = frozenset(
    {
        *("seed", "traffic_seed", "audience_strict", "percentage_of_traffic"),
        *("holdout", "exposure_criteria", "stats_config"),
    }
)
"""What Auth0 has no place for though it would change who gets what; words stay here."""

PERCENTAGE, SEGMENT = "PERCENTAGE", "SEGMENT"
UNCHANGEABLE = frozenset({"feature_flag", "allocation_strategy"})

Design = Mapping[str, Any]


def require_whole(design: Design) -> None:
    """Raises a Refusal where something is missing that no experiment can be without."""
    details = design.get("details") or {}
    for said, path in (
        (design["feature_flag"], ("featureFlag",)),
        (details.get("authentication_flow"), ("auth0", "authenticationFlow")),
    ):
        if not said:
            message = f"{path[-1]} must be given: Auth0 has no experiment without."
            raise Refusal(ValidationFailed.of(FieldError(path, message, "required")))


def made(design: Design, generation: int) -> Row:
    """The body that makes an experiment of a design, which is whole. Raises a Refusal."""
    details = design.get("details") or {}
    body = {
        "name": design["key"],
        "description": design["description"] or None,
        "feature_flag_id": design["feature_flag"],
        "authentication_flow": details.get("authentication_flow"),
        "allocation_strategy": (design["allocation_strategy"] or PERCENTAGE).lower(),
        "allocations": (_allocations(design) or _even(design)) or None,
        **_of_generation(design, generation),
    }
    return {name: value for name, value in body.items() if value is not None}


def _of_generation(design: Design, generation: int) -> Row:
    details = design.get("details") or {}
    if generation == OLDER:
        return {"assignment_config": details.get("assignment_config") or DEVICE}
    return {"default_config": details.get("default_config"), "levels": design["ramp_levels"]}


def changed(design: Design, fields: Iterable[str], fresh: Row) -> Row:
    """The body that makes those fields of the design so, as far as they are not. Raises a Refusal.

    ``fresh`` is the experiment as Auth0 shows it now.
    """
    names = set(fields)
    require_possible(names)
    body: Row = {}
    for name in sorted(names & FIELDS.keys(), reverse=True):
        body |= FIELDS[name](design)
    return {name: value for name, value in body.items() if not _is_so(name, value, fresh)}


def require_possible(names: set[str]) -> None:
    """Raises a Refusal where Auth0 has no such thing, or none that can change."""
    fixed = names & UNCHANGEABLE
    if fixed:
        field = camel(min(fixed))
        message = f"{field} cannot change once Auth0 has the experiment."
        raise Refusal(ValidationFailed.of(FieldError((field,), message, "unchangeable")))
    if names & NOT_THERE:
        raise unsupported(Platform.AUTH0, "UPDATE", camel(min(names & NOT_THERE)))


def camel(name: str) -> str:
    """The name of a field as the graph has it."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _is_so(name: str, value: Any, fresh: Row) -> bool:
    there = fresh.get(name)
    if name == "allocations" and isinstance(there, list):
        return list(map(_said, value)) == [_said(each) for each in there if isinstance(each, dict)]
    return bool(value == there) or (value in (None, "") and there in (None, ""))


SAID = ("variation_id", "is_control", "weight", "segment_id", "priority", "is_fallback")


def _said(allocation: Row) -> Row:
    """What an allocation says, without what answers add: no fallback is the same as silence."""
    said = {name: allocation.get(name) for name in SAID}
    return {name: value for name, value in said.items() if value not in (None, False)}


# --- One field of the design each


def _allocations(design: Design) -> list[Row]:
    by_segment = design["allocation_strategy"] == SEGMENT
    return [
        (_by_segment if by_segment else _by_weight)(allocation, place)
        for place, allocation in enumerate(design["allocations"])
    ]


def _reweighed(design: Design) -> list[Row]:
    """The allocations with the shares of the variants, as far as a variant has one of its own."""
    shares = {each["external_id"]: each for each in design["variants"] if each["external_id"]}
    named = Counter(each["variant"] for each in design["allocations"])
    found = []
    for allocation in design["allocations"]:
        arm = shares.get(allocation["variant"]) if named[allocation["variant"]] == 1 else None
        said = {name: arm[name] for name in ("weight", "is_control")} if arm else {}
        found.append({**allocation, **said})
    return _allocations({**design, "allocations": found})


def with_arm(design: Design, variant: Mapping[str, Any], identity: str) -> list[Row]:
    """The allocations with one more variation, which gets its share, or nothing."""
    others = [each for each in _reweighed(design) if each["variation_id"] != identity]
    control = variant["is_control"] and not any(each["is_control"] for each in others)
    said = {"variant": identity, "weight": variant["weight"] or 0, "is_control": control}
    return [*others, _by_weight(said, len(others))]


def _even(design: Design) -> list[Row]:
    """The allocations that follow from the variants, where nothing else is said of them."""
    variants = design["variants"]
    if design["allocation_strategy"] == SEGMENT or None in [each["weight"] for each in variants]:
        return []
    return [
        _by_weight({**each, "variant": each["external_id"]}, place)
        for place, each in enumerate(variants)
    ]


def _variation(allocation: Row, place: int) -> str:
    if allocation["variant"] is None:
        path = ("allocations", str(place), "variantIndex")
        raise Refusal(
            ValidationFailed.of(FieldError(path, "Auth0 has no such variation yet.", "unknown"))
        )
    return str(allocation["variant"])


def _by_weight(allocation: Row, place: int) -> Row:
    weight = allocation["weight"]
    whole = isinstance(weight, float) and weight.is_integer()
    return {
        "variation_id": _variation(allocation, place),
        "is_control": bool(allocation["is_control"]),
        **({} if weight is None else {"weight": int(weight) if whole else weight}),
    }


def _by_segment(allocation: Row, place: int) -> Row:
    optional = {
        "segment_id": allocation["segment"],
        "priority": allocation["priority"],
        "is_fallback": allocation["is_fallback"] or None,
    }
    return {
        "variation_id": _variation(allocation, place),
        "is_control": bool(allocation["is_control"]),
        **{name: value for name, value in optional.items() if value is not None},
    }


DETAILS = ("authentication_flow", "assignment_config", "default_config")
"""What only Auth0 says of an experiment, and takes; each generation says what it has."""


def _details(design: Design) -> Row:
    details = design.get("details") or {}
    return {name: details[name] for name in DETAILS if details.get(name) is not None}


FIELDS: dict[str, Callable[[Design], Row]] = {
    "name": lambda design: {"name": design["name"]},
    "key": lambda design: {"name": design["key"]},
    "description": lambda design: {"description": design["description"] or None},
    "allocations": lambda design: {"allocations": _allocations(design)},
    "percentages": lambda design: {"allocations": _reweighed(design)},
    "variants": lambda design: {"allocations": _reweighed(design)},
    "ramp_levels": lambda design: {"levels": design["ramp_levels"]},
    "details": _details,
}
"""What each part of the design is called and looks like there.

A key goes before a name, and what is said of allocations before what is said of variants.
"""


# --- Variations


def name_of(variant: Mapping[str, Any]) -> str:
    """What a variant's variation is called. Raises a Refusal where it has no name."""
    name = variant["name"] or variant["key"]
    if not name:
        error = FieldError(("name",), "A variation on Auth0 must have a name.", "required")
        raise Refusal(ValidationFailed.of(error))
    return str(name)


def variation(variant: Mapping[str, Any]) -> Row:
    """The body of a variation. Raises a Refusal."""
    return {
        "name": name_of(variant),
        "description": variant["description"] or None,
        "overrides": overrides_of(variant["config"]),
    }


def overrides_of(config: str | None) -> Row:
    """What a variant's configuration overrides: ``{"colour": {"value": "green"}}``.

    Bare values are taken too. Raises a Refusal.
    """
    try:
        said = json.loads(config) if config else {}
    except ValueError:
        said = None
    if not isinstance(said, dict):
        error = FieldError(("config",), "config must be a JSON object of overrides.", "json")
        raise Refusal(ValidationFailed.of(error))
    return {
        key: value if isinstance(value, dict) and value.keys() == {"value"} else {"value": value}
        for key, value in said.items()
    }
