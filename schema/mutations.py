"""The mutations: the table of contents of what can be changed."""

import strawberry

from models import Action
from resolvers.api_key import create_api_key, revoke_api_key
from resolvers.application import APPLICATION
from resolvers.approval import approve, cancel, deciding, reject
from resolvers.approval_policy import APPROVAL_POLICY
from resolvers.batch import transition_all
from resolvers.design import create_experiment, update_experiment
from resolvers.duplicate import duplicate_experiment
from resolvers.editing import create, delete, update
from resolvers.favorite import set_favorite
from resolvers.goal import GOAL
from resolvers.holdout import HOLDOUT
from resolvers.import_payload import import_payload
from resolvers.metric import METRIC
from resolvers.note import add_experiment_note, edit_note, reply_to_note
from resolvers.saved_metric import SAVED_METRIC
from resolvers.schedule import cancel_scheduled, schedule
from resolvers.segment import SEGMENT
from resolvers.sync_source import sync_source
from resolvers.tag import TAG
from resolvers.team import TEAM
from resolvers.transition import transition, transition_to, validate
from resolvers.unit_type import UNIT_TYPE
from resolvers.user import USER
from resolvers.variant import create_variant, delete_variant, update_variant
from schema import api_key as api_keys
from schema import application as applications
from schema import approval_policy as policies
from schema import change_request as c
from schema import experiment_inputs as e
from schema import experiment_links as links
from schema import goal as goals
from schema import holdout as holdouts
from schema import metric as metrics
from schema import note as notes
from schema import saved_metric as saved_metrics
from schema import scheduled_action as s
from schema import segment as segments
from schema import source as sources
from schema import tag as tags
from schema import team as teams
from schema import transition as t
from schema import unit_type as unit_types
from schema import user as users
from schema import variant as variants
from schema.fields import Argument, mutation, root


@strawberry.type(description="What can be changed.")
class Mutation:
    create_experiment: e.CreateExperimentPayload | None = mutation(
        create_experiment, e.CreateExperimentInput, "Make an experiment, as a draft."
    )
    update_experiment: e.UpdateExperimentPayload | None = mutation(
        update_experiment, e.UpdateExperimentInput, "Change an experiment, as far as it may be."
    )
    duplicate_experiment: e.DuplicateExperimentPayload | None = mutation(
        duplicate_experiment,
        e.DuplicateExperimentInput,
        "Make a draft with the design of another experiment.",
    )
    create_variant: variants.CreateVariantPayload | None = mutation(
        create_variant, variants.CreateVariantInput, "Add a variant to an experiment."
    )
    update_variant: variants.UpdateVariantPayload | None = mutation(
        update_variant, variants.UpdateVariantInput, "Change a variant."
    )
    delete_variant: variants.DeleteVariantPayload | None = mutation(
        delete_variant,
        variants.DeleteVariantInput,
        "Take away a variant that no allocation and no result names.",
    )

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

    create_goal: goals.CreateGoalPayload | None = mutation(
        create(GOAL), goals.CreateGoalInput, "Make a goal."
    )
    update_goal: goals.UpdateGoalPayload | None = mutation(
        update(GOAL), goals.UpdateGoalInput, "Change a goal."
    )
    delete_goal: goals.DeleteGoalPayload | None = mutation(
        delete(GOAL), goals.DeleteGoalInput, "Delete a goal that nothing uses."
    )

    create_team: teams.CreateTeamPayload | None = mutation(
        create(TEAM), teams.CreateTeamInput, "Make a team."
    )
    update_team: teams.UpdateTeamPayload | None = mutation(
        update(TEAM), teams.UpdateTeamInput, "Change a team."
    )
    delete_team: teams.DeleteTeamPayload | None = mutation(
        delete(TEAM), teams.DeleteTeamInput, "Delete a team that nothing uses."
    )

    create_user: users.CreateUserPayload | None = mutation(
        create(USER), users.CreateUserInput, "Make a user."
    )
    update_user: users.UpdateUserPayload | None = mutation(
        update(USER), users.UpdateUserInput, "Change a user."
    )
    delete_user: users.DeleteUserPayload | None = mutation(
        delete(USER), users.DeleteUserInput, "Delete a user that nothing uses."
    )

    create_tag: tags.CreateTagPayload | None = mutation(
        create(TAG), tags.CreateTagInput, "Make a tag."
    )
    update_tag: tags.UpdateTagPayload | None = mutation(
        update(TAG), tags.UpdateTagInput, "Change a tag."
    )
    delete_tag: tags.DeleteTagPayload | None = mutation(
        delete(TAG), tags.DeleteTagInput, "Delete a tag that nothing uses."
    )

    create_application: applications.CreateApplicationPayload | None = mutation(
        create(APPLICATION), applications.CreateApplicationInput, "Make an application."
    )
    update_application: applications.UpdateApplicationPayload | None = mutation(
        update(APPLICATION), applications.UpdateApplicationInput, "Change an application."
    )
    delete_application: applications.DeleteApplicationPayload | None = mutation(
        delete(APPLICATION),
        applications.DeleteApplicationInput,
        "Delete an application that nothing uses.",
    )

    create_unit_type: unit_types.CreateUnitTypePayload | None = mutation(
        create(UNIT_TYPE), unit_types.CreateUnitTypeInput, "Make a unit type."
    )
    update_unit_type: unit_types.UpdateUnitTypePayload | None = mutation(
        update(UNIT_TYPE), unit_types.UpdateUnitTypeInput, "Change a unit type."
    )
    delete_unit_type: unit_types.DeleteUnitTypePayload | None = mutation(
        delete(UNIT_TYPE), unit_types.DeleteUnitTypeInput, "Delete a unit type that nothing uses."
    )

    create_segment: segments.CreateSegmentPayload | None = mutation(
        create(SEGMENT), segments.CreateSegmentInput, "Make a segment."
    )
    update_segment: segments.UpdateSegmentPayload | None = mutation(
        update(SEGMENT), segments.UpdateSegmentInput, "Change a segment."
    )
    delete_segment: segments.DeleteSegmentPayload | None = mutation(
        delete(SEGMENT), segments.DeleteSegmentInput, "Delete a segment that nothing uses."
    )

    create_holdout: holdouts.CreateHoldoutPayload | None = mutation(
        create(HOLDOUT), holdouts.CreateHoldoutInput, "Make a holdout."
    )
    update_holdout: holdouts.UpdateHoldoutPayload | None = mutation(
        update(HOLDOUT), holdouts.UpdateHoldoutInput, "Change a holdout."
    )
    delete_holdout: holdouts.DeleteHoldoutPayload | None = mutation(
        delete(HOLDOUT), holdouts.DeleteHoldoutInput, "Delete a holdout that nothing uses."
    )

    create_saved_metric: saved_metrics.CreateSavedMetricPayload | None = mutation(
        create(SAVED_METRIC), saved_metrics.CreateSavedMetricInput, "Make a saved metric."
    )
    update_saved_metric: saved_metrics.UpdateSavedMetricPayload | None = mutation(
        update(SAVED_METRIC), saved_metrics.UpdateSavedMetricInput, "Change a saved metric."
    )
    delete_saved_metric: saved_metrics.DeleteSavedMetricPayload | None = mutation(
        delete(SAVED_METRIC),
        saved_metrics.DeleteSavedMetricInput,
        "Delete a saved metric that nothing uses.",
    )

    create_approval_policy: policies.CreateApprovalPolicyPayload | None = mutation(
        create(APPROVAL_POLICY), policies.CreateApprovalPolicyInput, "Make an approval policy."
    )
    update_approval_policy: policies.UpdateApprovalPolicyPayload | None = mutation(
        update(APPROVAL_POLICY), policies.UpdateApprovalPolicyInput, "Change an approval policy."
    )
    delete_approval_policy: policies.DeleteApprovalPolicyPayload | None = mutation(
        delete(APPROVAL_POLICY),
        policies.DeleteApprovalPolicyInput,
        "Delete an approval policy that nothing uses.",
    )

    add_experiment_note: notes.AddExperimentNotePayload | None = mutation(
        add_experiment_note,
        notes.AddExperimentNoteInput,
        "Say something about an experiment.",
    )
    reply_to_note: notes.ReplyToNotePayload | None = mutation(
        reply_to_note, notes.ReplyToNoteInput, "Answer a note."
    )
    edit_note: notes.EditNotePayload | None = mutation(
        edit_note, notes.EditNoteInput, "Put a note in other words."
    )
    set_favorite: links.SetFavoritePayload | None = mutation(
        set_favorite, links.SetFavoriteInput, "Let a user follow an experiment, or no longer."
    )

    create_api_key: api_keys.CreateApiKeyPayload | None = mutation(
        create_api_key, api_keys.CreateApiKeyInput, "Make an API key; its secret is shown once."
    )
    revoke_api_key: api_keys.RevokeApiKeyPayload | None = mutation(
        revoke_api_key, api_keys.RevokeApiKeyInput, "Make an API key useless from now on."
    )

    import_payload: sources.ImportPayloadPayload | None = root(
        import_payload,
        "Write a platform's payload as rows of one source; everything of it, or nothing.",
        [Argument("input", sources.ImportPayloadInput, "What is wanted.", strawberry.UNSET)],
    )
    sync_source: sources.SyncSourcePayload | None = root(
        sync_source,
        "Read everything that a source's platform has, and write what differs.",
        [Argument("input", sources.SyncSourceInput, "What is wanted.", strawberry.UNSET)],
    )
