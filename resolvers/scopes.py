"""Scopes: what a key may be given, and which of them each kind of row takes."""

from typing import Any

import models as m

ADMIN = "admin"

ACTIONS = {
    "experiment:start": "Start, resume, restart, ramp up and release experiments.",
    "experiment:stop": "Stop, pause, freeze and reset experiments.",
    "experiment:delete": "Delete and restore experiments.",
    "experiment:approve": "Approve and reject what others want to do to experiments.",
}
"""What takes a scope of its own, beside reading and writing."""

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
    m.Delivery: "experiment",
    m.Experiment: "experiment",
    m.ExperimentApplication: "experiment",
    m.ExperimentMetric: "experiment",
    m.ExperimentSavedMetric: "experiment",
    m.Exposure: "experiment",
    m.Family: "experiment",
    m.Favorite: "experiment",
    m.FeatureFlag: "feature_flag",
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

Events and files stand not in it: they are seen with what they are about.
"""

READ = {model: f"{noun}:read" for model, noun in NOUNS.items()}


def read_scope(model: type[Any]) -> str:
    """The scope that reading rows of the model takes."""
    return READ[model]


def write_scope(model: type[Any]) -> str:
    """The scope that changing rows of the model takes."""
    return f"{NOUNS[model]}:write"


WORDS = {
    "api_key": "API keys",
    "application": "applications",
    "approval_policy": "approval policies",
    "experiment": "experiments with all that belongs to them, and holdouts",
    "experiment_saved_metric": "saved metrics",
    "feature_flag": "feature flags",
    "goal": "goals",
    "metric": "metrics and their categories",
    "segment": "segments",
    "source": "sources",
    "tag": "tags",
    "team": "teams",
    "unit_type": "unit types",
    "user": "users",
}
"""What people call the things that a noun covers."""


def known_scopes() -> dict[str, str]:
    """Every scope that a key can have, with what it is for. Whoever may write may read."""
    plain = {
        f"{noun}:{verb}": f"{verb.capitalize()} {words}."
        for noun, words in WORDS.items()
        for verb in ("read", "write")
    }
    return {**plain, **ACTIONS, ADMIN: "Everything."}
