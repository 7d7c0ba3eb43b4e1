"""What is true: tables, the lifecycle, expected failures. Imports nothing of the layers above."""

from models.alert import Alert, AlertType
from models.allocation import Allocation
from models.api_key import ApiKey, ApiKeyTeam
from models.application import Application
from models.approval_policy import ApprovalPolicy
from models.change_request import Approval, ChangeRequest, ChangeRequestState, Decision
from models.custom_field import CustomField, CustomFieldValue
from models.delivery import Delivery, DeliveryState
from models.event import Event
from models.experiment import (
    AllocationStrategy,
    Experiment,
    ExperimentApplication,
    ExperimentMetric,
    ExperimentOwner,
    ExperimentSavedMetric,
    ExperimentTag,
    ExperimentTeam,
    ExperimentType,
    Family,
    MetricRole,
    SyncState,
)
from models.exposure import Exposure
from models.favorite import Favorite
from models.feature_flag import FeatureFlag
from models.file import File
from models.goal import Goal, GoalOwner, GoalTag, GoalTeam, GoalType
from models.holdout import Holdout
from models.idempotency import IdempotencyRecord
from models.metric import (
    Metric,
    MetricApplication,
    MetricCategory,
    MetricEffect,
    MetricOwner,
    MetricTag,
    MetricTeam,
    MetricType,
    MetricUnitType,
)
from models.note import Note, NoteAction
from models.phase import Action, PauseEffect, Phase, Platform, ReleaseMode, Status
from models.rate_limit import RateLimitUse
from models.reference import Reference
from models.result import Result
from models.sample_size import SampleSize
from models.saved_metric import SavedMetric
from models.scheduled_action import ScheduledAction, ScheduleOrigin, ScheduleState
from models.screenshot import Screenshot
from models.segment import Segment
from models.source import Source, SourceState
from models.tag import Tag, TagKind
from models.team import Team, TeamMember
from models.unit_type import UnitType
from models.user import User
from models.variant import Variant

__all__ = [
    "Action",
    "Alert",
    "AlertType",
    "Allocation",
    "AllocationStrategy",
    "ApiKey",
    "ApiKeyTeam",
    "Application",
    "Approval",
    "ApprovalPolicy",
    "ChangeRequest",
    "ChangeRequestState",
    "CustomField",
    "CustomFieldValue",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Event",
    "Experiment",
    "ExperimentApplication",
    "ExperimentMetric",
    "ExperimentOwner",
    "ExperimentSavedMetric",
    "ExperimentTag",
    "ExperimentTeam",
    "ExperimentType",
    "Exposure",
    "Family",
    "Favorite",
    "FeatureFlag",
    "File",
    "Goal",
    "GoalOwner",
    "GoalTag",
    "GoalTeam",
    "GoalType",
    "Holdout",
    "IdempotencyRecord",
    "Metric",
    "MetricApplication",
    "MetricCategory",
    "MetricEffect",
    "MetricOwner",
    "MetricRole",
    "MetricTag",
    "MetricTeam",
    "MetricType",
    "MetricUnitType",
    "Note",
    "NoteAction",
    "PauseEffect",
    "Phase",
    "Platform",
    "RateLimitUse",
    "Reference",
    "ReleaseMode",
    "Result",
    "SampleSize",
    "SavedMetric",
    "ScheduleOrigin",
    "ScheduleState",
    "ScheduledAction",
    "Screenshot",
    "Segment",
    "Source",
    "SourceState",
    "Status",
    "SyncState",
    "Tag",
    "TagKind",
    "Team",
    "TeamMember",
    "UnitType",
    "User",
    "Variant",
]
