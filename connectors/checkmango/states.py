"""Checkmango's states, and what follows from several of its values at once."""

from collections.abc import Mapping
from typing import Any, Protocol

from models.phase import Phase

PHASES: dict[str, Phase] = {
    "draft": Phase.DRAFT,
    "running": Phase.RUNNING,
    "stopped": Phase.STOPPED,
}

PHASES_BY_DATE: tuple[tuple[str, Phase], ...] = (
    ("stopped_at", Phase.STOPPED),
    ("started_at", Phase.RUNNING),
)
"""What an experiment in an unknown status has done last, by the dates that it gives."""


class Thing(Protocol):
    """What was said of one thing: values by column, and what only fills a new row."""

    fields: dict[str, Any]
    defaults: dict[str, Any]


def complete(experiment: Thing) -> None:
    """Work out the phase; an experiment has a key, and is called like it."""
    said = experiment.fields
    experiment.defaults |= {
        "name": said.get("key"),
        "first_started_at": said.get("started_at"),
    }
    if said.get("native_state") is not None:
        said["phase"] = phase_of(said)


def phase_of(said: Mapping[str, Any]) -> Phase:
    """The phase that a status means; an unknown one is judged by its dates."""
    dated = (phase for column, phase in PHASES_BY_DATE if said.get(column))
    return PHASES.get(said["native_state"].lower()) or next(dated, Phase.DRAFT)
