"""Notes: what people said about an experiment, often beside a transition."""

from enum import StrEnum

from models.base import Sourced, choice, link, owned_by, text


class NoteAction(StrEnum):
    """What was done when a note was written."""

    CREATE = "CREATE"
    READY = "READY"
    DEVELOPMENT = "DEVELOPMENT"
    START = "START"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    ADVANCE_RAMP = "ADVANCE_RAMP"
    STOP = "STOP"
    FULL_ON = "FULL_ON"
    RESTART = "RESTART"
    RESET = "RESET"
    EDIT = "EDIT"
    COMMENT = "COMMENT"
    ARCHIVE = "ARCHIVE"
    UNARCHIVE = "UNARCHIVE"
    DELETE = "DELETE"
    RESTORE = "RESTORE"
    SCHEDULED_ACTION = "SCHEDULED_ACTION"
    OTHER = "OTHER"


class Note(Sourced, table=True):
    """An entry of an experiment's activity; Markdown."""

    NATURAL_KEY = ("experiment_id", "created_at", "note")

    experiment_id: int = owned_by("experiment")
    action: NoteAction | None = choice(NoteAction)
    native_action: str | None = text()
    note: str | None = text()
    variant_index: int | None = None
    reply_to_id: int | None = link("note")
    new_experiment_id: int | None = link("experiment")
