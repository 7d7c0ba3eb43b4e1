"""The mutations: the table of contents of what can be changed."""

import strawberry

from models import Action
from resolvers.approval import approve, cancel, deciding, reject
from resolvers.batch import transition_all
from resolvers.editing import create, delete, update
from resolvers.metric import METRIC
from resolvers.schedule import cancel_scheduled, schedule
from resolvers.transition import transition, transition_to, validate
from schema import change_request as c
from schema import metric as metrics
from schema import scheduled_action as s
from schema import transition as t
from schema.fields import mutation


@strawberry.type(description="What can be changed.")
class Mutation:
    mark_experiment_ready: t.MarkExperimentReadyPayload | None = mutation(
        transition(Action.MARK_READY), t.MarkExperimentReadyInput, "A draft becomes ready."
    )
    develop_experiment: t.DevelopExperimentPayload | None = mutation(
        transition(Action.DEVELOP),
        t.DevelopExperimentInput,
        "Start an experiment in development environments only.",
    )
    start_experiment: t.StartExperimentPayload | None = mutation(
        transition(Action.START), t.StartExperimentInput, "Start an experiment everywhere."
    )
    pause_experiment: t.PauseExperimentPayload | None = mutation(
        transition(Action.PAUSE), t.PauseExperimentInput, "Suspend an experiment."
    )
    resume_experiment: t.ResumeExperimentPayload | None = mutation(
        transition(Action.RESUME), t.ResumeExperimentInput, "Go on after a pause."
    )
    freeze_experiment: t.FreezeExperimentPayload | None = mutation(
        transition(Action.FREEZE),
        t.FreezeExperimentInput,
        "Let nobody new in; those who were exposed keep their variant.",
    )
    unfreeze_experiment: t.UnfreezeExperimentPayload | None = mutation(
        transition(Action.UNFREEZE), t.UnfreezeExperimentInput, "Let units in again."
    )
    advance_experiment_ramp: t.AdvanceExperimentRampPayload | None = mutation(
        transition(Action.ADVANCE_RAMP),
        t.AdvanceExperimentRampInput,
        "Raise the share of units to the ramp's next level.",
    )
    stop_experiment: t.StopExperimentPayload | None = mutation(
        transition(Action.STOP), t.StopExperimentInput, "End an experiment."
    )
    full_on_experiment: t.FullOnExperimentPayload | None = mutation(
        transition(Action.FULL_ON), t.FullOnExperimentInput, "Give one variant to everybody."
    )
    archive_experiment: t.ArchiveExperimentPayload | None = mutation(
        transition(Action.ARCHIVE), t.ArchiveExperimentInput, "Put an experiment away."
    )
    unarchive_experiment: t.UnarchiveExperimentPayload | None = mutation(
        transition(Action.UNARCHIVE), t.UnarchiveExperimentInput, "Take an experiment out again."
    )
    restart_experiment: t.RestartExperimentPayload | None = mutation(
        transition(Action.RESTART),
        t.RestartExperimentInput,
        "Make a new iteration; one that still runs is stopped.",
    )
    reset_experiment: t.ResetExperimentPayload | None = mutation(
        transition(Action.RESET),
        t.ResetExperimentInput,
        "Take an experiment back to a draft; its dates and outcome are cleared.",
    )
    delete_experiment: t.DeleteExperimentPayload | None = mutation(
        transition(Action.DELETE), t.DeleteExperimentInput, "Delete an experiment."
    )
    restore_experiment: t.RestoreExperimentPayload | None = mutation(
        transition(Action.RESTORE), t.RestoreExperimentInput, "Take a deletion back."
    )
    transition_experiment: t.TransitionExperimentPayload | None = mutation(
        transition_to,
        t.TransitionExperimentInput,
        "Bring an experiment to a target, by the action that leads there.",
    )
    transition_experiments: t.TransitionExperimentsPayload | None = mutation(
        transition_all,
        t.TransitionExperimentsInput,
        "Take one action on many experiments: one transaction, one result for each.",
    )
    validate_experiment: t.ValidateExperimentPayload | None = mutation(
        validate,
        t.ValidateExperimentInput,
        "Check whether an experiment has everything that a start needs; nothing is written.",
    )
    schedule_transition: s.ScheduleTransitionPayload | None = mutation(
        schedule, s.ScheduleTransitionInput, "Plan a transition for a moment in the future."
    )
    cancel_scheduled_transition: s.CancelScheduledTransitionPayload | None = mutation(
        cancel_scheduled, s.CancelScheduledTransitionInput, "Take a planned transition back."
    )

    approve_change_request: c.ApproveChangeRequestPayload | None = mutation(
        deciding(approve),
        c.ApproveChangeRequestInput,
        "Approve a change request; at quorum it is applied at once, in the requester's name.",
    )
    reject_change_request: c.RejectChangeRequestPayload | None = mutation(
        deciding(reject), c.RejectChangeRequestInput, "Reject a change request, for good."
    )
    cancel_change_request: c.CancelChangeRequestPayload | None = mutation(
        deciding(cancel), c.CancelChangeRequestInput, "Take back what you asked for."
    )

    create_metric: metrics.CreateMetricPayload | None = mutation(
        create(METRIC), metrics.CreateMetricInput, "Make a metric."
    )
    update_metric: metrics.UpdateMetricPayload | None = mutation(
        update(METRIC), metrics.UpdateMetricInput, "Change a metric."
    )
    delete_metric: metrics.DeleteMetricPayload | None = mutation(
        delete(METRIC), metrics.DeleteMetricInput, "Delete a metric that nothing uses."
    )
