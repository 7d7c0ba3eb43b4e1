"""Sources in the graph."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers.import_payload import ImportCount, counts
from resolvers.ordering import Direction
from resolvers.outcome import Outcome
from schema import names as n
from schema.connection import Connection
from schema.fields import column, computed, connection, of_rows
from schema.filters import Filter, IDFilter, StringFilter, combined, matches, matches_id
from schema.inputs import ChangeInput, required, said
from schema.node import Node
from schema.payloads import Payload, subject
from schema.scalars import JSON


@of_rows(m.Source, "Where rows come from: a synced platform, an imported file, or this gateway.")
class Source(Node):
    name: str = column("What the source is called; unique.")
    platform: m.Platform = column("The platform that it speaks for.")
    url: str | None = column("Where the platform is reached.")
    state: m.SourceState = column("How it is connected.")
    last_synced_at: datetime | None = column("When it was last synced completely.")
    last_error: str | None = column("Why the last sync failed, if it did.")
    counts: JSON | None = column("What the last whole sync met: counts by type and outcome.")
    failures: int = column("How many calls have failed in a row.")
    quiet_until: datetime | None = column(
        "Until when its platform is left alone, since it kept failing."
    )
    created_at: datetime = column("When it was added here.")
    experiments: Connection[n.Experiment] = connection(
        r.SOURCE_EXPERIMENTS,
        "The experiments that came from it.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )
    metrics: Connection[n.Metric] = connection(
        r.SOURCE_METRICS,
        "The metrics that came from it.",
        where=n.MetricWhere,
        order_by=n.MetricOrder,
    )
    goals: Connection[n.Goal] = connection(
        r.SOURCE_GOALS, "The goals that came from it.", where=n.GoalWhere, order_by=n.GoalOrder
    )
    teams: Connection[n.Team] = connection(
        r.SOURCE_TEAMS,
        "The teams that came from it.",
        where=n.TeamWhere,
        order_by=n.TeamOrder,
    )
    users: Connection[n.User] = connection(
        r.SOURCE_USERS,
        "The users that came from it.",
        where=n.UserWhere,
        order_by=n.UserOrder,
    )
    tags: Connection[n.Tag] = connection(
        r.SOURCE_TAGS,
        "The tags that came from it.",
        where=n.TagWhere,
        order_by=n.TagOrder,
    )
    applications: Connection[n.Application] = connection(
        r.SOURCE_APPLICATIONS,
        "The applications that came from it.",
        where=n.ApplicationWhere,
        order_by=n.ApplicationOrder,
    )
    unit_types: Connection[n.UnitType] = connection(
        r.SOURCE_UNIT_TYPES,
        "The unit types that came from it.",
        where=n.UnitTypeWhere,
        order_by=n.UnitTypeOrder,
    )
    segments: Connection[n.Segment] = connection(
        r.SOURCE_SEGMENTS,
        "The segments that came from it.",
        where=n.SegmentWhere,
        order_by=n.SegmentOrder,
    )
    holdouts: Connection[n.Holdout] = connection(
        r.SOURCE_HOLDOUTS,
        "The holdouts that came from it.",
        where=n.HoldoutWhere,
        order_by=n.HoldoutOrder,
    )
    saved_metrics: Connection[n.SavedMetric] = connection(
        r.SOURCE_SAVED_METRICS,
        "The saved metrics that came from it.",
        where=n.SavedMetricWhere,
        order_by=n.SavedMetricOrder,
    )
    feature_flags: Connection[n.FeatureFlag] = connection(
        r.SOURCE_FEATURE_FLAGS,
        "The feature flags that came from it.",
        where=n.FeatureFlagWhere,
        order_by=n.FeatureFlagOrder,
    )


@strawberry.input(description="Conditions on sources.")
class SourceWhere:
    id: IDFilter | None = matches_id("id", m.Source, "The id.")
    name: StringFilter | None = matches("name", "What the source is called.")
    platform: Filter[m.Platform] | None = matches("platform", "The platform that it speaks for.")
    state: Filter[m.SourceState] | None = matches("state", "How it is connected.")
    and_: list[n.SourceWhere] | None = combined("and")
    or_: list[n.SourceWhere] | None = combined("or")
    not_: n.SourceWhere | None = combined("not")


@strawberry.input(one_of=True, description="What sources are ordered by.")
class SourceOrder:
    name: Direction | None = matches("name", "What the source is called.")
    created_at: Direction | None = matches("created_at", "When it was added here.")
    last_synced_at: Direction | None = matches("last_synced_at", "When it was last synced.")


@of_rows(ImportCount, "What an import did with the things of one type.")
class ImportCounts:
    type: str = column("The type, as the import calls it.")
    created: int = column("How many were new.")
    updated: int = column("How many were changed.")
    unchanged: int = column("How many stood here already, as they are.")
    skipped: int = column("How many could not be taken.")


@strawberry.input(description="What importing a platform's payload takes.")
class ImportPayloadInput(ChangeInput):
    payload: JSON = required(
        "What the platform's API answered, as JSON. Numbers of more than 64 bits must be texts."
    )
    platform: m.Platform | None = said(
        "The platform that it is from; told by the payload itself unless said."
    )
    source: str | None = said(
        "The name of the source that its rows belong to, which is made when it is missing; "
        "import-absmartly and the like unless said."
    )


@of_rows(Outcome, "What became of an import.")
class ImportPayloadPayload(Payload):
    source: n.Source | None = subject(
        m.Source, "The source that the rows belong to; on a dry run, null."
    )
    counts: list[ImportCounts] = computed(
        counts, ["counts"], "What was done, by type; on a dry run, what would be."
    )


@strawberry.input(description="What syncing a source takes.")
class SyncSourceInput:
    id: strawberry.ID = required("The id of the source.")


@of_rows(Outcome, "What became of a sync.")
class SyncSourcePayload(Payload):
    source: n.Source | None = subject(m.Source, "The source as it stands now.")
    counts: list[ImportCounts] = computed(counts, ["counts"], "What was done, by type.")
