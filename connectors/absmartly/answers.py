"""ABsmartly's answers: which key of an answer holds what, and what a bare object is told by."""

from typing import Any

from connectors.absmartly.payloads import SHAPES
from connectors.absmartly.states import PHASES
from connectors.payloads.shapes import Object
from connectors.payloads.vocabulary import Head, Vocabulary
from models.phase import Platform

SINGLES = {
    "alert": "alert",
    "application": "application",
    "experiment": "experiment",
    "experiment_alert": "alert",
    "experiment_custom_section_field": "custom_field",
    "experiment_note": "note",
    "experiment_tag": "experiment_tag",
    "file": "file",
    "file_upload": "file",
    "goal": "goal",
    "goal_tag": "goal_tag",
    "metric": "metric",
    "metric_tag": "metric_tag",
    "new_experiment": "experiment",
    "parent_experiment": "experiment",
    "segment": "segment",
    "team": "team",
    "unit_type": "unit_type",
    "user": "user",
}

LISTS = {f"{key}s": shape for key, shape in SINGLES.items()}

PLACELESS = frozenset(
    {
        *("api_keys", "asset_roles", "configs", "cors_allowed_origins", "environments"),
        *("event_datasource_configs", "experiment_action_dialog_fields", "experiment_annotations"),
        *("experiment_custom_sections", "experiment_recommended_actions", "export_configs"),
        *("experiment_update_schedules", "permissions", "permission_categories", "roles"),
        *("storage_configs", "team_members", "user_api_keys", "webhook_events", "webhooks"),
    }
)

MARKS: tuple[tuple[str, str], ...] = (
    ("goal_tag", "tag goals"),
    ("metric_tag", "tag metrics"),
    ("experiment_tag", "tag experiments"),
    *(("experiment", key) for key in ("iteration", "nr_variants", "percentage_of_traffic")),
    *(("experiment", key) for key in ("traffic_seed", "primary_metric_id", "unit_type_id")),
    ("experiment", "state variants"),
    ("experiment", "state created_by_user_id"),
    ("note", "note action"),
    ("note", "note experiment_id"),
    ("note", "reply_to_note_id"),
    ("metric", "type effect"),
    ("metric", "type goal_id"),
    ("metric", "format_str"),
    ("alert", "dismissed metadata"),
    ("alert", "experiment_id metadata"),
    ("file", "file_name base_url"),
    ("custom_field", "title section_id"),
    ("segment", "name value_source_attribute"),
    ("team", "name initials"),
    ("team", "name parent_team_id"),
    ("team", "name is_global_team"),
    ("team", "name users created_by_user_id"),
    ("metric_category", "name color"),
    ("goal", "name tags owners"),
    ("goal", "name teams owners"),
    *(("user", f"email {key}") for key in ("created_by_user_id", "department", "first_name")),
)
"""What tells a bare object: the first line of which it has every key."""


def recognise(value: Object) -> str | None:
    """The shape of an object that stands alone, by its own keys; None when it may be anything."""
    if value.get("state") in PHASES and ("id" in value or "name" in value):
        return "experiment"
    return next((shape for shape, keys in MARKS if value.keys() >= set(keys.split())), None)


FOREIGN = frozenset(
    {
        *("allocation_strategy", "allocations", "attributes", "authentication_flow"),
        *("feature_flag_id", "feature_flag_key", "kind", "metric_type"),
    }
)
"""Keys that nothing of ABsmartly has, and what others write under the same names has."""


def claims(head: Head) -> bool:
    """Whether a document can be ABsmartly's; an id that is a word is somebody else's."""
    words = ABSMARTLY
    if FOREIGN & head.keys():
        return False
    if words.bare & head.keys():
        return recognise(head) is not None
    known = head.keys() & (words.lists.keys() | words.singles.keys() | words.placeless)
    return bool(known) and not any(_is_foreign(head[key]) for key in known)


def _is_foreign(sample: Any) -> bool:
    if not isinstance(sample, dict):
        return False
    said = sample.get("id")
    return bool(FOREIGN & sample.keys()) or (isinstance(said, str) and not said.strip().isdigit())


def failure(head: Head) -> str | None:
    """What went wrong, where an answer says that it did."""
    if head.get("ok") is not False:
        return None
    said = head.get("errors") or ["no reason given"]
    return "; ".join(map(str, said if isinstance(said, list) else [said]))


ABSMARTLY = Vocabulary(
    platform=Platform.ABSMARTLY,
    name="ABsmartly",
    shapes={shape.name: shape for shape in SHAPES},
    lists=LISTS | {"metric_categories": "metric_category"},
    singles=SINGLES | {"metric_category": "metric_category"},
    placeless=PLACELESS,
    plain=frozenset({"errors", "items", "offset", "ok", "page", "total"}),
    bare=frozenset({"email", "id", "name", "tag", "title", "note"}),
    recognise=recognise,
    claims=claims,
    failure=failure,
    siblings={"experiment_note": ("experiment_id", "experiment")},
)
