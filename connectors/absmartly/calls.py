"""ABsmartly's calls: one for each verb, as a table. None of them may be repeated blindly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.absmartly.designs import whole_input
from connectors.absmartly.inputs import EDITS, Row
from connectors.base import Task

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that changes something."""

    method: str
    path: str
    body: Row


STEPS: dict[str, tuple[str, Callable[[Arguments], Row]]] = {
    "DEVELOP": ("development", lambda _: {}),
    "START": ("start", lambda _: {}),
    "STOP": ("stop", lambda said: {"reason": said.get("reason")}),
    "FULL_ON": ("full_on", lambda said: {"full_on_variant": said.get("variant_index")}),
    "ARCHIVE": ("archive", lambda _: {"archive": True}),
    "UNARCHIVE": ("archive", lambda _: {"archive": False}),
}
"""Actions that have an address of their own, and what each takes beside a note."""

TALK: dict[str, tuple[str, str]] = {
    "NOTE": ("POST", ""),
    "REPLY": ("POST", "/{note}/reply"),
    "EDIT_NOTE": ("PUT", "/{note}"),
}
"""What is said about an experiment, and where below its activity."""

RESTART = "RESTART"
FROM_WHAT_IS_THERE = frozenset({RESTART, *EDITS})
"""Verbs whose call says the whole experiment again."""

NOTES: dict[str, tuple[str, ...]] = {
    "MARK_READY": ("ready", "edit"),
    "DEVELOP": ("development",),
    "START": ("start",),
    "STOP": ("stop",),
    "FULL_ON": ("full_on",),
    "ARCHIVE": ("archive",),
    "UNARCHIVE": ("unarchive", "archive"),
    RESTART: ("restart",),
    "NOTE": ("comment",),
    "REPLY": ("comment",),
    "CREATE": ("create",),
    "UPDATE": ("edit",),
}
"""What the platform's activity calls each verb that leaves a note here too."""


def step(task: Task, number: str) -> Call | None:
    """The call of a verb that needs nothing but its arguments; None for another verb."""
    if task.verb == "CREATE":
        said = {**whole_input(task.arguments["design"]), "note": note_of(task)}
        return Call("POST", "experiments", _said(said))
    if task.verb in TALK:
        method, path = TALK[task.verb]
        address = f"experiments/{number}/activity{path.format(note=task.about)}"
        return Call(method, address, {"note": task.arguments["note"]})
    if task.verb not in STEPS:
        return None
    word, body = STEPS[task.verb]
    said = {**body(task.arguments), "note": note_of(task)}
    return Call("PUT", f"experiments/{number}/{word}", _said(said))


def again(task: Task, number: str, data: Row) -> Call:
    """The call of a verb that says the whole experiment again, from its input as it is now."""
    if task.verb == RESTART:
        return Call("PUT", f"experiments/{number}/restart", _restart(task, data))
    body = {"id": int(number), "data": EDITS[task.verb](data, task), "note": note_of(task)}
    return Call("PUT", f"experiments/{number}", _said(body))


def note_of(task: Task) -> str | None:
    """What is noted beside the change."""
    return task.arguments.get("note") or task.arguments.get("comment")


def _restart(task: Task, data: Row) -> Row:
    said = {
        "data": data,
        "version": round(datetime.now(UTC).timestamp() * 1000),
        "state": str(task.arguments["into"]).lower(),
        "reshuffle": task.arguments["reshuffle"],
        "reason": task.arguments.get("reason"),
        "note": note_of(task),
    }
    return _said(said)


def _said(body: Row) -> Row:
    return {name: value for name, value in body.items() if value is not None}
