"""Scopes: what a key may be given, and which of them each kind of row takes."""

from typing import Any

import models as m

ADMIN = "admin"

EXPERIMENT_ACTIONS = ("start", "stop", "delete", "approve")

NOUNS: dict[type[Any], str] = {
    m.Alert: "experiment",
    m.Allocation: "experiment",
    m.ApiKey: "api_key",
    m.Application: "application",
    m.Approval: "experiment",
    m.ApprovalPolicy: "approval_policy",
    m.ChangeRequest: "experiment",
    m.CustomField: "experiment",
    m.CustomFieldValue: "experiment",
    m.Event: "event",
    m.Experiment: "experiment",
    m.ExperimentApplication: "experiment",
    m.ExperimentMetric: "experiment",
    m.ExperimentSavedMetric: "experiment",
    m.Exposure: "experiment",
    m.Family: "experiment",
    m.Favorite: "experiment",
    m.FeatureFlag: "feature_flag",
    m.File: "file",
    m.Goal: "goal",
    m.Holdout: "experiment",
    m.Metric: "metric",
    m.MetricCategory: "metric",
    m.Note: "experiment",
    m.Result: "experiment",
    m.SampleSize: "experiment",
    m.SavedMetric: "experiment_saved_metric",
    m.ScheduledAction: "experiment",
    m.Screenshot: "experiment",
    m.Segment: "segment",
    m.Source: "source",
    m.Tag: "tag",
    m.Team: "team",
    m.UnitType: "unit_type",
    m.User: "user",
    m.Variant: "experiment",
}
"""The noun of each model's scopes. Holdouts take an experiment's, as on PostHog.

Events and files have no scopes of their own: they are seen with what they are about.
"""

WITHOUT_SCOPE = frozenset({"event", "file"})


def read_scope(model: type[Any]) -> str:
    """The scope that reading rows of the model takes."""
    return f"{NOUNS[model]}:read"


def write_scope(model: type[Any]) -> str:
    """The scope that changing rows of the model takes."""
    return f"{NOUNS[model]}:write"


def known_scopes() -> tuple[str, ...]:
    """Every scope that a key can have."""
    nouns = sorted(set(NOUNS.values()) - WITHOUT_SCOPE)
    plain = (f"{noun}:{verb}" for noun in nouns for verb in ("read", "write"))
    return (ADMIN, *plain, *(f"experiment:{verb}" for verb in EXPERIMENT_ACTIONS))
