"""The input of an experiment, which is always the whole of it: what is absent is emptied."""

from typing import Any

from tests.platforms.absmartly.nouns import linked
from tests.platforms.absmartly.state import State
from tests.platforms.standin import Row, stamp

PLAIN = (
    "name",
    "display_name",
    "type",
    "nr_variants",
    "percentages",
    "percentage_of_traffic",
    "audience",
    "audience_strict",
    "analysis_type",
    "required_alpha",
    "required_power",
    "minimum_detectable_effect",
    "baseline_primary_metric_mean",
    "baseline_primary_metric_stdev",
    "baseline_participants_per_day",
    "group_sequential_futility_type",
    "group_sequential_analysis_count",
    "group_sequential_min_analysis_interval",
    "group_sequential_first_analysis_interval",
    "group_sequential_max_duration_interval",
    "parent_experiment_id",
    "parent_experiment_iteration",
    "template_name",
    "template_description",
    "template_permission",
)
"""What is stored as it comes."""

REQUIRED = ("name", "type", "nr_variants", "percentages", "percentage_of_traffic", "variants")
TYPES = frozenset({"test", "feature", "test_template", "feature_template"})
LINKED = (
    *("owners", "teams", "experiment_tags", "applications", "secondary_metrics"),
    "variant_screenshots",
)
BLANK: Row = {
    "feature_state": None,
    "development_at": None,
    "start_at": None,
    "stop_at": None,
    "full_on_at": None,
    "full_on_variant": None,
    "feature_on_at": None,
    "feature_off_at": None,
    "last_seen_in_code_at": None,
    "archived": False,
    "template_iteration": None,
    "experiment_report": None,
    "sample_size": None,
    "recommended_action": None,
}
EMPTY = (
    "scheduled_actions",
    "preview_variants",
    "alerts",
    "group_sequential_analyses",
    "experiment_task_states",
)


def blank() -> Row:
    """What the platform itself says of a new experiment; its lists are its own."""
    return {**BLANK, **{key: [] for key in EMPTY}}


def split(percentages: str) -> list[int]:
    """The weights in ``50/50``; none where they cannot be read."""
    parts = percentages.split("/")
    return [int(part) for part in parts] if all(part.isdecimal() for part in parts) else []


def wrong(here: State, data: Row, *, complete: bool) -> list[str]:
    """Everything that is wrong with an input; ``complete`` is asked of what is not a draft."""
    missing = [f"{name} is required" for name in REQUIRED if data.get(name) is None]
    if missing:
        return missing
    weights, variants = split(str(data["percentages"])), data["variants"]
    metric = here.metrics.get(_reference(data, "primary_metric", "metric_id") or 0)
    used = [metric, *(here.metrics.get(row["metric_id"]) for row in _rows(data))]
    drafts = [each for each in used if each and each["lifecycle_status"] == "draft"]
    checks = (
        (data["type"] in TYPES, "type is unknown"),
        (data["nr_variants"] in range(2, 5), "nr_variants must be between 2 and 4"),
        (len(variants) == data["nr_variants"], "variants must be as many as nr_variants"),
        (len(weights) == data["nr_variants"], "percentages must name every variant"),
        (sum(weights) == 100, "percentages must add up to 100"),
        (data["percentage_of_traffic"] in range(101), "percentage_of_traffic must be 0 to 100"),
        (_known(here, data), "unit_type is required"),
        (metric or data["type"] != "test" or not complete, "primary_metric is required"),
        (not drafts, "a draft metric cannot be attached"),
    )
    return [text for good, text in checks if not good]


def taken(here: State, number: int, data: Row) -> Row:
    """The fields of an experiment from an input that is sound. Raises Refused with 422."""
    unit = _reference(data, "unit_type", "unit_type_id")
    metric = _reference(data, "primary_metric", "metric_id")
    row = {name: data.get(name) for name in PLAIN}
    template = here.experiments.get(row["parent_experiment_id"] or 0)
    shown = ("updated_at", "archived")
    row |= {
        "parent_experiment": template and {key: template[key] for key in shown},
        "split": [weight / 100 for weight in split(data["percentages"])],
        "unit_type_id": unit,
        "unit_type": here.unit_types[unit] if unit else None,
        "primary_metric_id": metric,
        "primary_metric": here.metrics[metric] if metric else None,
        "variants": [{**each, "experiment_id": number} for each in data["variants"]],
        "custom_section_field_values": custom(here, number, data),
    }
    return row | {key: linked(here, "experiment", number, key, data.get(key)) for key in LINKED}


def custom(here: State, number: int, data: Row) -> list[Row]:
    """Rows of custom fields, from the map by number that inputs have, or from rows."""
    said = data.get("custom_section_field_values") or {}
    if isinstance(said, list):
        said = {each["experiment_custom_section_field_id"]: each for each in said if each}
    rows = []
    for key, value in said.items():
        field = here.custom_fields.get(int(key))
        if field is None:
            raise here.refuse(422, f"custom section field {key} does not exist")
        rows.append(
            {
                "experiment_id": number,
                "experiment_custom_section_field_id": field["id"],
                "type": field["type"],
                "value": value["value"],
                "updated_at": stamp(),
                "updated_by_user_id": 1,
                "custom_section_field": field,
            }
        )
    return rows


def _rows(data: Row) -> list[Row]:
    return [row for row in data.get("secondary_metrics") or [] if row]


def _reference(data: Row, key: str, name: str) -> Any:
    said = data.get(key)
    return said.get(name, said.get("id")) if isinstance(said, dict) else None


def _known(here: State, data: Row) -> bool:
    return _reference(data, "unit_type", "unit_type_id") in here.unit_types
