"""Why Checkmango refused: by its status, by what it shows, and by the fields that it names."""

from collections.abc import Mapping
from typing import Any

from connectors.base import Task
from connectors.checkmango.resources import Row, attributes, included
from connectors.http import Reply
from connectors.refusals import illegal
from models.arguments import FieldError
from models.errors import NotReady, Taken, UserError, ValidationFailed
from models.lifecycle import ready
from models.phase import Action, Platform
from models.readiness import Blocker, Facts, VariantFacts

PATHS = {
    "key": "key",
    "description": "description",
    "event": "primaryMetric",
    "event_key": "primaryMetric",
    "algorithm_type": "algorithmType",
    "control": "isControl",
    "traffic": "weight",
}
TAKEN = "taken"
"""The word by which a key that somebody else has is told from an unsound one."""


def reasons_of(
    task: Task, reply: Reply, shown: Mapping[str, Any] | None, document: Mapping[str, Any] | None
) -> tuple[UserError, ...]:
    """Why a change was refused."""
    moved = illegal(task, shown) if shown else None
    if moved:
        return (moved,)
    errors = _errors(reply)
    if TAKEN in str(errors.get("key")):
        return (_taken(_key_of(task)),)
    if task.verb == Action.START and document is not None:
        return (_not_ready(document),)
    known = [name for name in errors if name in PATHS]
    return (ValidationFailed.of(*(_field(PATHS[name]) for name in known), *_unknown(task, known)),)


def _errors(reply: Reply) -> Row:
    try:
        said = reply.json()
    except ValueError:
        return {}
    errors = said.get("errors") if isinstance(said, dict) else None
    return errors if isinstance(errors, dict) else {}


def _key_of(task: Task) -> str:
    said = task.arguments.get("variant") or task.arguments.get("design") or {}
    return str(said.get("key"))


def _taken(key: str) -> Taken:
    message = "The key has already been taken on the platform."
    return Taken(message=message, path=("key",), field="key", value=key)


def _field(name: str) -> FieldError:
    return FieldError((name,), f"{Platform.CHECKMANGO} does not take this {name}.", "refused")


def _unknown(task: Task, known: list[str]) -> list[FieldError]:
    if known:
        return []
    message = f"{Platform.CHECKMANGO} refuses {task.verb} here, and does not say why."
    return [FieldError(("id",), message, "refused")]


def _not_ready(document: Mapping[str, Any]) -> NotReady:
    """What is missing, by our own rules on what the platform shows."""
    blockers = ready(Platform.CHECKMANGO, facts_of(document))
    if not blockers:
        message = f"{Platform.CHECKMANGO} says that it cannot be started, and not why."
        blockers = (Blocker("refused_by_platform", message),)
    message = " ".join(blocker.message for blocker in blockers)
    return NotReady(message=message, path=("id",), blockers=blockers)


def facts_of(document: Mapping[str, Any]) -> Facts:
    """What guards ask of an experiment, by what the platform shows."""
    rows = [attributes(row) for row in included(document, "variants")]
    return Facts(
        key=str(attributes(document["data"]).get("key")),
        has_primary_metric=bool(included(document, "events")),
        variants=tuple(
            VariantFacts(row.get("key"), bool(row.get("control")), None) for row in rows
        ),
    )
