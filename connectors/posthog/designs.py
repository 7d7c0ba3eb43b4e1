"""From an experiment's design, as one document, to what PostHog takes: only what differs."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.payloads.looking import part
from connectors.posthog.reading import Row, phase_of
from connectors.refusals import unsupported
from models.arguments import FieldError
from models.errors import Refusal, ValidationFailed
from models.phase import Phase, Platform

WRITABLE_DETAILS = (
    "metrics",
    "metrics_secondary",
    "primary_metrics_ordered_uuids",
    "secondary_metrics_ordered_uuids",
    "scheduling_config",
    "running_time_calculation",
    "exposure_preaggregation_enabled",
    "only_count_matured_users",
)
"""What only PostHog says of an experiment, and takes. What is of an older form is never written."""

FOLDER = "_create_in_folder"
MADE_BY_SERVER = frozenset({"uuid", "fingerprint"})
TYPES = {"WEB": "web", "PRODUCT": "product"}

NOT_THERE = frozenset(
    {
        *("seed", "traffic_seed", "audience_strict"),
        *("ramp_levels", "allocations", "allocation_strategy"),
    }
)
"""What PostHog has no place for though it would change what people get; words stay here."""

PLAN, EFFECT = "running_time_calculation", "minimum_detectable_effect"
"""Where newer releases keep what an experiment is planned from; older ones in ``parameters``."""

UNCHANGEABLE = frozenset({"key", "feature_flag"})
PARAMETERS = frozenset({"variants", "percentages", "percentage_of_traffic", EFFECT, "details"})
"""Parts of the design that may reach into ``parameters``, which is replaced as a whole."""

ON_THE_FLAG = (
    "feature_flag_variants",
    "rollout_percentage",
    "aggregation_group_type_index",
    "ensure_experience_continuity",
    "feature_flag_payloads",
)

Design = Mapping[str, Any]


def made(design: Design) -> Row:
    """The body that makes an experiment of a design. Raises a Refusal."""
    body = {**_body(design, FIELDS, {}), "parameters": _parameters(design, PARAMETERS, {})}
    folder = part(design, "details").get(FOLDER)
    filled = {name: value for name, value in body.items() if value not in (None, [])}
    return {
        "feature_flag_key": design["key"],
        **filled,
        **({FOLDER: folder} if folder else {}),
    }


def changed(design: Design, fields: Iterable[str], fresh: Row) -> Row:
    """The body that makes those fields of the design so, as far as they are not. Raises a Refusal.

    ``fresh`` is the experiment as PostHog shows it now.
    """
    names = set(fields)
    require_possible(names)
    body = _body(design, names, fresh)
    planned = part(fresh, PLAN)
    if EFFECT in names and planned.get(EFFECT) is not None:
        names.remove(EFFECT)
        body[PLAN] = {**planned, **part(body, PLAN), EFFECT: _plain_number(design[EFFECT])}
    if names & PARAMETERS:
        parameters = _parameters(design, names, fresh)
        if not alike(parameters, part(fresh, "parameters")):
            body["parameters"] = parameters
    body = {name: value for name, value in body.items() if not _is_so(name, value, fresh)}
    if _reaches_flag(body, fresh) and phase_of(fresh) is not Phase.DRAFT:
        body["update_feature_flag_params"] = True
    return body


def _reaches_flag(body: Row, fresh: Row) -> bool:
    """Whether parameters change that the flag must follow; the others must leave it as it is."""
    mine, theirs = part(body, "parameters"), part(fresh, "parameters")
    return any(key in mine and not alike(mine[key], theirs.get(key)) for key in ON_THE_FLAG)


def require_possible(names: set[str]) -> None:
    """Raises a Refusal where PostHog has no such thing, or none that can change."""
    fixed = names & UNCHANGEABLE
    if fixed:
        field = camel(min(fixed))
        message = f"{field} cannot change once PostHog has the experiment."
        raise Refusal(ValidationFailed.of(FieldError((field,), message, "unchangeable")))
    if names & NOT_THERE:
        raise unsupported(Platform.POSTHOG, "UPDATE", camel(min(names & NOT_THERE)))


def camel(name: str) -> str:
    """The name of a field as the graph has it."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def alike(mine: Any, theirs: Any) -> bool:
    """Whether theirs is mine, apart from what the platform adds to it by itself."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return all(
            alike(value, theirs.get(name))
            for name, value in mine.items()
            if name not in MADE_BY_SERVER or value is not None
        )
    if isinstance(mine, list) and isinstance(theirs, list):
        return len(mine) == len(theirs) and all(map(alike, mine, theirs))
    return bool(mine == theirs) or (mine in (None, [], {}) and theirs in (None, [], {}))


def _body(design: Design, names: Iterable[str], fresh: Row) -> Row:
    body: Row = {}
    for name in names:
        if name in FIELDS:
            body |= FIELDS[name](design)
    if "details" in names or not fresh:
        details = design.get("details") or {}
        body |= {name: details[name] for name in WRITABLE_DETAILS if name in details}
    return body


def _is_so(name: str, value: Any, fresh: Row) -> bool:
    """Whether PostHog shows a field so already."""
    if name == "saved_metrics_ids":
        links = fresh.get("saved_metrics") or []
        there = [{"id": link["saved_metric"], "metadata": link.get("metadata")} for link in links]
        return alike(value, there)
    if name == "holdout_id":
        return bool(value == part(fresh, "holdout").get("id", fresh.get("holdout_id")))
    return name != "parameters" and alike(value, fresh.get(name))


# --- One field of the design each


def _saved_metrics(design: Design) -> Row:
    links = []
    for link in design["saved_metrics"]:
        rank = "primary" if link["role"] == "PRIMARY" else "secondary"
        metadata = {**(link.get("link_metadata") or {}), "type": rank}
        links.append({"id": number(link["saved_metric"], "savedMetrics"), "metadata": metadata})
    return {"saved_metrics_ids": links}


def _holdout(design: Design) -> Row:
    said = design["holdout"]
    return {"holdout_id": None if said is None else number(said, "holdout")}


def _type(design: Design) -> Row:
    return {"type": design["native_type"] or TYPES.get(design["type"])}


def number(external_id: str | None, field: str) -> int:
    """The number that PostHog knows a thing by. Raises a Refusal where it does not know it."""
    if external_id is not None and external_id.isdecimal():
        return int(external_id)
    message = f"{field} names something that PostHog does not have."
    raise Refusal(ValidationFailed.of(FieldError((field,), message, "unknown")))


FIELDS: dict[str, Callable[[Design], Row]] = {
    "name": lambda design: {"name": design["name"]},
    "description": lambda design: {"description": design["description"]},
    "type": _type,
    "native_type": _type,
    "holdout": _holdout,
    "exposure_criteria": lambda design: {"exposure_criteria": design["exposure_criteria"]},
    "stats_config": lambda design: {"stats_config": design["stats_config"]},
    "saved_metrics": _saved_metrics,
    "tags": lambda design: {"tags": design["tag_names"]},
}
"""What each part of the design is called and looks like there."""


# --- Parameters


def _parameters(design: Design, names: Iterable[str], fresh: Row) -> Row:
    """The parameters, whole: those that are there, with what the design says otherwise."""
    wanted, there = set(names), part(fresh, "parameters")
    said = part(design, "details").get("parameters") if "details" in wanted else None
    parameters = dict(there)
    if isinstance(said, dict):
        kept = {name: there[name] for name in ON_THE_FLAG if name in there}
        parameters = {**said, **kept}
    if {"variants", "percentages"} & wanted:
        parameters["feature_flag_variants"] = _variants(design, there)
        payloads = {
            each["key"]: _payload(each["config"])
            for each in design["variants"]
            if each.get("config") is not None
        }
        if payloads:
            parameters["feature_flag_payloads"] = payloads
    for field, key in (
        ("percentage_of_traffic", "rollout_percentage"),
        (EFFECT, EFFECT),
    ):
        if field in wanted and design[field] is not None:
            parameters[key] = _plain_number(design[field])
    return parameters


def _variants(design: Design, there: Mapping[str, Any]) -> list[Row]:
    """The variants with their shares, under the name that this release has for a share."""
    known = there.get("feature_flag_variants") or [{}]
    share = "split_percent" if "split_percent" in known[0] else "rollout_percentage"
    split = (design.get("percentages") or "").split("/")
    found = []
    for place, variant in enumerate(design["variants"]):
        if not variant["key"]:
            path = ("variants", str(place), "key")
            message = "A variant on PostHog must have a key."
            raise Refusal(ValidationFailed.of(FieldError(path, message, "required")))
        weight = variant["weight"]
        if weight is None and place < len(split):
            weight = split[place] or None
        name = {"name": variant["name"]} if variant["name"] else {}
        found.append({"key": variant["key"], **name, share: _plain_number(weight)})
    return found


def _plain_number(value: Any) -> Any:
    """A number, whole where it is whole."""
    if value is None:
        return None
    found = float(value)
    return int(found) if found.is_integer() else found


def _payload(config: str) -> Any:
    try:
        return json.loads(config)
    except ValueError:
        return config
