# ruff: noqa: PLC0414  the aliases tell type checkers that these names are for others
"""Every noun by name, resolved when the schema is built: nouns name each other in circles."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.alert import Alert as Alert
    from schema.alert import AlertWhere as AlertWhere
    from schema.allocation import Allocation as Allocation
    from schema.allocation import AllocationOrder as AllocationOrder
    from schema.allocation import AllocationWhere as AllocationWhere
    from schema.api_key import ApiKey as ApiKey
    from schema.api_key import ApiKeyOrder as ApiKeyOrder
    from schema.api_key import ApiKeyWhere as ApiKeyWhere
    from schema.application import Application as Application
    from schema.application import ApplicationOrder as ApplicationOrder
    from schema.application import ApplicationWhere as ApplicationWhere
    from schema.approval_policy import ApprovalPolicy as ApprovalPolicy
    from schema.approval_policy import ApprovalPolicyOrder as ApprovalPolicyOrder
    from schema.approval_policy import ApprovalPolicyWhere as ApprovalPolicyWhere
    from schema.change_request import Approval as Approval
    from schema.change_request import ChangeRequest as ChangeRequest
    from schema.change_request import ChangeRequestOrder as ChangeRequestOrder
    from schema.change_request import ChangeRequestWhere as ChangeRequestWhere
    from schema.custom_field import CustomField as CustomField
    from schema.custom_field import CustomFieldValue as CustomFieldValue
    from schema.custom_field import CustomFieldValueOrder as CustomFieldValueOrder
    from schema.custom_field import CustomFieldValueWhere as CustomFieldValueWhere
    from schema.delivery import Delivery as Delivery
    from schema.event import Event as Event
    from schema.event import EventOrder as EventOrder
    from schema.event import EventWhere as EventWhere
    from schema.experiment import Experiment as Experiment
    from schema.experiment import ExperimentOrder as ExperimentOrder
    from schema.experiment import ExperimentWhere as ExperimentWhere
    from schema.experiment import Family as Family
    from schema.experiment_links import ExperimentApplication as ExperimentApplication
    from schema.experiment_links import ExperimentMetric as ExperimentMetric
    from schema.experiment_links import ExperimentSavedMetric as ExperimentSavedMetric
    from schema.experiment_links import Favorite as Favorite
    from schema.exposure import Exposure as Exposure
    from schema.feature_flag import FeatureFlag as FeatureFlag
    from schema.feature_flag import FeatureFlagOrder as FeatureFlagOrder
    from schema.feature_flag import FeatureFlagWhere as FeatureFlagWhere
    from schema.file import File as File
    from schema.goal import Goal as Goal
    from schema.goal import GoalOrder as GoalOrder
    from schema.goal import GoalWhere as GoalWhere
    from schema.holdout import Holdout as Holdout
    from schema.holdout import HoldoutOrder as HoldoutOrder
    from schema.holdout import HoldoutWhere as HoldoutWhere
    from schema.metric import Metric as Metric
    from schema.metric import MetricCategory as MetricCategory
    from schema.metric import MetricOrder as MetricOrder
    from schema.metric import MetricWhere as MetricWhere
    from schema.note import Note as Note
    from schema.note import NoteOrder as NoteOrder
    from schema.note import NoteWhere as NoteWhere
    from schema.result import Result as Result
    from schema.result import ResultOrder as ResultOrder
    from schema.result import ResultWhere as ResultWhere
    from schema.sample_size import SampleSize as SampleSize
    from schema.saved_metric import SavedMetric as SavedMetric
    from schema.saved_metric import SavedMetricOrder as SavedMetricOrder
    from schema.saved_metric import SavedMetricWhere as SavedMetricWhere
    from schema.scheduled_action import ScheduledAction as ScheduledAction
    from schema.screenshot import Screenshot as Screenshot
    from schema.segment import Segment as Segment
    from schema.segment import SegmentOrder as SegmentOrder
    from schema.segment import SegmentWhere as SegmentWhere
    from schema.source import Source as Source
    from schema.source import SourceOrder as SourceOrder
    from schema.source import SourceWhere as SourceWhere
    from schema.tag import Tag as Tag
    from schema.tag import TagOrder as TagOrder
    from schema.tag import TagWhere as TagWhere
    from schema.team import Team as Team
    from schema.team import TeamOrder as TeamOrder
    from schema.team import TeamWhere as TeamWhere
    from schema.unit_type import UnitType as UnitType
    from schema.unit_type import UnitTypeOrder as UnitTypeOrder
    from schema.unit_type import UnitTypeWhere as UnitTypeWhere
    from schema.user import User as User
    from schema.user import UserOrder as UserOrder
    from schema.user import UserWhere as UserWhere
    from schema.variant import Variant as Variant
    from schema.variant import VariantWhere as VariantWhere
else:
    HOMES = {
        "experiment_links": (
            "ExperimentApplication ExperimentMetric ExperimentSavedMetric Favorite"
        ),
        "alert": "Alert AlertWhere",
        "allocation": "Allocation AllocationOrder AllocationWhere",
        "api_key": "ApiKey ApiKeyOrder ApiKeyWhere",
        "application": "Application ApplicationOrder ApplicationWhere",
        "approval_policy": "ApprovalPolicy ApprovalPolicyOrder ApprovalPolicyWhere",
        "change_request": "Approval ChangeRequest ChangeRequestOrder ChangeRequestWhere",
        "custom_field": (
            "CustomField CustomFieldValue CustomFieldValueOrder CustomFieldValueWhere"
        ),
        "delivery": "Delivery",
        "event": "Event EventOrder EventWhere",
        "experiment": "Experiment ExperimentOrder ExperimentWhere Family",
        "exposure": "Exposure",
        "feature_flag": "FeatureFlag FeatureFlagOrder FeatureFlagWhere",
        "file": "File",
        "goal": "Goal GoalOrder GoalWhere",
        "holdout": "Holdout HoldoutOrder HoldoutWhere",
        "metric": "Metric MetricCategory MetricOrder MetricWhere",
        "note": "Note NoteOrder NoteWhere",
        "result": "Result ResultOrder ResultWhere",
        "sample_size": "SampleSize",
        "saved_metric": "SavedMetric SavedMetricOrder SavedMetricWhere",
        "scheduled_action": "ScheduledAction",
        "screenshot": "Screenshot",
        "segment": "Segment SegmentOrder SegmentWhere",
        "source": "Source SourceOrder SourceWhere",
        "tag": "Tag TagOrder TagWhere",
        "team": "Team TeamOrder TeamWhere",
        "unit_type": "UnitType UnitTypeOrder UnitTypeWhere",
        "user": "User UserOrder UserWhere",
        "variant": "Variant VariantWhere",
    }
    globals().update(
        {
            name: Annotated[name, strawberry.lazy(f"schema.{home}")]
            for home, nouns in HOMES.items()
            for name in nouns.split()
        }
    )
