"""Notes: what people say about an experiment, beside what transitions leave there."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from strawberry import UNSET

from models import Event, Experiment, Note, NoteAction, Platform, Variant
from models.arguments import FieldError
from models.errors import Forbidden, Refusal, ValidationFailed
from models.rules import note_text
from resolvers.access import Viewer
from resolvers.change import Change
from resolvers.outcome import Outcome
from resolvers.scopes import ADMIN, write_scope
from resolvers.write_through import Outgoing, is_kept_there


async def add_experiment_note(change: Change, given: Any) -> Outcome:
    """Say something about an experiment, or about one of its variants."""
    change.viewer.require(write_scope(Note))
    experiment = await change.find(Experiment, given.experiment, "experiment")
    index = None if given.variant_index is UNSET else given.variant_index
    wrong = [note_text(("note",), given.note), await _variant(change, experiment, index)]
    _require_sound(*wrong)
    return await _said(change, experiment, note=given.note, variant_index=index)


async def reply_to_note(change: Change, given: Any) -> Outcome:
    """Answer a note."""
    change.viewer.require(write_scope(Note))
    answered = await change.find(Note, given.id, "id")
    _require_sound(note_text(("note",), given.note))
    experiment = await change.session.get_one(Experiment, answered.experiment_id)
    return await _said(change, experiment, answered, note=given.note, reply_to_id=answered.id)


async def edit_note(change: Change, given: Any) -> Outcome:
    """Put a note's text in other words. What was done when it was written stays."""
    change.viewer.require(write_scope(Note))
    row = await change.find(Note, given.id, "id")
    _require_author(change.viewer, row)
    change.require_version(row, given.expected_version)
    _require_sound(note_text(("note",), given.note))
    experiment = await change.session.get_one(Experiment, row.experiment_id)
    was = row.note
    event = await change.update(row, "UPDATE", {"note": given.note})
    return Outcome(
        row_id=row.id,
        experiment_id=row.experiment_id,
        event_id=event.id if event else None,
        delivery_id=await _sent(
            change, experiment, event, "EDIT_NOTE", row, note=row.note, note_was=was
        ),
    )


async def _said(
    change: Change, experiment: Experiment, answered: Note | None = None, **values: Any
) -> Outcome:
    row = Note(
        source_id=experiment.source_id,
        experiment_id=experiment.id,
        action=NoteAction.COMMENT,
        **values,
    )
    await change.add(row)
    event = await change.created(row)
    verb = "REPLY" if answered else "NOTE"
    return Outcome(
        note_id=row.id,
        experiment_id=experiment.id,
        event_id=event.id,
        delivery_id=await _sent(change, experiment, event, verb, answered, note=row.note),
    )


async def _sent(
    change: Change,
    experiment: Experiment,
    event: Event | None,
    verb: str,
    about: Note | None,
    **said: Any,
) -> int | None:
    """The delivery of what is said, where the experiment's platform keeps notes.

    It stays here where it is about a note that the platform does not have.
    """
    if experiment.platform is not Platform.ABSMARTLY or event is None:
        return None
    if about is not None and not await is_kept_there(change, about):
        return None
    named = {"note_id": about.id} if about else {}
    outgoing = await Outgoing.of(change, experiment, ())
    return await outgoing.send(change, event, verb, {**named, **said})


def _require_author(viewer: Viewer, row: Note) -> None:
    """Raises a Refusal where the note is somebody else's, or nobody's; an admin may do it."""
    is_author = viewer.user_id is not None and viewer.user_id == row.created_by_id
    if not is_author and viewer.lacks(ADMIN):
        message = "Only who wrote a note may change it."
        raise Refusal(Forbidden(message=message, path=("id",), scope=ADMIN))


async def _variant(change: Change, experiment: Experiment, index: int | None) -> FieldError | None:
    """What is wrong with the number of a variant."""
    if index is None:
        return None
    listed = select(func.count()).where(col(Variant.experiment_id) == experiment.id)
    count = experiment.variant_count or await change.session.scalar(listed) or 0
    if 0 <= index < count:
        return None
    message = f"There is no variant {index}; the experiment has {count}."
    return FieldError(("variantIndex",), message, "variant_index")


def _require_sound(*errors: FieldError | None) -> None:
    wrong = [error for error in errors if error is not None]
    if wrong:
        raise Refusal(ValidationFailed.of(*wrong))
