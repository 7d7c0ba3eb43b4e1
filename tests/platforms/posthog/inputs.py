"""What may be written of an experiment and of a metric, and what is said against it."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.platforms.posthog.state import State
from tests.platforms.standin import Row

WRITABLE = frozenset(
    {
        *("name", "description", "start_date", "end_date", "feature_flag_key", "holdout_id"),
        *("parameters", "running_time_calculation", "metrics", "metrics_secondary"),
        *("secondary_metrics", "filters", "saved_metrics_ids", "primary_metrics_ordered_uuids"),
        *("secondary_metrics_ordered_uuids", "exposure_criteria", "stats_config"),
        *("scheduling_config", "only_count_matured_users", "exposure_preaggregation_enabled"),
        *("type", "conclusion", "conclusion_comment", "archived", "deleted", "version", "tags"),
        *("original_experiment", "allow_unknown_events", "update_feature_flag_params"),
        *("_create_in_folder",),
    }
)
READ_ONLY = frozenset(
    {
        *("id", "feature_flag", "holdout", "exposure_cohort", "saved_metrics", "status"),
        *("created_by", "created_at", "updated_at", "user_access_level", "is_legacy"),
    }
)
INSTRUCTIONS = frozenset(
    {
        *("version", "original_experiment", "allow_unknown_events", "_create_in_folder"),
        *("update_feature_flag_params", "saved_metrics_ids"),
    }
)
"""What a body may hold that is no field of the experiment."""

CONCLUSIONS = frozenset({"won", "lost", "inconclusive", "stopped_early", "invalid"})
LENGTHS = {"name": 400, "description": 3000}
BOUND = {
    "mean": ("source",),
    "funnel": ("series",),
    "ratio": ("numerator", "denominator"),
    "retention": (
        "start_event",
        "completion_event",
        "retention_window_start",
        "retention_window_end",
        "retention_window_unit",
        "start_handling",
    ),
}
"""What each type of metric must say."""

NODES = frozenset({"EventsNode", "ActionsNode", "ExperimentDataWarehouseNode"})
SOURCES = ("source", "numerator", "denominator", "start_event", "completion_event")
VARIANTS = (
    {"key": "control", "name": "Control", "rollout_percentage": 50},
    {"key": "test", "name": "Test", "rollout_percentage": 50},
)


def check(here: State, body: Mapping[str, Any]) -> None:
    """Whether the fields of a body are sound. Raises Refused with 400."""
    unknown = sorted(set(body) - WRITABLE - READ_ONLY)
    if unknown:
        raise here.invalid(f"Can't set keys: {', '.join(unknown)} on Experiment", unknown[0])
    for name, longest in LENGTHS.items():
        if len(body.get(name) or "") > longest:
            raise here.invalid(f"Ensure this field has no more than {longest} characters.", name)
    if body.get("conclusion") not in {None, *CONCLUSIONS}:
        raise here.invalid(f'"{body["conclusion"]}" is not a valid choice.', "conclusion")
    if body.get("type") not in {None, "", "web", "product"}:
        raise here.invalid(f'"{body["type"]}" is not a valid choice.', "type")
    if body.get("holdout_id") is not None and body["holdout_id"] not in here.holdouts:
        raise here.invalid("Holdout does not exist", "holdout_id")
    for name in ("metrics", "metrics_secondary"):
        for metric in body.get(name) or []:
            metric_is_sound(here, metric, name)
    for link in body.get("saved_metrics_ids") or []:
        _link_is_sound(here, link)


def _link_is_sound(here: State, link: Any) -> None:
    if not isinstance(link, dict) or link.get("id") not in here.saved_metrics:
        raise here.invalid("Saved metric does not exist", "saved_metrics_ids")
    if (link.get("metadata") or {}).get("type") not in {None, "primary", "secondary"}:
        raise here.invalid("Metadata type must be primary or secondary", "saved_metrics_ids")


def metric_is_sound(here: State, metric: Any, attr: str) -> None:
    """Whether it is an ExperimentMetric. Raises Refused with 400."""
    if not isinstance(metric, dict) or metric.get("kind") != "ExperimentMetric":
        raise here.invalid("Metric kind must be 'ExperimentMetric'", attr)
    bound = BOUND.get(metric.get("metric_type", ""))
    if bound is None:
        raise here.invalid("Metric type must be mean, funnel, ratio or retention", attr)
    missing = [name for name in bound if metric.get(name) is None]
    if missing:
        raise here.invalid(f"Metric misses {', '.join(missing)}", attr)
    series = metric.get("series") or []
    nodes = [metric[name] for name in SOURCES if name in metric] + list(series)
    if "series" in bound and not series:
        raise here.invalid("A funnel needs at least one step", attr)
    if any(node.get("kind") not in NODES for node in nodes):
        raise here.invalid("Metric source is of an unknown kind", attr)


def named(metrics: list[Row] | None) -> list[Row]:
    """Metrics each of which has a uuid."""
    return [{**metric, "uuid": metric.get("uuid") or str(uuid4())} for metric in metrics or []]


def variants_of(here: State, parameters: Row | None, *, web: bool) -> list[Row] | None:
    """The variants of a flag in what parameters say; None where they say none.

    Raises Refused with 400.
    """
    said = (parameters or {}).get("feature_flag_variants")
    if said is None:
        return None
    made = [
        {
            "key": each.get("key"),
            "name": each.get("name"),
            "rollout_percentage": each.get("split_percent", each.get("rollout_percentage")),
        }
        for each in said
    ]
    refusal = against(made, control=web or not here.newest)
    if refusal:
        raise here.invalid(refusal, "parameters")
    return made


def against(variants: list[Row], *, control: bool) -> str | None:
    """What is said against variants; None if they are sound."""
    keys = [each["key"] for each in variants]
    if len(variants) < 2:
        return "Feature flag must have at least 2 variants (control and at least one test variant)"
    if len(variants) > 20:
        return "Feature flag variants must be less than 21"
    if not all(keys) or len(set(keys)) < len(keys):
        return "Feature flag variants must have unique keys"
    if sum(each["rollout_percentage"] or 0 for each in variants) != 100:
        return "Feature flag variants must add up to 100"
    if control and "control" not in keys:
        return "Feature flag variants must contain a control variant"
    return None


def links(here: State, experiment: int, said: list[Row] | None, at: str) -> list[Row]:
    """Link rows to saved metrics."""
    return [
        {
            "id": experiment * 100 + place,
            "experiment": experiment,
            "saved_metric": link["id"],
            "metadata": link.get("metadata") or {"type": "primary"},
            "created_at": at,
            "name": here.saved_metrics[link["id"]]["name"],
            "query": here.saved_metrics[link["id"]]["query"],
        }
        for place, link in enumerate(said or [])
    ]


RANKS = (("primary", "metrics"), ("secondary", "metrics_secondary"))


def order(here: State, row: Row, said: Mapping[str, Any]) -> None:
    """Keep the order of metrics: every one is in it. Raises Refused with 400."""
    for rank, key in RANKS:
        name = f"{rank}_metrics_ordered_uuids"
        own = [metric["uuid"] for metric in row[key] or [] if metric.get("uuid")]
        shared = [
            here.saved_metrics[link["saved_metric"]]["query"]["uuid"]
            for link in row["saved_metrics"]
            if link["metadata"].get("type") == rank
        ]
        present = own + shared
        listed = said.get(name)
        if listed is not None and not set(present) <= set(listed):
            raise here.invalid(f"{name} must hold the uuid of every metric", name)
        kept = [uuid for uuid in listed or row.get(name) or [] if uuid in present]
        row[name] = kept + [uuid for uuid in present if uuid not in kept]
