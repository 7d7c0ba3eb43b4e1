"""Auth0's states, and what follows from several of its values at once."""

from collections.abc import Mapping
from typing import Any, Protocol

from models.phase import PauseEffect, Phase

ARCHIVED = "archived"

PHASES: dict[str, Phase] = {
    "draft": Phase.DRAFT,
    "active": Phase.RUNNING,
    "paused": Phase.PAUSED,
    "completed": Phase.STOPPED,
    ARCHIVED: Phase.STOPPED,
}

PHASES_BY_DATE: tuple[tuple[str, Phase], ...] = (
    ("stopped_at", Phase.STOPPED),
    ("started_at", Phase.RUNNING),
)
"""What an experiment in an unknown status has done last, by the dates that it gives."""

ACTIVE = "active"
"""The status of a flag that serves its variations."""


class Thing(Protocol):
    """What was said of one thing: values by column, and what only fills a new row."""

    fields: dict[str, Any]
    defaults: dict[str, Any]


def complete(experiment: Thing) -> None:
    """Work out phase, pause and archive: an archived experiment is over, and nothing else."""
    said = experiment.fields
    experiment.defaults["first_started_at"] = said.get("started_at")
    status = said.get("native_state")
    if status is None:
        return
    phase = said["phase"] = phase_of(said)
    said["pause_effect"] = PauseEffect.KEEP_IN_FLIGHT if phase is Phase.PAUSED else None
    said["archived"] = status.lower() == ARCHIVED
    if not said["archived"]:
        said["archived_at"] = None


def phase_of(said: Mapping[str, Any]) -> Phase:
    """The phase that a status means; an unknown one is judged by its dates."""
    dated = (phase for column, phase in PHASES_BY_DATE if said.get(column))
    return PHASES.get(said["native_state"].lower()) or next(dated, Phase.DRAFT)


def complete_flag(flag: Thing) -> None:
    """Work out whether a flag serves its variations, and whether it is archived."""
    said = flag.fields
    status = said.get("native_state")
    if status is not None:
        said["active"] = status.lower() == ACTIVE
        said["archived"] = status.lower() == ARCHIVED


def complete_segment(segment: Thing) -> None:
    """Work out whether a segment is archived; only newer releases say."""
    status = segment.fields.pop("@status", None)
    if status is not None:
        segment.fields["archived"] = status.lower() == ARCHIVED
