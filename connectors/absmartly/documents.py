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
from connectors.payloads.looking import objects, part
from models.experiment import Experiment
from models.phase import Phase

SKEW = timedelta(minutes=5)
"""How far the clocks of a platform and of this gateway may be apart."""


def experiment_of(document: bytes) -> Row:
    """The experiment in a document."""
    found: Row = json.loads(document)[0]["experiment"]
    return found


NOTED, ANSWERS = "experiment_notes", "reply_to_experiment_note"


def notes_of(document: bytes) -> list[Row]:
    """The notes in a document with their replies, or the one in an answer, the newest first."""
    said = json.loads(document) if document else None
    parts = said[1:] if isinstance(said, list) else [{NOTED: [part(said, "experiment_note")]}]
    notes = [note for each in objects(parts) for note in rows_of(each, NOTED)]
    for note in notes:  # grows while it is walked
        notes += rows_of(note, ANSWERS)
    numbered = [note for note in notes if str(note.get("id")).isdecimal()]
    return sorted(numbered, key=lambda note: int(note["id"]), reverse=True)


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
        answers = None if note.get("reply_to_note_id") is None else str(note["reply_to_note_id"])
        said = (note.get("note") or None, answers)
        if note.get("action") in words and said == (note_of(task), task.about):
            return str(note["id"])
    return None


def fate(task: Task, document: bytes | None) -> Fate | None:
    """What became of a call that is not told by the lifecycle; None for one that is."""
    if task.verb == "CREATE":
        return Fate.NOT_DONE if document is None else Fate.DONE
    if document is None:
        return None
    if task.verb in {"NOTE", "REPLY"}:
        return _said(task, document)
    if task.verb == RESTART:
        return _done(successor(task, document) is not None)
    if task.verb in FROM_WHAT_IS_THERE and task.verb != "MARK_READY":
        data = input_of(experiment_of(document))
        return _done(EDITS[task.verb](data, task) == data)
    return None


def _said(task: Task, document: bytes) -> Fate:
    """The fate of a note; of an answer to one that is too far back nobody can tell."""
    shown_here = {str(note["id"]) for note in notes_of(document)}
    if task.about is not None and task.about not in shown_here:
        return Fate.OVERTAKEN
    return _done(note_id(task, document) is not None)


def _done(done: bool) -> Fate:  # noqa: FBT001  there is nothing else to say
    return Fate.DONE if done else Fate.NOT_DONE
