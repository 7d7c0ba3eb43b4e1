"""What people said about an experiment, and the log of what they did."""

from datetime import datetime, timedelta

from gateway.demo.history import Step
from gateway.demo.ledger import Ledger, Values
from gateway.demo.trial import Trial
from models import Event, Note, NoteAction, Platform

NOTE_ACTIONS = {"MARK_READY": NoteAction.READY, "DEVELOP": NoteAction.DEVELOPMENT}
"""Actions that notes call by another name."""

ALWAYS_NOTED = frozenset({"STOP", "RESTART", "FULL_ON"})

LOGGED = 0.35
"""The share of experiments of other platforms that were handled through this gateway."""

WORDS: dict[str, tuple[str, ...]] = {
    "CREATE": ("From the idea board, third vote.", "Follows the interviews of last month."),
    "MARK_READY": ("Tracking checked on staging.", "Copy and translations are in."),
    "DEVELOP": ("On the development environment, please click around.",),
    "START": ("Here we go.", "Started after the morning deploy.", "Live in **all** markets."),
    "PAUSE": ("Paused: the payment provider has an outage.", "Paused over the release."),
    "RESUME": ("Back on.",),
    "FREEZE": ("Enough people; we watch those who are in.",),
    "FULL_ON": ("Clear result. Full on for everybody.", "Rolled out; clean-up is planned."),
    "STOP": ("Planned duration is over.", "Stopped as agreed in the weekly.", "We have learnt it."),
    "ARCHIVE": ("Code is gone.",),
    "RESTART": ("Again, with the tracking mended.", "Next iteration, with a bolder variant."),
}

COMMENTS = (
    "Numbers look steady since Tuesday.",
    "Can we see this by device? On phones it looks different.",
    "Mind the bank holiday in the data.",
    "The guardrail moved a little, not enough to worry.",
    "Support has seen *two* questions about this.",
    "Please do not start the next one on this page before this is over.",
)
REPLIES = ("Good point, I will check.", "Seen. It is noise.", "Yes, from next week on.", "Thanks!")


def note_notes(ledger: Ledger, trial: Trial) -> None:
    """Note what was said at each step, and in between."""
    for step in trial.history.steps:
        if step.action in WORDS and (step.action in ALWAYS_NOTED or trial.dice.chance(0.75)):
            _note_step(ledger, trial, step)
    for _ in range(trial.dice.popular(range(5))):
        _note_comment(ledger, trial)


def note_events(ledger: Ledger, trial: Trial) -> None:
    """Note what the gateway logged; of other platforms it saw only a part."""
    if trial.platform is not Platform.LOCAL and not trial.dice.chance(LOGGED):
        return
    for step in trial.history.steps:
        actor = trial.dice.pick(trial.owners)
        ledger.add(
            Event,
            at=step.at,
            actor=actor.name,
            actor_id=actor.id,
            action=step.action,
            subject_type="Experiment",
            subject_id=trial.id,
            experiment_id=trial.id,
            before={"phase": step.before.value} if step.before else None,
            after={"phase": step.after.value, **_effect(trial, step)},
        )


def _effect(trial: Trial, step: Step) -> Values:
    """What an action changed beside the phase."""
    effects: dict[str, Values] = {
        "CREATE": {"key": trial.key},
        "FULL_ON": {"full_on_variant": trial.winner},
        "ARCHIVE": {"archived": True},
        "DELETE": {"deleted_at": step.at.isoformat()},
    }
    return effects.get(step.action, {})


def _note_step(ledger: Ledger, trial: Trial, step: Step) -> None:
    action = NOTE_ACTIONS.get(step.action) or NoteAction(step.action)
    _add(
        ledger,
        trial,
        step.at,
        action,
        note=trial.dice.pick(WORDS[step.action]),
        created_by_id=trial.dice.pick(trial.owners).id,
        variant_index=trial.winner if action is NoteAction.FULL_ON else None,
        new_experiment_id=trial.successor_id if action is NoteAction.RESTART else None,
    )


def _note_comment(ledger: Ledger, trial: Trial) -> None:
    days = trial.dice.whole(0, max(0, (trial.ended - trial.history.created).days - 1))
    at = trial.history.created + timedelta(days=days, minutes=trial.dice.whole(3, 90))
    writer, said = trial.dice.popular(trial.people), trial.dice.pick(COMMENTS)
    first = _add(ledger, trial, at, NoteAction.COMMENT, note=said, created_by_id=writer.id)
    for turn in range(trial.dice.popular(range(3))):
        _add(
            ledger,
            trial,
            at + timedelta(minutes=7 * (turn + 1)),
            NoteAction.COMMENT,
            note=trial.dice.pick(REPLIES),
            created_by_id=trial.dice.pick(trial.owners).id,
            reply_to_id=first,
        )


def _add(ledger: Ledger, trial: Trial, at: datetime, action: NoteAction, **values: object) -> int:
    return ledger.add(
        Note,
        source_id=trial.shelf.source_id,
        experiment_id=trial.id,
        action=action,
        native_action=None if trial.platform is Platform.LOCAL else action.value.lower(),
        created_at=at,
        **values,
    )
