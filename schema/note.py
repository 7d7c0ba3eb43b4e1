"""Notes in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.edges import ToOne
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.fields import column, many, of_rows, one
from schema.filters import (
    DateTimeFilter,
    Filter,
    IDFilter,
    StringFilter,
    combined,
    matches,
    matches_id,
    related,
)
from schema.inputs import ChangeInput, RowInput, required, said
from schema.node import Audited
from schema.payloads import EXPERIMENT, Payload, subject
from schema.scalars import JSON


@of_rows(m.Note, "An entry of an experiment's activity.")
class Note(Audited):
    external_id: str | None = column("The id by which its source knows it, where that was said.")
    extra: JSON | None = column("What the source said and no other field takes, verbatim.")
    action: m.NoteAction | None = column("What was done when it was written.")
    native_action: str | None = column("The platform's own word for the action, verbatim.")
    note: str | None = column("The text, in Markdown.")
    variant_index: int | None = column("The variant that it is about.", name="variant")
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    reply_to: n.Note | None = one(r.NOTE_REPLY_TO, "The note that it answers.")
    version: int = column("Grows by one with every change.")
    replies: list[n.Note] = many(r.NOTE_REPLIES, "The notes that answer it, oldest first.")
    new_experiment: n.Experiment | None = one(
        r.NOTE_NEW_EXPERIMENT, "The next iteration, where the action was a restart."
    )


@strawberry.input(description="Conditions on notes.")
class NoteWhere:
    id: IDFilter | None = matches_id("id", m.Note, "The id.")
    note: StringFilter | None = matches("note", "The text.")
    action: Filter[m.NoteAction] | None = matches("action", "What was done when it was written.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was written.")
    experiment: n.ExperimentWhere | None = related(r.EXPERIMENT, "The experiment.")
    created_by: n.UserWhere | None = related(r.CREATED_BY, "Who wrote it.")
    and_: list[n.NoteWhere] | None = combined("and")
    or_: list[n.NoteWhere] | None = combined("or")
    not_: n.NoteWhere | None = combined("not")


@strawberry.input(one_of=True, description="What notes are ordered by.")
class NoteOrder:
    created_at: Direction | None = matches("created_at", "When it was written.")
    action: Direction | None = matches("action", "What was done when it was written.")


NEW_NOTE = ToOne(m.Note, "note_id")


@strawberry.input(description="What saying something about an experiment takes.")
class AddExperimentNoteInput(ChangeInput):
    experiment: strawberry.ID = required("The id of the experiment.")
    note: str = required("The text, in Markdown: 1 to 10,000 characters.")
    variant_index: int | None = said("The variant that it is about, counted from 0.")


@of_rows(Outcome, "What became of a new note.")
class AddExperimentNotePayload(Payload):
    note: n.Note | None = one(NEW_NOTE, "The note.")
    experiment: n.Experiment | None = one(EXPERIMENT, "The experiment.")


@strawberry.input(description="What answering a note takes.")
class ReplyToNoteInput(ChangeInput):
    id: strawberry.ID = required("The id of the note that is answered.")
    note: str = required("The text, in Markdown: 1 to 10,000 characters.")


@of_rows(Outcome, "What became of an answer to a note.")
class ReplyToNotePayload(Payload):
    note: n.Note | None = one(NEW_NOTE, "The answer, a note of its own.")
    experiment: n.Experiment | None = one(EXPERIMENT, "The experiment.")


@strawberry.input(description="What changing a note takes. Only its author may, or an admin.")
class EditNoteInput(RowInput):
    note: str = required("The new text, in Markdown: 1 to 10,000 characters.")


@of_rows(Outcome, "What became of a change of a note.")
class EditNotePayload(Payload):
    note: n.Note | None = subject(m.Note, "The note as it stands now.")
    experiment: n.Experiment | None = one(EXPERIMENT, "The experiment.")
