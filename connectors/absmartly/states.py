"""ABsmartly's states and verbs, and what follows from several of its values at once."""

from collections.abc import Mapping
from typing import Any, Protocol

from models.phase import Action, Phase, ReleaseMode
from models.scheduled_action import ScheduleState

PHASES: dict[str, Phase] = {
    "created": Phase.DRAFT,
    "draft": Phase.DRAFT,
    "ready": Phase.READY,
    "development": Phase.DEVELOPMENT,
    "running": Phase.RUNNING,
    "stopped": Phase.STOPPED,
}

PHASES_BY_DATE: tuple[tuple[str, Phase], ...] = (
    ("stopped_at", Phase.STOPPED),
    ("started_at", Phase.RUNNING),
    ("development_at", Phase.DEVELOPMENT),
)
"""What an experiment in an unknown state has done last, by the dates that it gives."""

ACTIONS: dict[str, str] = {
    "archive": Action.ARCHIVE,
    "development": Action.DEVELOP,
    "full_on": Action.FULL_ON,
    "restart": Action.RESTART,
    "start": Action.START,
    "stop": Action.STOP,
}


class Experiment(Protocol):
    """What was said of one experiment: values by column, lists by name, defaults for a new row."""

    fields: dict[str, Any]
    defaults: dict[str, Any]
    rows: dict[str, list[dict[str, dict[str, Any]]]]


def complete(experiment: Experiment) -> None:
    """Work out phase, release, schedule, and what the split makes of the variants.

    The platform deletes no experiment: one that it shows is there, whatever was thought of it.
    """
    said = experiment.fields
    experiment.defaults |= {
        "name": said.get("key"),
        "first_started_at": said.get("started_at"),
        "phase": Phase.DRAFT,
    }
    if said.get("name") is None and "name" in said:
        said["name"] = said.get("key")
    phase = phase_of(said)
    if phase is not None:
        said |= {"phase": phase, "deleted_at": None}
    if "full_on_at" in said:
        said["release_mode"] = ReleaseMode.FULL_ON_RUNNING if said["full_on_at"] else None
    _schedule(experiment)
    _split(experiment)


def phase_of(said: Mapping[str, Any]) -> Phase | None:
    """The phase that a state means; an unknown state is judged by its dates, silence by nothing."""
    state = said.get("native_state")
    if state is None:
        return None
    dated = (phase for column, phase in PHASES_BY_DATE if said.get(column))
    return PHASES.get(state.lower()) or next(dated, Phase.DRAFT)


def split_of(percentages: str | None) -> list[float]:
    """The weights in ``34/33/33``; none when they cannot be read."""
    try:
        return [float(part) for part in (percentages or "").split("/")]
    except ValueError:
        return []


def _schedule(experiment: Experiment) -> None:
    rows = experiment.rows.get("scheduled_actions")
    if rows is None:
        return
    actions = [row["fields"] for row in rows]
    for action in actions:
        done = action.get("executed_at") is not None
        action["state"] = ScheduleState.DONE if done else ScheduleState.PENDING
    pending = [
        action["at"]
        for action in actions
        if action["state"] is ScheduleState.PENDING
        and action.get("action") == Action.START
        and action.get("at")
    ]
    experiment.fields["start_scheduled_at"] = min(pending, default=None)


def _split(experiment: Experiment) -> None:
    weights = dict(enumerate(split_of(experiment.fields.get("percentages"))))
    for row in experiment.rows.get("variants", []):
        variant = row["fields"]
        variant["is_control"] = variant["index"] == 0
        if variant["index"] in weights:
            variant["weight"] = weights[variant["index"]]
