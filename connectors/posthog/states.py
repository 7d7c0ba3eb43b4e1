"""PostHog's states and actions, and what follows from several of its values at once.

A state is told by the first that is said: the status, in releases that have none the dates, and
while these say that it runs, whether the flag is on. Deleted and archived stand beside it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from connectors.payloads.looking import objects
from connectors.payloads.values import moment, number
from models.lifecycle import native_state
from models.phase import Action, PauseEffect, Phase, Platform, ReleaseMode

PHASES: dict[str, Phase] = {
    "draft": Phase.DRAFT,
    "running": Phase.RUNNING,
    "paused": Phase.PAUSED,
    "exposure_frozen": Phase.FROZEN,
    "stopped": Phase.STOPPED,
    "complete": Phase.STOPPED,
}

ACTIONS: dict[str, str | None] = {
    "experiment.launch": Action.START,
    "experiment.pause": Action.PAUSE,
    "experiment.update": None,
    "experiment_holdout.delete": None,
    "experiment_holdout.update": None,
    "feature_flag.disable": None,
    "feature_flag.enable": None,
    "feature_flag.update": None,
}
"""What a change request or a policy is about; None for what is no action of an experiment's own."""

WHOLE = 100


class Experiment(Protocol):
    """What was said of one experiment; names with an @ are for this module."""

    fields: dict[str, Any]
    defaults: dict[str, Any]
    firsts: dict[str, Any]


def complete(experiment: Experiment) -> None:
    """Work out phase, pause, deletion and release."""
    said = experiment.fields
    experiment.defaults["first_started_at"] = said.get("started_at")
    if said.get("archived") is False:
        said["archived_at"] = None
    if "@deleted" in said:
        _deletion(experiment)
    phase = phase_of(said)
    if phase is None:
        return
    said["phase"] = phase
    said["native_state"] = said.get("@status") or native_state(
        Platform.POSTHOG, phase, archived=False
    )
    said["pause_effect"] = PauseEffect.DEFAULT_EXPERIENCE if phase is Phase.PAUSED else None
    if "@flag_variants" in said:
        _release(experiment, phase)


def phase_of(said: Mapping[str, Any]) -> Phase | None:
    """The phase of an experiment; None where too little is said to tell."""
    status = said.get("@status")
    if status is not None and status.lower() in PHASES:
        return PHASES[status.lower()]
    if said.get("stopped_at"):
        return Phase.STOPPED
    if "started_at" not in said:
        return None
    if said["started_at"] is None:
        return Phase.DRAFT
    return Phase.PAUSED if said.get("@flag_active") is False else Phase.RUNNING


def shipped(variants: Any) -> str | None:
    """The key of the variant that a flag gives to all whom it serves, if it is split like that."""
    listed = objects(variants)
    shares = [_share(variant.get("rollout_percentage")) for variant in listed]
    if shares.count(WHOLE) != 1 or shares.count(0) != len(shares) - 1 or not shares.count(0):
        return None
    key = listed[shares.index(WHOLE)].get("key")
    return key if isinstance(key, str) else None


def _share(value: Any) -> float | None:
    try:
        return number(value)
    except ValueError:
        return None


def _deletion(experiment: Experiment) -> None:
    """PostHog says that, and not when: at its last change, as far as we know."""
    said = experiment.fields
    if said["@deleted"]:
        dates = (said.get(name) for name in ("updated_at", "stopped_at", "created_at"))
        now = moment(datetime.now(UTC).isoformat())
        experiment.firsts["deleted_at"] = next(filter(None, dates), now)
    else:
        said["deleted_at"] = None


def _release(experiment: Experiment, phase: Phase) -> None:
    """A variant that was shipped: its flag gives it to everybody, and the experiment is over."""
    said = experiment.fields
    key = shipped(said["@flag_variants"]) if phase is Phase.STOPPED else None
    keys = said.get("@variant_keys") or []
    index = keys.index(key) if key in keys else None
    said["full_on_variant"] = said["winner_variant"] = index
    said["release_mode"] = None if index is None else ReleaseMode.SHIPPED_AND_STOPPED
    if index is None:
        said["full_on_at"] = None
    else:
        experiment.firsts["full_on_at"] = said.get("stopped_at") or said.get("updated_at")
