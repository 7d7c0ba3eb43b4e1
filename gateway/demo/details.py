"""What only one platform says of its experiments: the documents that ``details`` holds."""

from collections.abc import Callable

from gateway.demo.cast import Overlay
from gateway.demo.flags import flag_variants
from gateway.demo.ledger import Values
from gateway.demo.trial import TEMPLATES, Trial
from models import ExperimentType, MetricRole, Phase, Platform

LOCKED = ("unit_type_id", "primary_metric_id", "required_alpha", "required_power")
EDITABLE = ("nr_variants", "percentages", "percentage_of_traffic", "audience", "applications")

EDITABLE_FIELDS = {
    Phase.DRAFT: ["name", "description", "allocations", "authentication_flow", "levels"],
    Phase.PAUSED: ["name", "description", "allocations"],
}
"""What may be edited on Auth0 beside the description, which always may."""

ALGORITHMS = ("blockRandomization", "weightedSample", "whiplash")


def _absmartly(trial: Trial) -> Values:
    switch = trial.case.type is ExperimentType.FEATURE
    return {
        "analysis_type": None if switch else "group_sequential",
        "required_alpha": None if switch else "0.1",
        "required_power": None if switch else "0.8",
        "feature_state": ("on" if trial.started else "off") if switch else None,
        "feature_on_at": trial.started.isoformat() if switch and trial.started else None,
        "report_type": trial.verdict.value.lower() if trial.is_over else None,
        **({} if switch else _sequential(trial)),
        **(_template(trial) if trial.case.type in TEMPLATES else {}),
    }


def _sequential(trial: Trial) -> Values:
    metric, days = trial.primary, max(1, (trial.ended - trial.history.created).days)
    return {
        "baseline_primary_metric_mean": f"{metric.mean:.4f}" if metric else None,
        "baseline_primary_metric_stdev": f"{metric.deviation:.4f}" if metric else None,
        "baseline_participants_per_day": str((trial.required or 0) // min(days, 28)),
        "group_sequential_futility_type": trial.dice.pick(("binding", "non_binding")),
        "group_sequential_analysis_count": trial.dice.whole(3, 11),
        "group_sequential_min_analysis_interval": "1d",
        "group_sequential_first_analysis_interval": "7d",
        "group_sequential_max_duration_interval": trial.dice.pick(("4w", "6w", "8w")),
    }


def _template(trial: Trial) -> Values:
    permission = dict.fromkeys(LOCKED, "locked") | dict.fromkeys(EDITABLE, "editable")
    return {
        "template_iteration": trial.iteration,
        "template_name": trial.idea.name,
        "template_description": "For changes to one element of one page.",
        "template_permission": permission,
    }


def _posthog(trial: Trial) -> Values:
    primary = [trial.primary.definition] if trial.primary else []
    secondary = [metric.definition for metric, role in trial.beside if role is MetricRole.SECONDARY]
    planned = {
        "minimum_detectable_effect": trial.detectable,
        "recommended_sample_size": trial.required,
        "recommended_running_time": trial.dice.whole(7, 42),
    }
    return {
        "parameters": {
            "feature_flag_variants": flag_variants(trial, "split_percent"),
            "rollout_percentage": 100,
            **planned,
        },
        "metrics": primary,
        "metrics_secondary": secondary,
        "primary_metrics_ordered_uuids": [metric["uuid"] for metric in primary if metric],
        "secondary_metrics_ordered_uuids": [metric["uuid"] for metric in secondary if metric],
        "running_time_calculation": planned,
        "exposure_cohort": 4_000 + trial.number if trial.case.phase is Phase.FROZEN else None,
        "exposure_preaggregation_enabled": True,
        "only_count_matured_users": trial.dice.chance(0.2),
        "user_access_level": "editor",
        "is_legacy": False,
    }


def _auth0(trial: Trial) -> Values:
    flag_id = next(said for row, said in trial.shelf.flags if row == trial.flag_id)
    archived = trial.case.overlay is Overlay.ARCHIVED
    editable = EDITABLE_FIELDS.get(trial.case.phase, ["description"])
    return {
        "authentication_flow": trial.idea.place.flow,
        "is_valid": True,
        "default_config": "tenant",
        "feature_flag_snapshot": {"id": flag_id, "status": "active"} if trial.started else None,
        "editable_fields": [] if archived else editable,
    }


def _checkmango(trial: Trial) -> Values:
    return {
        "team_id": 17,
        "numeric_id": 5_000 + trial.number,
        "algorithm_type": trial.dice.pick(ALGORITHMS),
        "event_key": trial.primary.goal.key if trial.primary else None,
    }


DETAILS: dict[Platform, Callable[[Trial], Values]] = {
    Platform.ABSMARTLY: _absmartly,
    Platform.POSTHOG: _posthog,
    Platform.AUTH0: _auth0,
    Platform.CHECKMANGO: _checkmango,
}
"""The document of each platform; local experiments have nothing that others lack."""
