"""What waits: scheduled starts, and changes that need the word of somebody else."""

from datetime import datetime, timedelta

from gateway.demo.cast import Overlay
from gateway.demo.history import NOW
from gateway.demo.ledger import Ledger
from gateway.demo.trial import Trial
from models import (
    Action,
    Approval,
    ChangeRequest,
    ChangeRequestState,
    Decision,
    ExperimentType,
    Phase,
    Platform,
    ScheduledAction,
    ScheduleOrigin,
)

ASKED = 0.2
"""The share of running experiments for which somebody asked for a release."""

PENDING, _, APPLIED, REJECTED, CANCELLED, EXPIRED, STALE, _ = ChangeRequestState

ANSWERS = ((4, PENDING), (2, REJECTED), (1, CANCELLED), (2, EXPIRED), (1, STALE))

LASTS = timedelta(days=14)
"""How long a request may wait."""

REASONS = {
    Decision.APPROVED: ("Numbers are clear.", "Fine with us.", None),
    Decision.REJECTED: ("Too early: one week more.", "The guardrail has to be looked at first."),
}


def note_schedule(ledger: Ledger, trial: Trial) -> None:
    """Note the start that is planned, here or on the platform."""
    if trial.scheduled is None:
        return
    local = trial.platform is Platform.LOCAL
    ledger.add(
        ScheduledAction,
        experiment_id=trial.id,
        external_id=None if local else str(60_000 + trial.number),
        action=Action.START,
        native_action=None if local else "start",
        at=trial.scheduled,
        origin=ScheduleOrigin.GATEWAY if local else ScheduleOrigin.UPSTREAM,
        note="With the new season.",
        created_at=trial.history.last,
        created_by_id=trial.author.id,
    )


def note_request(ledger: Ledger, trial: Trial) -> None:
    """Note the request for a release: applied where there was one, otherwise now and then."""
    if trial.released is not None:
        asked = trial.released - timedelta(hours=trial.dice.whole(2, 40))
        _ask(ledger, trial, APPLIED, asked)
    elif _may_be_asked(trial) and trial.dice.chance(ASKED):
        state = trial.dice.weighted(ANSWERS)
        too_young = state is EXPIRED and trial.ended - trial.history.last < 1.5 * LASTS
        state = CANCELLED if too_young else state
        _ask(ledger, trial, state, _moment(trial, state))


def _may_be_asked(trial: Trial) -> bool:
    plain = trial.case.phase is Phase.RUNNING and trial.case.overlay is Overlay.NONE
    return plain and trial.case.type is not ExperimentType.FEATURE


def _moment(trial: Trial, state: ChangeRequestState) -> datetime:
    """When a request was made: one that waits was made lately, one that ran out long ago."""
    if state is EXPIRED:
        return NOW - LASTS - timedelta(days=trial.dice.whole(1, 6))
    return NOW - timedelta(hours=trial.dice.whole(1, 72))


def _ask(ledger: Ledger, trial: Trial, state: ChangeRequestState, at: datetime) -> None:
    policy, quorum = trial.catalog.policies[Action.FULL_ON, trial.platform]
    upstream = trial.platform is Platform.POSTHOG
    request = ledger.add(
        ChangeRequest,
        experiment_id=trial.id,
        policy_id=policy,
        action=Action.FULL_ON,
        native_action="experiment.update" if upstream else None,
        state=state,
        quorum=quorum,
        intent={"variantIndex": trial.winner},
        reason=f"{trial.idea.treatment(trial.winner)} is ahead.",
        expires_at=at + LASTS,
        applied_at=trial.released if state is APPLIED else None,
        created_at=at,
        created_by_id=trial.author.id,
    )
    decision = Decision.REJECTED if state is REJECTED else Decision.APPROVED
    words = {APPLIED: quorum, REJECTED: 1, STALE: quorum - 1}.get(state, 0)
    others = [person for person in trial.people if person not in trial.owners]
    for position, person in enumerate(trial.dice.several(others, words)):
        ledger.add(
            Approval,
            change_request_id=request,
            decision=decision,
            reason=trial.dice.pick(REASONS[decision]),
            created_at=at + timedelta(minutes=20 * (position + 1)),
            created_by_id=person.id,
            position=position,
        )
