"""The words of each platform, and the columns that only its experiments fill."""

import json
from collections.abc import Callable
from typing import Any

from gateway.demo.ledger import Values
from gateway.demo.names import DOMAIN
from gateway.demo.trial import Trial
from models import AllocationStrategy, ExperimentType, PauseEffect, Phase, Platform

LOCAL, ABSMARTLY, POSTHOG, AUTH0, CHECKMANGO = Platform

# fmt: off
NATIVE_STATES: dict[Platform, dict[str, str]] = {
    ABSMARTLY: {Phase.DRAFT: "created", Phase.READY: "ready", Phase.DEVELOPMENT: "development",
                Phase.RUNNING: "running", Phase.STOPPED: "stopped", "ARCHIVED": "stopped"},
    POSTHOG: {Phase.DRAFT: "draft", Phase.RUNNING: "running", Phase.PAUSED: "paused",
              Phase.FROZEN: "exposure_frozen", Phase.STOPPED: "stopped", "ARCHIVED": "stopped"},
    AUTH0: {Phase.DRAFT: "draft", Phase.RUNNING: "active", Phase.PAUSED: "paused",
            Phase.STOPPED: "completed", "ARCHIVED": "archived"},
    CHECKMANGO: {Phase.DRAFT: "draft", Phase.RUNNING: "running", Phase.STOPPED: "stopped"},
}
"""What a platform calls a phase; local experiments have no other words for it."""

NATIVE_TYPES = {
    (ABSMARTLY, ExperimentType.TEST): "test",
    (ABSMARTLY, ExperimentType.FEATURE): "feature",
    (ABSMARTLY, ExperimentType.TEST_TEMPLATE): "test_template",
    (POSTHOG, ExperimentType.WEB): "web",
    (POSTHOG, ExperimentType.PRODUCT): "product",
}

PAUSE_EFFECTS = {
    LOCAL: PauseEffect.DEFAULT_EXPERIENCE,
    POSTHOG: PauseEffect.DEFAULT_EXPERIENCE,
    AUTH0: PauseEffect.KEEP_IN_FLIGHT,
}

URLS: dict[Platform, str | None] = {
    LOCAL: None,
    ABSMARTLY: f"https://absmartly.{DOMAIN}/experiments/{{}}",
    POSTHOG: f"https://posthog.{DOMAIN}/project/7/experiments/{{}}",
    AUTH0: f"https://auth0.{DOMAIN}/experiments/{{}}",
    CHECKMANGO: f"https://checkmango.{DOMAIN}/teams/17/experiments/{{}}",
}

TRAFFIC = ((70, 100.0), (15, 50.0), (8, 20.0), (7, 10.0))

AUDIENCES: tuple[tuple[str, Any], ...] = (
    ("device_type", "phone"), ("language", "de-DE"), ("country", "NL"), ("is_returning", True),
    ("loyalty_level", "gold"), ("platform", "ios"),
)
# fmt: on


def _audience(trial: Trial) -> str | None:
    """The audience as the platform keeps it: an expression, as JSON text."""
    path, value = trial.dice.pick(AUDIENCES)
    if trial.idea.market:
        path, value = "market", trial.idea.market
    elif not trial.dice.chance(0.35):
        return None
    expression = {"eq": [{"var": {"path": path}}, {"value": value}]}
    return json.dumps({"filter": [{"and": [expression]}]})


def _authors(trial: Trial) -> Values:
    changed = len(trial.history.steps) > 1
    return {
        "created_by_id": trial.author.id,
        "updated_by_id": trial.owners[-1].id if changed else None,
    }


def _product(trial: Trial) -> Values:
    audience = _audience(trial)
    return _authors(trial) | {
        "percentage_of_traffic": trial.dice.weighted(TRAFFIC),
        "seed": trial.dice.seed(),
        "traffic_seed": trial.dice.seed(),
        "audience": audience,
        "audience_strict": trial.dice.chance(0.4) if audience else False,
    }


def _posthog(trial: Trial) -> Values:
    held_out = trial.case.phase is not Phase.FROZEN and trial.dice.chance(0.2)
    bayesian = {"method": "bayesian", "bayesian": {"ci_level": 0.9}}
    frequentist = {"method": "frequentist", "frequentist": {"alpha": 0.1}}
    return _authors(trial) | {
        "percentage_of_traffic": 100.0,
        "holdout_id": trial.dice.pick(trial.shelf.holdouts) if held_out else None,
        "exposure_criteria": {
            "filterTestAccounts": True,
            "multiple_variant_handling": trial.dice.pick(("exclude", "first_seen")),
        },
        "stats_config": trial.dice.pick((bayesian, frequentist)),
    }


def _auth0(trial: Trial) -> Values:
    if trial.by_segment:
        return {"allocation_strategy": AllocationStrategy.SEGMENT, "percentages": None}
    return {"allocation_strategy": AllocationStrategy.PERCENTAGE}


def _checkmango(trial: Trial) -> Values:
    del trial
    return {}


COLUMNS: dict[Platform, Callable[[Trial], Values]] = {
    LOCAL: _product,
    ABSMARTLY: _product,
    POSTHOG: _posthog,
    AUTH0: _auth0,
    CHECKMANGO: _checkmango,
}
"""The columns of a platform's experiments; they win over what `experiments` says."""
