"""What ABsmartly's own document of an experiment shows: its lifecycle, and what was done to it.

A document is the experiment and the newest part of its activity, as the platform answers them.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.absmartly.calls import FROM_WHAT_IS_THERE, NOTES, RESTART, note_of
from connectors.absmartly.inputs import EDITS, Row, input_of
from connectors.absmartly.lists import moment, rows_of
from connectors.absmartly.states import phase_of
from connectors.base import Fate, Task
from models.experiment import Experiment
from models.phase import Phase

SKEW = timedelta(minutes=5)
"""How far the clocks of a platform and of this gateway may be apart."""


def experiment_of(document: bytes) -> Row:
    """The experiment in a document."""
    found: Row = json.loads(document)[0]["experiment"]
    return found


def notes_of(document: bytes) -> list[Row]:
    """The notes in a document, the newest first."""
    notes = [note for each in json.loads(document)[1:] for note in rows_of(each, NOTED)]
    return sorted(notes, key=lambda note: int(note.get("id") or 0), reverse=True)


NOTED = "experiment_notes"


def shown(experiment: Mapping[str, Any]) -> Row:
    """The lifecycle that an experiment shows."""
    phase = phase_of(
        {
            "native_state": experiment.get("state"),
            "stopped_at": experiment.get("stop_at"),
            "started_at": experiment.get("start_at"),
            "development_at": experiment.get("development_at"),
        }
    )
    released = experiment.get("full_on_at") is not None
    return {
        "phase": str(phase or Phase.DRAFT),
        "archived": bool(experiment.get("archived")),
        "released": experiment.get("full_on_variant") if released else None,
    }


def is_made_from(experiment: Mapping[str, Any], row: Experiment) -> bool:
    """Whether an experiment is what was to be made of a row that has no id yet."""
    made_at = moment(experiment.get("created_at"))
    is_new = row.created_at is None or made_at is None or made_at >= row.created_at - SKEW
    named = (experiment.get("name"), experiment.get("iteration"))
    return named == (row.key, row.iteration) and is_new


def successor(task: Task, document: bytes) -> str | None:
    """The iteration that a restart made; None where there is none."""
    made = task.made
    if made is None:
        return None
    newer = [
        each
        for each in rows_of(experiment_of(document), "iterations")
        if (each.get("iteration") or 0) >= made.iteration
        and str(each.get("id")) != task.row.external_id
    ]
    return str(max(newer, key=lambda each: each["iteration"])["id"]) if newer else None


def note_id(task: Task, document: bytes) -> str | None:
    """The note that the platform wrote beside a change: the newest that says the same."""
    words = NOTES.get(task.verb, ())
    for note in notes_of(document):
        at = moment(note.get("created_at"))
        if at is not None and at < task.at - SKEW:
            return None
        if note.get("action") in words and (note.get("note") or None) == note_of(task):
            return str(note["id"])
    return None


def fate(task: Task, document: bytes | None) -> Fate | None:
    """What became of a call that is not told by the lifecycle; None for one that is."""
    if task.verb == "CREATE":
        return Fate.NOT_DONE if document is None else Fate.DONE
    if document is None:
        return None
    if task.verb == "NOTE":
        return _done(note_id(task, document) is not None)
    if task.verb == RESTART:
        return _done(successor(task, document) is not None)
    if task.verb in FROM_WHAT_IS_THERE and task.verb != "MARK_READY":
        data = input_of(experiment_of(document))
        return _done(EDITS[task.verb](data, task) == data)
    return None


def _done(done: bool) -> Fate:  # noqa: FBT001  there is nothing else to say
    return Fate.DONE if done else Fate.NOT_DONE
