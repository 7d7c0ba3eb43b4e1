"""Experiments: the list, one of them, making, editing, copying, deleting and restoring."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from starlette.responses import Response

from tests.platforms.posthog import gate, inputs, lifecycle, lists
from tests.platforms.posthog.flags import filters_of, new_flag
from tests.platforms.posthog.merging import fields_of
from tests.platforms.posthog.state import State, status_of
from tests.platforms.standin import Answer, Ask, Refused, Routed, Row, stamp

BLANK: Row = {
    "description": "",
    "start_date": None,
    "end_date": None,
    "holdout_id": None,
    "exposure_cohort": None,
    "running_time_calculation": None,
    "secondary_metrics": [],
    "filters": {},
    "saved_metrics_ids": None,
    "exposure_criteria": None,
    "stats_config": {"method": "bayesian"},
    "scheduling_config": None,
    "only_count_matured_users": False,
    "exposure_preaggregation_enabled": False,
    "type": "product",
    "conclusion": None,
    "conclusion_comment": None,
    "archived": False,
    "deleted": False,
    "user_access_level": "editor",
    "is_legacy": False,
    "version": 1,
}
LEGACY_EDITS = frozenset({"name", "description", "end_date", "deleted"})
OF_THEIR_OWN = frozenset(
    {"start_date", "archived", "deleted", "holdout_id", "parameters", "feature_flag_key"}
)
"""Fields whose change is more than a new value."""

COPIED = (
    "description",
    "parameters",
    "exposure_criteria",
    "stats_config",
    "scheduling_config",
    "type",
    "tags",
    "running_time_calculation",
    "only_count_matured_users",
)


def one(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id/``."""
    return Answer(here.shown(here.experiment(ask)))


def row_of(here: State, said: Mapping[str, Any], flag: Row, author: int) -> Row:
    """A new draft of what was said, which is sound."""
    number = max(here.experiments, default=0) + 1
    plain = {k: deepcopy(v) for k, v in said.items() if k not in inputs.INSTRUCTIONS}
    at = stamp()
    row = {
        "id": number,
        **deepcopy(BLANK),
        "parameters": {},
        "tags": [],
        **plain,
        "start_date": None,
        "feature_flag_key": flag["key"],
        "feature_flag": flag,
        "holdout": here.holdouts.get(said.get("holdout_id") or 0),
        "metrics": inputs.named(said.get("metrics")),
        "metrics_secondary": inputs.named(said.get("metrics_secondary")),
        "saved_metrics": inputs.links(here, number, said.get("saved_metrics_ids"), at),
        "created_by": here.users.get(author),
        "created_at": at,
        "updated_at": at,
    }
    inputs.order(here, row, said)
    return row


def _flag(here: State, body: Mapping[str, Any], author: int) -> Row:
    """The flag of a new experiment: one that is there and fits, or a new one."""
    key = body["feature_flag_key"]
    parameters = body.get("parameters")
    found = next((flag for flag in here.feature_flags.values() if flag["key"] == key), None)
    variants = inputs.variants_of(here, parameters, web=body.get("type") == "web")
    if found is None:
        made = new_flag(here, key, variants or [dict(each) for each in inputs.VARIANTS], author)
        made["filters"] = filters_of(made, None, parameters)
        return made
    there = (found["filters"].get("multivariate") or {}).get("variants", [])
    refusal = inputs.against(there, control=not here.newest)
    if found["deleted"] or refusal:
        raise here.invalid(refusal or "Feature flag is deleted", "feature_flag_key")
    return found


def make(here: State, ask: Ask) -> Response:
    """``POST /experiments/``; with a date of its start it is launched at once."""
    body = ask.body
    inputs.check(here, body)
    for name in ("name", "feature_flag_key"):
        if not body.get(name):
            raise here.invalid("This field is required.", name)
    author = here.caller(ask)
    flag = _flag(here, body, author)
    row = row_of(here, body, flag, author)
    row["end_date"] = None
    if row["holdout"]:
        flag["filters"]["holdout"] = gate.held(row["holdout"])
    here.feature_flags[flag["id"]] = flag
    here.experiments[row["id"]] = row
    here.record(row["id"], "create")
    if body.get("start_date"):
        lifecycle.launch(here, ask, row, body["start_date"], view=False)
        here.record(row["id"], "launch")
    return Answer(here.shown(row), 201)


def duplicate(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/duplicate/``: a new draft with a new flag, or the same one."""
    old, author = here.experiment(ask), here.caller(ask)
    key = ask.body.get("feature_flag_key") or old["feature_flag_key"]
    said = {name: old[name] for name in COPIED}
    for name in ("metrics", "metrics_secondary"):
        said[name] = [{**metric, "uuid": None} for metric in old[name] or []]
    said |= {
        "name": ask.body.get("name") or f"{old['name']} (Copy)",
        "holdout_id": old["holdout_id"],
        "saved_metrics_ids": [
            {"id": link["saved_metric"], "metadata": link["metadata"]}
            for link in old["saved_metrics"]
        ],
    }
    known = next((flag for flag in here.feature_flags.values() if flag["key"] == key), None)
    flag = known
    if flag is None:
        variants = old["feature_flag"]["filters"]["multivariate"]["variants"]
        flag = new_flag(here, key, deepcopy(variants), author)
        here.feature_flags[flag["id"]] = flag
    row = row_of(here, said, flag, author)
    here.experiments[row["id"]] = row
    here.record(row["id"], "duplicate")
    return Answer(here.shown(row), 201)


# --- Editing


def edit(here: State, ask: Ask) -> Response:
    """``PATCH /experiments/:id/``: fields, and the parts of the lifecycle that are fields."""
    body = ask.body
    row = here.experiment(ask, deleted=body.get("deleted") is False)
    inputs.check(here, body)
    fields = fields_of(here, row, body)
    _editable(here, row, fields)
    words = _turns(here, ask, row, fields)
    _parameters(here, ask, row, fields)
    _fields(here, row, fields)
    if body.get("saved_metrics_ids") is not None:
        row["saved_metrics"] = inputs.links(here, row["id"], body["saved_metrics_ids"], stamp())
    inputs.order(here, row, body)
    here.touch(row)
    for word in words or ["edit"]:
        here.record(row["id"], word)
    return Answer(here.shown(row))


def _editable(here: State, row: Row, fields: Row) -> None:
    begun = row["start_date"] is not None
    if row["is_legacy"] and set(fields) - LEGACY_EDITS:
        raise here.invalid("This experiment uses legacy metrics and cannot be changed.")
    if fields.get("feature_flag_key", row["feature_flag_key"]) != row["feature_flag_key"]:
        raise here.invalid("Can't update keys: feature_flag_key on Experiment")
    if begun and fields.get("holdout_id", row["holdout_id"]) != row["holdout_id"]:
        raise here.invalid("Can't update holdout on running Experiment")
    if begun and fields.get("start_date", "") is None:
        raise here.invalid("Can't clear the start date of a launched Experiment", "start_date")
    variants = inputs.variants_of(here, fields.get("parameters"), web=row["type"] == "web")
    there = row["feature_flag"]["filters"]["multivariate"]["variants"]
    keys = {variant["key"] for variant in there}
    if begun and variants is not None and {each["key"] for each in variants} != keys:
        raise here.invalid("Can't update feature_flag_variants on Experiment")
    start = fields.get("start_date") or row["start_date"]
    end = fields.get("end_date")
    if end and (not start or datetime.fromisoformat(end) <= datetime.fromisoformat(start)):
        raise here.invalid("End date must be after start date", "end_date")


def _turns(here: State, ask: Ask, row: Row, fields: Row) -> list[str]:
    """Take the steps of the lifecycle that the fields mean; their names."""
    words = []
    deleted, archived = fields.get("deleted"), fields.get("archived")
    if deleted is False and row["deleted"] and row["feature_flag"]["deleted"]:
        raise here.invalid("The feature flag of this experiment is deleted. Restore it first.")
    if deleted is not None and bool(deleted) != bool(row["deleted"]):
        row["deleted"] = bool(deleted)
        words.append("delete" if deleted else "restore")
    if archived is not None and archived != row["archived"]:
        lifecycle.archive(here, row, wanted=archived)
        words.append("archive" if archived else "unarchive")
    if fields.get("start_date") and status_of(row) == "draft":
        lifecycle.launch(here, ask, row, fields["start_date"], view=False)
        words.append("launch")
    return words


def _parameters(here: State, ask: Ask, row: Row, fields: Row) -> None:
    """Parameters reach the flag of a draft; of others, only when the body says so."""
    if "parameters" not in fields:
        return
    flag, parameters = row["feature_flag"], fields["parameters"] or {}
    if row["start_date"] is None or ask.body.get("update_feature_flag_params"):
        variants = inputs.variants_of(here, parameters, web=row["type"] == "web")
        changes = {"filters": filters_of(flag, variants, parameters)}
        lifecycle.write_flag(here, ask, row, "edit", changes, view=False)
    row["parameters"] = parameters


def _fields(here: State, row: Row, fields: Row) -> None:
    if "holdout_id" in fields and fields["holdout_id"] != row["holdout_id"]:
        holdout = here.holdouts.get(fields["holdout_id"] or 0)
        row.update(holdout_id=fields["holdout_id"], holdout=holdout)
        filters = {**row["feature_flag"]["filters"], "holdout": gate.held(holdout)}
        here.write_flag(row["feature_flag"], {"filters": filters})
    for name, value in fields.items():
        if name in {"metrics", "metrics_secondary"}:
            row[name] = inputs.named(value)
        elif name not in OF_THEIR_OWN:
            row[name] = value
    if fields.get("start_date"):
        row["start_date"] = fields["start_date"]


def no_delete(here: State, _ask: Ask) -> Response:
    """``DELETE /experiments/:id/``, which the reference lists and the server refuses."""
    raise Refused(here.problem(405, 'Method "DELETE" not allowed.'))


ROUTES: list[Routed] = [
    ("GET", "/experiments", lists.experiments),
    ("POST", "/experiments", make),
    ("GET", "/experiments/{id:int}", one),
    ("PATCH", "/experiments/{id:int}", edit),
    ("PUT", "/experiments/{id:int}", edit),
    ("DELETE", "/experiments/{id:int}", no_delete),
    ("POST", "/experiments/{id:int}/duplicate", duplicate),
]
