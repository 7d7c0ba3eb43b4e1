"""The roots: the table of contents of the graph."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

import models as m
from resolvers import find, paging
from resolvers.context import Context
from resolvers.lifecycle import table as lifecycle_table
from resolvers.rate_limit import rate_limit
from resolvers.sample_size import RequiredSampleSize as RequiredSampleSizeFacts
from resolvers.sample_size import required_sample_size
from resolvers.search import Searched
from resolvers.search import search as text_search
from resolvers.subscription import events_cursor
from resolvers.user import name_expression
from resolvers.viewer import viewer
from schema import enums as _enums  # noqa: F401  enums register themselves
from schema import names as n
from schema.application import Application
from schema.connection import Connection
from schema.enums import described
from schema.errors import ERRORS
from schema.experiment import Experiment
from schema.feature_flag import FeatureFlag
from schema.fields import WINDOW, Argument, column, of_rows, root, root_list, root_row
from schema.goal import Goal
from schema.holdout import Holdout
from schema.lifecycle import LifecycleTransition
from schema.metric import Metric
from schema.mutations import Mutation
from schema.node import Node
from schema.rate_limit import RateLimit
from schema.saved_metric import SavedMetric
from schema.scalars import SCALARS, BigInt
from schema.segment import Segment
from schema.subscriptions import Subscription
from schema.tag import Tag
from schema.team import Team
from schema.unit_type import UnitType
from schema.user import User
from schema.viewer import Viewer


class SearchType(StrEnum):
    """What a search may look for."""

    EXPERIMENT = "EXPERIMENT"
    METRIC = "METRIC"
    GOAL = "GOAL"
    TEAM = "TEAM"
    USER = "USER"
    TAG = "TAG"
    APPLICATION = "APPLICATION"
    UNIT_TYPE = "UNIT_TYPE"
    SEGMENT = "SEGMENT"
    HOLDOUT = "HOLDOUT"
    SAVED_METRIC = "SAVED_METRIC"
    FEATURE_FLAG = "FEATURE_FLAG"


described(
    SearchType,
    "SearchType",
    "What a search may look for.",
    {
        "EXPERIMENT": "Experiments, by key, name, description and hypothesis.",
        "METRIC": "Metrics, by name and description.",
        "GOAL": "Goals, by name and description.",
        "TEAM": "Teams, by name and description.",
        "USER": "Users, by mail address and name.",
        "TAG": "Tags, by their word.",
        "APPLICATION": "Applications, by name and description.",
        "UNIT_TYPE": "Unit types, by name and description.",
        "SEGMENT": "Segments, by name and description.",
        "HOLDOUT": "Holdouts, by name and description.",
        "SAVED_METRIC": "Saved metrics, by name and description.",
        "FEATURE_FLAG": "Feature flags, by key, name and description.",
    },
)

SEARCHED = {
    SearchType.EXPERIMENT: Searched(m.Experiment, ("key", "name"), ("description", "hypothesis")),
    SearchType.METRIC: Searched(m.Metric, ("name",), ("description",)),
    SearchType.GOAL: Searched(m.Goal, ("name",), ("description",)),
    SearchType.TEAM: Searched(m.Team, ("name",), ("description",)),
    SearchType.USER: Searched(m.User, (name_expression, "first_name", "last_name", "email")),
    SearchType.TAG: Searched(m.Tag, ("tag",)),
    SearchType.APPLICATION: Searched(m.Application, ("name",), ("description",)),
    SearchType.UNIT_TYPE: Searched(m.UnitType, ("name",), ("description",)),
    SearchType.SEGMENT: Searched(m.Segment, ("name",), ("description",)),
    SearchType.HOLDOUT: Searched(m.Holdout, ("name",), ("description",)),
    SearchType.SAVED_METRIC: Searched(m.SavedMetric, ("name",), ("description",)),
    SearchType.FEATURE_FLAG: Searched(m.FeatureFlag, ("key", "name"), ("description",)),
}

SearchResult = Annotated[
    Experiment
    | Metric
    | Goal
    | Team
    | User
    | Tag
    | Application
    | UnitType
    | Segment
    | Holdout
    | SavedMetric
    | FeatureFlag,
    strawberry.union("SearchResult", description="Anything that a search can find."),
]


async def search(
    context: Context, text: str, types: Sequence[SearchType] | None, **window: Any
) -> paging.Page:
    """What holds the text, in the chosen types."""
    chosen = dict.fromkeys(SEARCHED if types is None else types)
    asked = paging.window(**window)
    return await text_search(context, text, [SEARCHED[kind] for kind in chosen], asked)


@of_rows(RequiredSampleSizeFacts, "How many units a test needs.")
class RequiredSampleSize:
    total: BigInt = column("The units of all variants together.")
    by_variant: list[BigInt] = column("The units of each variant, in the order of the split.")


def _id(noun: str) -> list[Argument]:
    return [Argument("id", strawberry.ID, f"The {noun}'s id.", strawberry.UNSET)]


@strawberry.type(description="What can be read.")
class Query:
    node: Node | None = root(find.node, "Anything that has an id.", _id("thing"))
    nodes: list[Node | None] = root(
        find.nodes,
        "Things by their ids, in that order; null for what is not there.",
        [Argument("ids", list[strawberry.ID], "At most 200 ids.", strawberry.UNSET)],
    )
    viewer: Viewer = root(viewer, "Whoever asks.")
    rate_limit: RateLimit | None = root(
        rate_limit, "What this operation costs, and what its caller may still spend."
    )
    experiment: n.Experiment | None = root_row(
        m.Experiment,
        find.experiment,
        "One experiment, by id, or by key: then its latest iteration.",
        [
            Argument("id", strawberry.ID | None, "The experiment's id."),
            Argument("key", str | None, "The experiment's key."),
            Argument("source", str | None, "The source of the key, where several have it."),
        ],
    )
    experiments: Connection[n.Experiment] = root_list(
        m.Experiment, "All experiments.", where=n.ExperimentWhere, order_by=n.ExperimentOrder
    )
    metric: n.Metric | None = root_row(
        m.Metric, find.one_of(m.Metric), "One metric.", _id("metric")
    )
    metrics: Connection[n.Metric] = root_list(
        m.Metric, "All metrics.", where=n.MetricWhere, order_by=n.MetricOrder
    )
    goal: n.Goal | None = root_row(m.Goal, find.one_of(m.Goal), "One goal.", _id("goal"))
    goals: Connection[n.Goal] = root_list(
        m.Goal, "All goals.", where=n.GoalWhere, order_by=n.GoalOrder
    )
    team: n.Team | None = root_row(m.Team, find.one_of(m.Team), "One team.", _id("team"))
    teams: Connection[n.Team] = root_list(
        m.Team, "All teams.", where=n.TeamWhere, order_by=n.TeamOrder
    )
    user: n.User | None = root_row(m.User, find.one_of(m.User), "One user.", _id("user"))
    users: Connection[n.User] = root_list(
        m.User, "All users.", where=n.UserWhere, order_by=n.UserOrder
    )
    tags: Connection[n.Tag] = root_list(m.Tag, "All tags.", where=n.TagWhere, order_by=n.TagOrder)
    applications: Connection[n.Application] = root_list(
        m.Application, "All applications.", where=n.ApplicationWhere, order_by=n.ApplicationOrder
    )
    unit_types: Connection[n.UnitType] = root_list(
        m.UnitType, "All unit types.", where=n.UnitTypeWhere, order_by=n.UnitTypeOrder
    )
    segments: Connection[n.Segment] = root_list(
        m.Segment, "All segments.", where=n.SegmentWhere, order_by=n.SegmentOrder
    )
    holdouts: Connection[n.Holdout] = root_list(
        m.Holdout, "All holdouts.", where=n.HoldoutWhere, order_by=n.HoldoutOrder
    )
    saved_metrics: Connection[n.SavedMetric] = root_list(
        m.SavedMetric, "All saved metrics.", where=n.SavedMetricWhere, order_by=n.SavedMetricOrder
    )
    feature_flags: Connection[n.FeatureFlag] = root_list(
        m.FeatureFlag, "All feature flags.", where=n.FeatureFlagWhere, order_by=n.FeatureFlagOrder
    )
    change_requests: Connection[n.ChangeRequest] = root_list(
        m.ChangeRequest,
        "All change requests.",
        where=n.ChangeRequestWhere,
        order_by=n.ChangeRequestOrder,
    )
    approval_policies: Connection[n.ApprovalPolicy] = root_list(
        m.ApprovalPolicy,
        "All approval policies.",
        where=n.ApprovalPolicyWhere,
        order_by=n.ApprovalPolicyOrder,
    )
    sources: Connection[n.Source] = root_list(
        m.Source, "All sources.", where=n.SourceWhere, order_by=n.SourceOrder
    )
    api_keys: Connection[n.ApiKey] = root_list(
        m.ApiKey,
        "All API keys, without their secrets.",
        where=n.ApiKeyWhere,
        order_by=n.ApiKeyOrder,
    )
    events: Connection[n.Event] = root_list(
        m.Event, "Everything that was changed here.", where=n.EventWhere, order_by=n.EventOrder
    )
    events_cursor: str = root(
        events_cursor,
        "The end of the event log. Ask for it, then read, then subscribe after it: whatever "
        "changes meanwhile is told.",
    )
    search: Connection[SearchResult] = root(
        search,
        "What holds a text, best first; case does not matter.",
        [
            Argument("text", str, "The text to look for.", strawberry.UNSET),
            Argument("types", list[SearchType] | None, "Where to look; everywhere unless said."),
            *WINDOW,
        ],
    )
    lifecycle: list[LifecycleTransition] = root(
        lifecycle_table,
        "The lifecycle of a platform, as data.",
        [Argument("platform", m.Platform, "The platform.", strawberry.UNSET)],
    )
    required_sample_size: RequiredSampleSize = root(
        required_sample_size,
        "How many units a fixed-horizon test needs to find an effect.",
        [
            Argument("mean", float, "The control's mean; not 0.", strawberry.UNSET),
            Argument("stdev", float, "The standard deviation per unit.", strawberry.UNSET),
            Argument(
                "minimum_detectable_effect",
                float,
                "The smallest relative effect to find, such as 0.02.",
                strawberry.UNSET,
            ),
            Argument("alpha", float, "The two-sided significance level.", 0.1),
            Argument("power", float, "The probability of finding the effect.", 0.8),
            Argument("split", list[float], "The variants' shares, the control first.", [0.5, 0.5]),
        ],
    )


def build(extensions: Iterable[type[SchemaExtension]] = ()) -> strawberry.Schema:
    """The schema; its classes belong to the first one built, so there is one for a process."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=ERRORS,
        extensions=list(extensions),
        config=StrawberryConfig(scalar_map=SCALARS),
    )
