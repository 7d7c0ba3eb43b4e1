"""The models' enums as GraphQL enums: every value with its description."""

from collections.abc import Mapping
from enum import StrEnum

import strawberry

import models as m
from models.lifecycle import Overlay
from resolvers.ordering import Direction


def described(kind: type[StrEnum], name: str, description: str, values: Mapping[str, str]) -> None:
    """Register an enum; ``values`` must describe each of its values, in their order."""
    strawberry.enum(kind, name=name, description=description)
    definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
    if [value.name for value in definition.values] != list(values):
        raise TypeError(f"{name}: {list(values)} are not its values")
    for value in definition.values:
        value.description = values[value.name]


described(
    Direction,
    "Direction",
    "Which end of an order comes first. What is missing comes last either way.",
    {"ASC": "Smallest, earliest or first letter first.", "DESC": "The reverse."},
)
described(
    m.Platform,
    "Platform",
    "Where an experiment is kept.",
    {
        "LOCAL": "In this gateway's own database.",
        "ABSMARTLY": "In ABsmartly.",
        "POSTHOG": "In PostHog.",
        "AUTH0": "In Auth0's Experiment Center.",
        "CHECKMANGO": "In Checkmango.",
    },
)
described(
    m.Phase,
    "ExperimentPhase",
    "Where an experiment stands; exactly one at a time.",
    {
        "DRAFT": "Being set up; nobody is assigned.",
        "READY": "Fully set up and reviewed; may be started.",
        "DEVELOPMENT": "Assigning in development environments only.",
        "RUNNING": "Assigning everywhere.",
        "PAUSED": "Suspended; see pauseEffect for what units meet meanwhile.",
        "FROZEN": "Nobody new is assigned; those who were exposed keep their variant.",
        "STOPPED": "Over.",
    },
)
described(
    m.Status,
    "ExperimentStatus",
    "What a list shows: the first of these that holds.",
    {
        "DELETED": "Deleted on its platform, and can be restored.",
        "ARCHIVED": "Put away.",
        "FULL_ON": "Running, and one variant is given to everybody.",
        "SCHEDULED": "Draft or ready, with a start that is scheduled.",
        "DRAFT": "Being set up.",
        "READY": "Fully set up; may be started.",
        "DEVELOPMENT": "Assigning in development environments only.",
        "RUNNING": "Assigning everywhere.",
        "PAUSED": "Suspended.",
        "FROZEN": "Nobody new is assigned.",
        "STOPPED": "Over.",
    },
)
described(
    m.PauseEffect,
    "PauseEffect",
    "What a pause does to units that are already in the experiment.",
    {
        "DEFAULT_EXPERIENCE": "They fall back to the default (PostHog).",
        "KEEP_IN_FLIGHT": "Sessions in flight keep their variant (Auth0).",
    },
)
described(
    m.ReleaseMode,
    "ReleaseMode",
    "How the winning variant was given to everybody.",
    {
        "FULL_ON_RUNNING": "The experiment keeps running with one variant (ABsmartly).",
        "SHIPPED_AND_STOPPED": "The experiment ended and the variant stayed (PostHog).",
        "TEMPORARY_ROLLOUT": "The variant is served until the code is cleaned up.",
    },
)
described(
    m.Action,
    "LifecycleAction",
    "A verb that changes the lifecycle.",
    {
        "MARK_READY": "Say that the set-up is complete.",
        "DEVELOP": "Assign in development environments.",
        "START": "Assign everywhere.",
        "PAUSE": "Suspend.",
        "RESUME": "End a pause.",
        "FREEZE": "Stop assigning new units.",
        "UNFREEZE": "Assign new units again.",
        "ADVANCE_RAMP": "Go to the next level of the ramp.",
        "STOP": "End the experiment.",
        "FULL_ON": "Give one variant to everybody.",
        "ARCHIVE": "Put away.",
        "UNARCHIVE": "Take out of the archive.",
        "RESTART": "Begin the next iteration.",
        "RESET": "Go back to draft, without dates and outcome.",
        "DELETE": "Delete.",
        "RESTORE": "Undo a deletion.",
    },
)
described(
    Overlay,
    "LifecycleOverlay",
    "The overlays that an action can be made under.",
    {
        "NONE": "Neither archived nor deleted.",
        "UNRELEASED": "Neither archived nor deleted, and no variant is given to everybody.",
        "ARCHIVED": "Archived.",
        "EITHER": "Archived or not.",
        "DELETED": "Deleted.",
    },
)
described(
    m.DeliveryState,
    "DeliveryState",
    "How a change stands on its way to a platform.",
    {
        "PENDING": "It is still to be sent.",
        "SENDING": "It is being sent, or was and nobody knows yet whether it arrived.",
        "DELIVERED": "The platform has it.",
        "REFUSED": "The platform did not take it, and it was taken back here.",
    },
)
described(
    m.ExperimentType,
    "ExperimentType",
    "What kind of record an experiment is; nativeType has the platform's own word.",
    {
        "TEST": "An experiment.",
        "FEATURE": "A feature flag kept as an experiment (ABsmartly).",
        "TEST_TEMPLATE": "A template for experiments.",
        "FEATURE_TEMPLATE": "A template for feature flags.",
        "WEB": "A no-code web experiment (PostHog).",
        "PRODUCT": "A product experiment (PostHog).",
        "OTHER": "A kind that this gateway does not know.",
    },
)
described(
    m.MetricRole,
    "MetricRole",
    "What a metric is to an experiment.",
    {
        "PRIMARY": "What the experiment is decided by.",
        "SECONDARY": "What else is expected to move.",
        "GUARDRAIL": "What must not get worse.",
        "EXPLORATORY": "What is watched out of curiosity.",
    },
)
described(
    m.AllocationStrategy,
    "AllocationStrategy",
    "How units are given to variants.",
    {
        "PERCENTAGE": "By weights that sum to 100.",
        "SEGMENT": "By the first segment that matches.",
        "OTHER": "A strategy that this gateway does not know.",
    },
)
described(
    m.SyncState,
    "SyncState",
    "How an experiment here stands to its platform.",
    {
        "DETACHED": "Not connected: it came from a file, or lives here only.",
        "SYNCED": "As the platform had it at lastSyncedAt.",
        "PENDING": "A change made here has not reached the platform yet.",
        "FAILED": "The platform refused a change; see error.",
        "MISSING": "The platform no longer lists it.",
    },
)
described(
    m.MetricType,
    "MetricType",
    "How a value per unit is computed; nativeType has the platform's own word.",
    {
        "GOAL_COUNT": "Number of goal events.",
        "GOAL_UNIQUE_COUNT": "Whether the goal was achieved: 0 or 1.",
        "GOAL_TIME_TO_ACHIEVEMENT": "Time from first exposure to the first goal event.",
        "GOAL_PROPERTY": "Sum of a numeric property of the goal's events.",
        "GOAL_PROPERTY_UNIQUE_COUNT": "Number of distinct values of a property.",
        "GOAL_RETENTION": "Whether the unit came back within a window: 0 or 1.",
        "GOAL_ACTIVITY_PERIOD_COUNT": "Number of periods with activity.",
        "GOAL_RATIO": "Numerator divided by denominator.",
        "CUSTOM_SQL": "A query against a warehouse.",
        "MEAN": "A mean (PostHog).",
        "FUNNEL": "Completion of an ordered series of steps (PostHog).",
        "RATIO": "One mean divided by another (PostHog).",
        "RETENTION": "Return within a window (PostHog).",
        "UNIQUE": "Unique conversions (Checkmango).",
        "COUNT": "All conversions (Checkmango).",
        "OTHER": "A type that this gateway does not know.",
    },
)
described(
    m.MetricEffect,
    "MetricEffect",
    "The direction that is good.",
    {
        "POSITIVE": "More is better.",
        "NEGATIVE": "Less is better.",
        "UNKNOWN": "Neither is known to be better.",
    },
)
described(
    m.GoalType,
    "GoalType",
    "How achievements of a goal are counted, where a platform says so.",
    {
        "UNIQUE": "Once for each unit.",
        "COUNT": "Each time.",
        "OTHER": "In a way that this gateway does not know.",
    },
)
described(
    m.TagKind,
    "TagKind",
    "What a tag may be put on.",
    {"EXPERIMENT": "Experiments.", "GOAL": "Goals.", "METRIC": "Metrics."},
)
described(
    m.NoteAction,
    "NoteAction",
    "What was done when a note was written.",
    {
        "CREATE": "The experiment was created.",
        "READY": "It was marked ready.",
        "DEVELOPMENT": "It was started in development.",
        "START": "It was started.",
        "PAUSE": "It was paused.",
        "RESUME": "It was resumed.",
        "FREEZE": "Its exposures were frozen.",
        "UNFREEZE": "Its exposures were unfrozen.",
        "ADVANCE_RAMP": "Its ramp was advanced.",
        "STOP": "It was stopped.",
        "FULL_ON": "One variant was given to everybody.",
        "RESTART": "The next iteration was begun.",
        "RESET": "It was taken back to draft.",
        "EDIT": "It was edited.",
        "COMMENT": "Nothing but the comment.",
        "ARCHIVE": "It was archived.",
        "UNARCHIVE": "It was taken out of the archive.",
        "DELETE": "It was deleted.",
        "RESTORE": "It was restored.",
        "SCHEDULED_ACTION": "A transition was scheduled.",
        "OTHER": "Something that this gateway does not know; see nativeAction.",
    },
)
described(
    m.AlertType,
    "AlertType",
    "Which health check fired.",
    {
        "SAMPLE_RATIO_MISMATCH": "The observed split differs from the planned one.",
        "AUDIENCE_MISMATCH": "Units outside the audience were exposed.",
        "ASSIGNMENT_CONFLICT": "A unit met more than one variant.",
        "EXPERIMENTS_INTERACT": "Two experiments influence each other.",
        "METRIC_THRESHOLD_REACHED": "A metric moved past its alert threshold.",
        "CLEANUP_NEEDED": "The experiment is over and still in the code.",
        "SAMPLE_SIZE_REACHED": "The planned number of units was reached.",
        "GROUP_SEQUENTIAL_UPDATED": "There is a new interim analysis.",
        "OTHER": "A check that this gateway does not know; see nativeType.",
    },
)
described(
    m.SourceState,
    "SourceState",
    "How a source is connected.",
    {
        "DETACHED": "Not connected: its rows came from files or live here.",
        "CONNECTED": "Synced with its platform.",
        "FAILING": "Its platform cannot be reached; see lastError.",
    },
)
described(
    m.ScheduleOrigin,
    "ScheduleOrigin",
    "Who will make a scheduled transition.",
    {"GATEWAY": "This gateway.", "UPSTREAM": "The platform."},
)
described(
    m.ScheduleState,
    "ScheduleState",
    "How a scheduled transition stands.",
    {
        "PENDING": "Not due yet.",
        "DONE": "Made.",
        "CANCELLED": "Called off.",
        "FAILED": "Tried and refused.",
    },
)
described(
    m.ChangeRequestState,
    "ChangeRequestState",
    "How a change request stands.",
    {
        "PENDING": "Waiting for approvals.",
        "APPROVED": "Approved, and about to be applied.",
        "APPLIED": "Applied.",
        "REJECTED": "Rejected by an approver.",
        "CANCELLED": "Withdrawn by its requester.",
        "EXPIRED": "Not approved in time.",
        "STALE": "Its target changed meanwhile.",
        "FAILED": "Approved, and refused when it was applied.",
    },
)
described(
    m.Decision,
    "Decision",
    "What an approver said.",
    {"APPROVED": "Yes.", "REJECTED": "No."},
)
