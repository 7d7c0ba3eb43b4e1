"""A design as ABsmartly's input has it: a table of the fields that the platform knows."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.absmartly.payloads import TYPES
from connectors.refusals import unsupported
from models.arguments import FieldError
from models.errors import Refusal, ValidationFailed
from models.phase import Platform

Row = dict[str, Any]
Design = Mapping[str, Any]

NATIVE_TYPES = {ours: theirs for theirs, ours in TYPES.items()}
WHOLE = 100
PROSE = (
    "description",
    "hypothesis",
    "prediction",
    "action_points",
    "implementation_details",
    "other",
)
DETAILS = (
    "analysis_type",
    "required_alpha",
    "required_power",
    "baseline_primary_metric_mean",
    "baseline_primary_metric_stdev",
    "baseline_participants_per_day",
    "group_sequential_futility_type",
    "group_sequential_analysis_count",
    "group_sequential_min_analysis_interval",
    "group_sequential_first_analysis_interval",
    "group_sequential_max_duration_interval",
    "template_name",
    "template_description",
    "template_permission",
)
"""Keys of ``details`` that the platform takes from us."""

ANALYSIS = {
    "analysis_type": "group_sequential",
    "required_alpha": "0.1",
    "required_power": "0.8",
    "baseline_participants_per_day": "33",
}
"""What the platform's own tools say of a new test, where nothing else is said."""

GROUP_SEQUENTIAL = {
    "group_sequential_futility_type": "binding",
    "group_sequential_min_analysis_interval": "1d",
    "group_sequential_first_analysis_interval": "7d",
    "group_sequential_max_duration_interval": "6w",
}


def whole_input(design: Design) -> Row:
    """The input of a new experiment, a draft. Raises a Refusal for what the platform knows not."""
    said = {name: value for name, value in fields_of(design, FIELDS).items() if value is not None}
    traffic = {"percentage_of_traffic": WHOLE, "audience_strict": False}
    made = {**traffic, **said, "state": "created"}
    if made["type"] == "test":
        made = {**ANALYSIS, **made}
        if made["analysis_type"] == "group_sequential":
            made = {**GROUP_SEQUENTIAL, **made}
    return made


def fields_of(design: Design, names: Iterable[str]) -> Row:
    """The part of an input that fields of a design make.

    Raises a Refusal for a field that the platform has not, or that names what it knows not.
    """
    strange = [name for name in names if name not in FIELDS]
    if strange:
        raise unsupported(Platform.ABSMARTLY, "UPDATE", f"such {strange[0]}")
    made: Row = {}
    for name in names:
        made |= FIELDS[name](design)
    return made


def variant_of(variant: Mapping[str, Any]) -> Row:
    """A variant as inputs have it."""
    name = variant["name"] or variant["key"] or ""
    return {"variant": variant["index"], "name": name, "config": variant["config"]}


def percentages_of(design: Design) -> str:
    """The split: as it is said, else by the variants' weights, else even."""
    if design["percentages"]:
        return str(design["percentages"])
    weights = [variant["weight"] for variant in design["variants"]]
    if not weights or None in weights:
        count = len(weights) or 1
        weights = [WHOLE // count + (place < WHOLE % count) for place in range(count)]
    return "/".join(f"{weight:g}" for weight in weights)


def _variants(design: Design) -> Row:
    return {"variants": [variant_of(variant) for variant in design["variants"]]} | _split(design)


def _split(design: Design) -> Row:
    shares = percentages_of(design)
    return {"percentages": shares, "nr_variants": len(shares.split("/"))}


def _type(design: Design) -> Row:
    return {"type": NATIVE_TYPES.get(design["type"]) or design["native_type"] or "test"}


def _traffic(design: Design) -> Row:
    share = design["percentage_of_traffic"]
    return {"percentage_of_traffic": int(share) if share is not None and share % 1 == 0 else share}


def _secondary(design: Design) -> Row:
    placed: Counter[str] = Counter()
    rows = []
    for row in design["secondary_metrics"]:
        kind = row["role"].lower()
        number = _number("secondaryMetrics", row["metric"])
        rows.append({"metric_id": number, "type": kind, "order_index": placed[kind]})
        placed[kind] += 1
    return {"secondary_metrics": rows}


def _applications(design: Design) -> Row:
    return {
        "applications": [
            {
                "application_id": _number("applications", row["application"]),
                "application_version": row["application_version"] or "0",
            }
            for row in design["applications"]
        ]
    }


def _details(design: Design) -> Row:
    details = design["details"] or {}
    return {name: details[name] for name in DETAILS if name in details}


def _same(name: str, key: str | None = None) -> Callable[[Design], Row]:
    return lambda design: {key or name: design[name]}


def _one(name: str, path: str, key: str) -> Callable[[Design], Row]:
    def take(design: Design) -> Row:
        found = design[name]
        return {name: None if found is None else {key: _number(path, found)}}

    return take


def _many(name: str, to: str, key: str) -> Callable[[Design], Row]:
    return lambda design: {to: [{key: _number(name, each)} for each in design[name]]}


def _number(path: str, external_id: str | None) -> int:
    """The platform's number of a thing. Raises a Refusal where it knows it not."""
    if external_id is None or not external_id.isdecimal():
        message = f"{Platform.ABSMARTLY} does not know what {path} names."
        raise Refusal(ValidationFailed.of(FieldError((path,), message, "known_to_platform")))
    return int(external_id)


FIELDS: dict[str, Callable[[Design], Row]] = {
    "key": _same("key", "name"),
    "name": _same("name", "display_name"),
    "type": _type,
    "native_type": _type,
    "variants": _variants,
    "percentages": _split,
    "variant_count": _split,
    "percentage_of_traffic": _traffic,
    "audience": _same("audience"),
    "audience_strict": _same("audience_strict"),
    "minimum_detectable_effect": _same("minimum_detectable_effect"),
    "unit_type": _one("unit_type", "unitType", "unit_type_id"),
    "primary_metric": _one("primary_metric", "primaryMetric", "metric_id"),
    "secondary_metrics": _secondary,
    "applications": _applications,
    "owners": _many("owners", "owners", "user_id"),
    "teams": _many("teams", "teams", "team_id"),
    "tags": _many("tags", "experiment_tags", "experiment_tag_id"),
    "tag_names": lambda _: {},  # said by ``tags``
    "details": _details,
    **{name: _same(name) for name in PROSE},
}
"""What each field of a design is in the platform's input."""
