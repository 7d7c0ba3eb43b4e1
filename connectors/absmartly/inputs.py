"""ABsmartly's input of an experiment, which is always the whole of it.

So an edit reads the experiment, takes away what the platform owns, and changes what changed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.absmartly.designs import fields_of, percentages_of, variant_of
from connectors.base import Task

Row = dict[str, Any]

OWNED = frozenset(
    {
        *("id", "environment_id", "version", "note", "seed", "traffic_seed", "archived"),
        *("created_at", "created_by", "created_by_user_id"),
        *("updated_at", "updated_by", "updated_by_user_id"),
        *("start_at", "stop_at", "development_at", "last_seen_in_code_at"),
        *("full_on_at", "full_on_variant", "feature_on_at", "feature_off_at", "feature_state"),
        *("primary_metric_id", "unit_type_id", "has_experiment_report", "experiment_report"),
        *("experiment_task_states", "experiment_update_schedule_id", "group_sequential_analyses"),
        *("iterations", "alerts", "recommended_action", "sample_size", "split"),
        *("preview_variants", "previews", "scheduled_actions", "favorites", "favorited_users"),
        *("notes", "new_experiment_notes", "parent_experiment", "template_iteration"),
    }
)
"""What the platform says of an experiment by itself, and takes from nobody."""

ROWS = {
    "owners": ("user_id",),
    "teams": ("team_id",),
    "experiment_tags": ("experiment_tag_id",),
    "applications": ("application_id", "application_version"),
    "secondary_metrics": ("metric_id", "type", "order_index"),
    "variants": ("variant", "name", "config"),
    "variant_screenshots": ("variant", "screenshot_file_upload_id", "label"),
}
"""The keys of each list's rows; what a row embeds is left out."""

REFERENCES = {"unit_type": "unit_type_id", "primary_metric": "metric_id"}
FIELD = "experiment_custom_section_field_id"


def input_of(experiment: Mapping[str, Any]) -> Row:
    """The input that would leave an experiment as it is."""
    taken = {key: value for key, value in experiment.items() if key not in OWNED}
    for key, name in REFERENCES.items():
        number = _number(experiment, key)
        taken[key] = None if number is None else {name: number}
    for key, names in ROWS.items():
        rows = experiment.get(key) or []
        taken[key] = [{name: row.get(name) for name in names} for row in rows if row]
    values = experiment.get("custom_section_field_values")
    taken["custom_section_field_values"] = _fields(values) if isinstance(values, list) else values
    return taken


def _number(experiment: Mapping[str, Any], key: str) -> Any:
    """The id of what a reference names: beside it, or nested in it."""
    nested = experiment.get(key) or {}
    return experiment.get(f"{key}_id") or nested.get("id") or nested.get(REFERENCES[key])


def _fields(rows: list[Any]) -> Row:
    """Values of custom fields by the field's id, as inputs have them."""
    return {
        str(row[FIELD]): {FIELD: row[FIELD], "type": row.get("type"), "value": row.get("value")}
        for row in rows
        if row and row.get(FIELD)
    }


# --- Edits: each makes of an input another one


def ready(data: Row, _: Task) -> Row:
    """Marked as ready."""
    return {**data, "state": "ready"}


def updated(data: Row, task: Task) -> Row:
    """With the fields that changed. Raises a Refusal for one that the platform has not."""
    return {**data, **fields_of(task.arguments["design"], task.arguments["fields"])}


def with_variant(data: Row, task: Task) -> Row:
    """With one more variant."""
    made = variant_of(task.arguments["variant"])
    others = [row for row in data["variants"] if row["variant"] != made["variant"]]
    return _split(data, task, sorted([*others, made], key=lambda row: row["variant"]))


def with_changed_variant(data: Row, task: Task) -> Row:
    """With one variant changed, as far as it changed."""
    was, now = (variant_of(task.arguments[name]) for name in ("was", "variant"))
    changed = {name: value for name, value in now.items() if value != was[name]}
    place = was["variant"]
    rows = [row | changed if row["variant"] == place else row for row in data["variants"]]
    return _split(data, task, rows)


def without_variant(data: Row, task: Task) -> Row:
    """Without one variant; those behind it move up, with their pictures."""
    gone = variant_of(task.arguments["was"])["variant"]
    size = len(task.arguments["design"]["variants"])
    if len(data["variants"]) <= size:  # it is gone already
        return _split(data, task, data["variants"])
    shots = _closed(data["variant_screenshots"], gone)
    return _split({**data, "variant_screenshots": shots}, task, _closed(data["variants"], gone))


def _closed(rows: list[Row], gone: int) -> list[Row]:
    return [
        {**row, "variant": row["variant"] - (row["variant"] > gone)}
        for row in rows
        if row["variant"] != gone
    ]


def _split(data: Row, task: Task, rows: list[Row]) -> Row:
    shares = percentages_of(task.arguments["design"])
    return {**data, "variants": rows, "nr_variants": len(shares.split("/")), "percentages": shares}


EDITS: dict[str, Callable[[Row, Task], Row]] = {
    "MARK_READY": ready,
    "UPDATE": updated,
    "CREATE_VARIANT": with_variant,
    "UPDATE_VARIANT": with_changed_variant,
    "DELETE_VARIANT": without_variant,
}
