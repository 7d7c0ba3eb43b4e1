"""Lifecycle transitions: every one runs through `move`, whoever asks for it and however."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from models import Action, Experiment, Note, NoteAction, Phase, Source
from models.arguments import Arguments, FieldError
from models.errors import (
    InvalidTransition,
    NotReady,
    Refusal,
    UnsupportedByPlatform,
    UserError,
    ValidationFailed,
)
from models.lifecycle import (
    TARGETS,
    Target,
    Transition,
    allowed,
    ready,
    row_of,
    scope_of,
    standing,
)
from models.readiness import Blocker, Facts, only_active
from models.rules import long_text
from resolvers.change import Change
from resolvers.change_request import ask_approval
from resolvers.lifecycle import Gathered, gather
from resolvers.mutation import Work
from resolvers.outcome import Outcome
from resolvers.restart import restart
from resolvers.write_through import Outgoing

NOTE_ACTIONS = {Action.MARK_READY: NoteAction.READY, Action.DEVELOP: NoteAction.DEVELOPMENT}
"""Notes call these actions otherwise; every other action is called alike."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a caller wants done to an experiment."""

    action: Action
    arguments: Arguments
    note: str | None = None
    expected_version: int | None = None

    @classmethod
    def of(cls, action: Action, given: Any) -> Self:
        """The intent that an input states; what its mutation does not take is left as it is."""
        names = {field.name for field in fields(Arguments)}
        said = {
            name: value
            for name in names & set(dir(given))
            if (value := getattr(given, name)) or value == 0
        }
        if "into" in said:
            said["into"] = Phase(said["into"])
        return cls(action, Arguments(**said), given.note or None, given.expected_version)

    @classmethod
    def stored(cls, action: Action, document: dict[str, Any]) -> Self:
        """The intent that `document` states, as `as_document` wrote it."""
        said = dict(document)
        note = said.pop("note", None)
        return cls(action, Arguments(**{**said, "into": Phase(said["into"])}), note)

    def as_document(self) -> dict[str, Any]:
        """Everything but the action and the expected version, for a later moment."""
        return {**asdict(self.arguments), "note": self.note}


Make = Callable[[Change, Experiment, Transition, Intent], Awaitable[Outcome]]


def transition(action: Action) -> Work:
    """The mutation that takes one action."""

    async def work(change: Change, given: Any) -> Outcome:
        row = await change.find(Experiment, given.id, "id")
        return await move(change, row, Intent.of(action, given))

    return work


async def transition_to(change: Change, given: Any) -> Outcome:
    """The action that leads to a target, in the words of Auth0's status endpoint."""
    row = await change.find(Experiment, given.id, "id")
    target: Target = given.to
    action = TARGETS[target].get(row.phase, Action.START)
    return await move(change, row, Intent.of(action, given))


async def move(
    change: Change, row: Experiment, intent: Intent, *, approved: bool = False
) -> Outcome:
    """Take the action, or raise a Refusal with every reason before anything is written.

    A policy that gates the action makes a change request instead, unless it is ``approved``.
    """
    change.viewer.require(scope_of(intent.action))
    taken = supported(row, intent.action)
    change.require_version(row, intent.expected_version)
    _require_legal(row, taken)
    await _one_at_a_time(change, row, taken)
    gathered = (await gather(change.session, [row]))[row.id]
    _require_sound(row, taken, gathered.facts, intent)
    if not approved and _is_gated(gathered, intent.action):
        return await ask_approval(change, row, intent.action, intent.as_document())
    make = MAKES.get(intent.action, _apply)
    return await make(change, row, taken, intent)


def supported(row: Experiment, action: Action) -> Transition:
    """The row of the platform's table. Raises a Refusal with UnsupportedByPlatform."""
    taken = row_of(row.platform, action)
    if taken is None:
        message = f"{row.platform} has no {action}."
        raise Refusal(
            UnsupportedByPlatform(
                message=message, path=("id",), platform=row.platform, action=action
            )
        )
    return taken


def _require_legal(row: Experiment, taken: Transition) -> None:
    blocker = taken.illegal(standing(row))
    if blocker:
        raise Refusal(
            InvalidTransition(
                message=blocker.message,
                path=("id",),
                action=taken.action,
                from_=row.phase,
                allowed=allowed(row.platform, standing(row)),
            )
        )


async def _one_at_a_time(change: Change, row: Experiment, taken: Transition) -> None:
    """Auth0 runs one experiment at a time, so starts in one source wait for each other."""
    if only_active in taken.only_if:
        await change.session.get_one(Source, row.source_id, with_for_update={"key_share": True})


def _require_sound(row: Experiment, taken: Transition, facts: Facts, intent: Intent) -> None:
    reasons: list[UserError] = []
    blockers = taken.blockers(facts)
    if blockers:
        reasons.append(not_ready(blockers))
    wrong = (*unfit_texts(intent), *taken.wrong(row, facts, intent.arguments))
    if wrong:
        reasons.append(ValidationFailed.of(*wrong))
    if reasons:
        raise Refusal(*reasons)


def unfit_texts(intent: Intent) -> list[FieldError]:
    """What is wrong with the texts of an intent: length, or what no database can hold."""
    arguments = intent.arguments
    texts = {
        "note": intent.note,
        "reason": arguments.reason,
        "conclusion": arguments.conclusion,
        "comment": arguments.comment,
    }
    found = (long_text((name,), text) for name, text in texts.items() if text is not None)
    return [error for error in found if error]


def _is_gated(gathered: Gathered, action: Action) -> bool:
    return bool({action, None} & gathered.gated)


def not_ready(blockers: tuple[Blocker, ...]) -> NotReady:
    """The reason that lists everything that an experiment lacks."""
    message = " ".join(blocker.message for blocker in blockers)
    return NotReady(message=message, path=("id",), blockers=blockers)


async def _apply(change: Change, row: Experiment, taken: Transition, intent: Intent) -> Outcome:
    values = taken.changes(row, intent.arguments, change.at)
    outgoing = await Outgoing.of(change, row, values)
    event = await change.update(row, intent.action, values)
    note = await add_note(change, row, intent)
    return Outcome(
        row_id=row.id,
        note_id=note.id,
        event_id=event.id if event else None,
        delivery_id=await outgoing.send(change, event, intent.action, intent.as_document()),
    )


async def _restart(change: Change, row: Experiment, taken: Transition, intent: Intent) -> Outcome:
    outgoing = await Outgoing.of(change, row, taken.changes(row, intent.arguments, change.at))
    made, event = await restart(change, row, taken, intent.arguments)
    note = await add_note(change, row, intent, new_experiment_id=made.id)
    said = intent.as_document()
    return Outcome(
        row_id=made.id,
        note_id=note.id,
        event_id=event.id,
        delivery_id=await outgoing.send(change, event, intent.action, said, made=made),
    )


MAKES: dict[Action, Make] = {Action.RESTART: _restart}
"""The actions that do more than to change columns of the experiment."""


async def add_note(
    change: Change, row: Experiment, intent: Intent, *, new_experiment_id: int | None = None
) -> Note:
    """The entry of the experiment's activity that every transition leaves, as on ABsmartly."""
    action = intent.action
    note = Note(
        source_id=row.source_id,
        experiment_id=row.id,
        action=NOTE_ACTIONS.get(action) or NoteAction(action),
        note=intent.note,
        variant_index=intent.arguments.variant_index if action is Action.FULL_ON else None,
        new_experiment_id=new_experiment_id,
        created_at=change.at,
        created_by_id=change.viewer.user_id,
    )
    change.session.add(note)
    await change.session.flush()
    return note


async def validate(change: Change, given: Any) -> Outcome:
    """Whether an experiment has everything that a start needs; nothing is written."""
    row = await change.find(Experiment, given.id, "id")
    change.require_version(row, given.expected_version or None)
    blockers = ready(row.platform, (await gather(change.session, [row]))[row.id].facts)
    if blockers:
        raise Refusal(not_ready(blockers))
    return Outcome(row_id=row.id)
