"""Lifecycle transitions: one mutation, one input and one payload for each action."""

from enum import StrEnum

import strawberry

import models as m
from models.lifecycle import Target
from resolvers.outcome import Outcome
from schema import names as n
from schema.enums import described
from schema.fields import column, of_rows
from schema.inputs import ChangeInput, RowInput, required, said
from schema.payloads import Payload, TransitionPayload, subject


class RestartPhase(StrEnum):
    """Where a new iteration begins."""

    RUNNING = "RUNNING"
    DEVELOPMENT = "DEVELOPMENT"


described(
    RestartPhase,
    "RestartPhase",
    "Where a new iteration begins.",
    {"RUNNING": "Everywhere.", "DEVELOPMENT": "In development environments only."},
)
described(
    Target,
    "TransitionTarget",
    "Where an experiment is to be, in the words of Auth0's status endpoint.",
    {
        "ACTIVE": "Running: START, RESUME or UNFREEZE, whichever leads there.",
        "PAUSED": "Suspended: PAUSE.",
        "COMPLETED": "Over: STOP.",
        "ARCHIVED": "Put away: ARCHIVE.",
    },
)


@strawberry.input
class TransitionInput(RowInput):
    """What every transition takes."""

    note: str | None = said("What there is to say about it; it is kept as a note.")


@strawberry.input(description="What MARK_READY takes.")
class MarkExperimentReadyInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of MARK_READY.")
class MarkExperimentReadyPayload(TransitionPayload):
    pass


@strawberry.input(description="What DEVELOP takes.")
class DevelopExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of DEVELOP.")
class DevelopExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What START takes.")
class StartExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of START.")
class StartExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What PAUSE takes.")
class PauseExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of PAUSE.")
class PauseExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What RESUME takes.")
class ResumeExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of RESUME.")
class ResumeExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What FREEZE takes.")
class FreezeExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of FREEZE.")
class FreezeExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What UNFREEZE takes.")
class UnfreezeExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of UNFREEZE.")
class UnfreezeExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What ADVANCE_RAMP takes.")
class AdvanceExperimentRampInput(TransitionInput):
    level: float = required("The level, in percent: exactly the next one of the ramp.")


@of_rows(Outcome, "What became of ADVANCE_RAMP.")
class AdvanceExperimentRampPayload(TransitionPayload):
    pass


@strawberry.input(description="What STOP takes.")
class StopExperimentInput(TransitionInput):
    reason: str | None = said(
        "Why, in the platform's words, such as hypothesis_rejected. ABsmartly demands one."
    )
    conclusion: str | None = said(
        "How it came out. PostHog takes won, lost, inconclusive, stopped_early and invalid."
    )
    comment: str | None = said("What there is to say about the outcome.")


@of_rows(Outcome, "What became of STOP.")
class StopExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What FULL_ON takes.")
class FullOnExperimentInput(TransitionInput):
    variant_index: int = required("The index of the variant; 0 is the control.")


@of_rows(Outcome, "What became of FULL_ON.")
class FullOnExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What ARCHIVE takes.")
class ArchiveExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of ARCHIVE.")
class ArchiveExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What UNARCHIVE takes.")
class UnarchiveExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of UNARCHIVE.")
class UnarchiveExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What RESTART takes.")
class RestartExperimentInput(TransitionInput):
    reason: str | None = said(
        "Why, in the platform's words, such as hypothesis_rejected. ABsmartly demands one."
    )
    reshuffle: bool = said("Whether units are assigned anew, or keep what they had.", default=True)
    into: RestartPhase = said(
        "Where the new iteration begins.", default=RestartPhase.RUNNING, name="as"
    )


@of_rows(Outcome, "What became of RESTART.")
class RestartExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What RESET takes.")
class ResetExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of RESET.")
class ResetExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What DELETE takes.")
class DeleteExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of DELETE.")
class DeleteExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What RESTORE takes.")
class RestoreExperimentInput(TransitionInput):
    pass


@of_rows(Outcome, "What became of RESTORE.")
class RestoreExperimentPayload(TransitionPayload):
    pass


@strawberry.input(description="What a transition to a target takes.")
class TransitionExperimentInput(TransitionInput):
    to: Target = required("Where the experiment is to be.")
    reason: str | None = said(
        "Why, in the platform's words, such as hypothesis_rejected. ABsmartly demands one."
    )
    conclusion: str | None = said(
        "How it came out. PostHog takes won, lost, inconclusive, stopped_early and invalid."
    )
    comment: str | None = said("What there is to say about the outcome.")


@of_rows(Outcome, "What became of a transition to a target.")
class TransitionExperimentPayload(TransitionPayload):
    pass


@strawberry.input
class TransitionArguments:
    """The arguments of every action, where the action itself is one."""

    reason: str | None = said(
        "Why, in the platform's words, such as hypothesis_rejected. ABsmartly demands one."
    )
    conclusion: str | None = said(
        "How it came out. PostHog takes won, lost, inconclusive, stopped_early and invalid."
    )
    comment: str | None = said("What there is to say about the outcome.")
    variant_index: int | None = said("The index of the variant; 0 is the control.")
    level: float | None = said("The level, in percent: exactly the next one of the ramp.")
    reshuffle: bool = said("Whether units are assigned anew, or keep what they had.", default=True)
    into: RestartPhase = said(
        "Where the new iteration begins.", default=RestartPhase.RUNNING, name="as"
    )


@strawberry.input(description="What a batch of transitions takes.")
class TransitionExperimentsInput(TransitionArguments, ChangeInput):
    ids: list[strawberry.ID] = required("The experiments, at most 200.")
    action: m.Action = required("What is done to each of them.")
    note: str | None = said("What there is to say about it; it is kept as a note of each.")


@of_rows(Outcome, "What became of one experiment of a batch.")
class TransitionResult(TransitionPayload):
    pass


@of_rows(Outcome, "What became of a batch: one transaction, one result for each experiment.")
class TransitionExperimentsPayload(Payload):
    results: list[TransitionResult] = column("One for each id, in that order.")


@strawberry.input(description="What checking an experiment takes.")
class ValidateExperimentInput(RowInput):
    pass


@of_rows(Outcome, "Whether an experiment has everything that a start needs.")
class ValidateExperimentPayload(Payload):
    experiment: n.Experiment | None = subject(m.Experiment, "The experiment.")
