"""Experiments in the graph."""

from datetime import datetime
from decimal import Decimal

import strawberry

import models as m
from resolvers import experiment, lifecycle
from resolvers import relations as r
from resolvers.ordering import Direction
from schema import names as n
from schema.connection import Connection
from schema.details import PlatformDetails
from schema.fields import batched, column, computed, connection, many, of_rows, one
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    Each,
    Filter,
    FloatFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    any_related,
    combined,
    matches,
    matches_id,
    related,
)
from schema.lifecycle import AvailableTransition, Readiness
from schema.node import Node, Sourced
from schema.overlays import Outcome, Ramp, Release, Sync
from schema.scalars import JSON


@of_rows(m.Family, "The iterations of one experiment, which share a key.")
class Family(Node):
    key: str = column("The key that they share.")
    experiments: Connection[n.Experiment] = connection(
        r.FAMILY_EXPERIMENTS, "The iterations.", where=n.ExperimentWhere, order_by=n.ExperimentOrder
    )


@of_rows(m.Experiment, "One iteration of one experiment.")
class Experiment(Sourced):
    key: str = column(
        "The name in code: ABsmartly's and Auth0's name, Checkmango's key, PostHog's flag key."
    )
    name: str = column("The name for people.")
    description: str | None = column("What it tries.")
    type: m.ExperimentType = column("What kind of record it is.")
    native_type: str | None = column("The platform's own word for the type, verbatim.")
    platform: m.Platform = column("Where it is kept.")
    url: str | None = column("Where its platform shows it.")
    iteration: int = column("Which iteration it is, as its platform counts.")
    family: n.Family = one(r.EXPERIMENT_FAMILY, "The family of iterations that it belongs to.")
    template: n.Experiment | None = one(
        r.EXPERIMENT_TEMPLATE, "The template that it was made from."
    )
    copies: Connection[n.Experiment] = connection(
        r.EXPERIMENT_COPIES,
        "The experiments that were made from it, if it is a template.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )
    phase: m.Phase = column("Where it stands.")
    status: m.Status = computed(
        experiment.status,
        experiment.STATUS_COLUMNS,
        "What a list shows: the phase seen through the overlays.",
    )
    native_state: str | None = column("The platform's own word for the state, verbatim.")
    pause_effect: m.PauseEffect | None = column(
        "What a pause does to units that are already in it."
    )
    archived: bool = column("Whether it is archived.")
    deleted: bool = computed(
        experiment.deleted, ["deleted_at"], "Whether it is deleted on its platform."
    )
    release: Release | None = computed(
        experiment.release,
        ["full_on_at", "full_on_variant", "release_mode"],
        "The variant that everybody gets, if one does.",
    )
    ramp: Ramp | None = computed(
        experiment.ramp,
        ["ramp_levels", "ramp_current_level"],
        "The gradual rise of the share of units.",
    )
    outcome: Outcome | None = computed(
        experiment.outcome,
        ["conclusion", "stop_reason", "outcome_comment", "winner_variant"],
        "How it ended.",
    )
    available_transitions: list[AvailableTransition] = batched(
        lifecycle.available_transitions,
        "Every action of its platform, with whether it may be taken now and why not.",
    )
    readiness: Readiness = batched(
        lifecycle.readiness, "Whether it has everything that a start needs."
    )
    schedule: list[n.ScheduledAction] = many(
        r.EXPERIMENT_SCHEDULE, "The transitions that were scheduled, earliest first."
    )
    change_requests: list[n.ChangeRequest] = many(
        r.EXPERIMENT_CHANGE_REQUESTS, "The actions that wait, or waited, for approval."
    )
    development_at: datetime | None = column("When it was started in development.")
    started_at: datetime | None = column("When this iteration was last started.")
    first_started_at: datetime | None = column("When it was started for the first time.")
    stopped_at: datetime | None = column("When it was stopped.")
    full_on_at: datetime | None = column("When one variant was given to everybody.")
    archived_at: datetime | None = column("When it was archived.")
    last_seen_in_code_at: datetime | None = column("When code last asked for it.")
    variants: list[n.Variant] = many(r.EXPERIMENT_VARIANTS, "Its arms, by index.")
    variant_count: int | None = column(
        "How many arms it has; may exceed the arms that its source lists."
    )
    percentages: str | None = column("The split in percent, such as 34/33/33.")
    split: list[float] = computed(
        experiment.split,
        ["percentages"],
        "The split as fractions; empty where percentages says none.",
    )
    percentage_of_traffic: float | None = column(
        "The share of all units that take part, in percent."
    )
    seed: str | None = column("What assignment is computed from, verbatim.")
    traffic_seed: str | None = column("What decides whether a unit takes part, verbatim.")
    unit_type: n.UnitType | None = one(r.EXPERIMENT_UNIT_TYPE, "What is randomised.")
    applications: list[n.ExperimentApplication] = many(
        r.EXPERIMENT_APPLICATIONS, "Where it is shown."
    )
    audience: JSON | None = column("Who may take part.")
    audience_strict: bool | None = column("Whether everybody else is kept out.")
    allocation_strategy: m.AllocationStrategy | None = column("How units are given to variants.")
    allocations: list[n.Allocation] = many(
        r.EXPERIMENT_ALLOCATIONS, "The rules that give units to variants."
    )
    segments: list[n.Segment] = many(r.EXPERIMENT_SEGMENTS, "The segments it allocates by.")
    holdout: n.Holdout | None = one(r.EXPERIMENT_HOLDOUT, "The units that it leaves alone.")
    feature_flag: n.FeatureFlag | None = one(
        r.EXPERIMENT_FEATURE_FLAG, "The switch that serves its variants."
    )
    exposure_criteria: JSON | None = column("What counts as an exposure (PostHog).")
    stats_config: JSON | None = column("How it is analysed (PostHog).")
    screenshots: list[n.Screenshot] = many(r.EXPERIMENT_SCREENSHOTS, "Pictures of its variants.")
    primary_metric: n.Metric | None = one(r.EXPERIMENT_PRIMARY_METRIC, "What it is decided by.")
    secondary_metrics: list[n.ExperimentMetric] = many(
        r.EXPERIMENT_METRICS, "Its other metrics, by role and position."
    )
    goals: Connection[n.Goal] = connection(
        r.EXPERIMENT_GOALS,
        "The goals that any of its metrics is computed from.",
        where=n.GoalWhere,
        order_by=n.GoalOrder,
    )
    saved_metrics: list[n.ExperimentSavedMetric] = many(
        r.EXPERIMENT_SAVED_METRICS, "The saved metrics that it uses."
    )
    minimum_detectable_effect: Decimal | None = column(
        "The smallest relative effect that it is planned to find, as its platform writes it."
    )
    sample_size: n.SampleSize | None = one(r.EXPERIMENT_SAMPLE_SIZE, "How many units it needs.")
    exposures: list[n.Exposure] = many(
        r.EXPERIMENT_EXPOSURES, "How many units it met, by environment."
    )
    results: list[n.Result] = many(r.EXPERIMENT_RESULTS, "How its variants came out.")
    alerts: list[n.Alert] = many(r.EXPERIMENT_ALERTS, "What health checks found, oldest first.")
    owners: list[n.User] = many(r.EXPERIMENT_OWNERS, "The users who own it.")
    teams: list[n.Team] = many(r.EXPERIMENT_TEAMS, "The teams that own it.")
    tags: list[n.Tag] = many(r.EXPERIMENT_TAGS, "The words put on it.")
    favorites: list[n.Favorite] = many(r.EXPERIMENT_FAVORITES, "Who follows it.")
    hypothesis: str | None = column("What is believed.")
    prediction: str | None = column("What is expected to happen.")
    action_points: str | None = column("What will be done about it.")
    implementation_details: str | None = column("How it is built.")
    other: str | None = column("What else there is to say.")
    custom_fields: list[n.CustomFieldValue] = many(
        r.EXPERIMENT_CUSTOM_FIELDS, "What it says in the company's own fields."
    )
    notes: Connection[n.Note] = connection(
        r.EXPERIMENT_NOTES, "Its activity.", where=n.NoteWhere, order_by=n.NoteOrder
    )
    notes_from_predecessors: list[n.Note] = many(
        r.EXPERIMENT_PREDECESSOR_NOTES, "The notes of earlier iterations that led to this one."
    )
    events: Connection[n.Event] = connection(
        r.EXPERIMENT_EVENTS, "Who changed what here.", where=n.EventWhere, order_by=n.EventOrder
    )
    sync: Sync = computed(
        experiment.sync, ["sync_state", "synced_at", "sync_error"], "How it stands to its platform."
    )
    details: PlatformDetails | None = computed(
        experiment.details, ["platform", "details"], "What only its platform says."
    )


@strawberry.input(description="Conditions on experiments.")
class ExperimentWhere:
    id: IDFilter | None = matches_id("id", m.Experiment, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    key: StringFilter | None = matches("key", "The name in code.")
    name: StringFilter | None = matches("name", "The name for people.")
    description: StringFilter | None = matches("description", "What it tries.")
    type: Filter[m.ExperimentType] | None = matches("type", "What kind of record it is.")
    platform: Filter[m.Platform] | None = matches("platform", "Where it is kept.")
    iteration: IntFilter | None = matches("iteration", "Which iteration it is.")
    phase: Filter[m.Phase] | None = matches("phase", "Where it stands.")
    status: Filter[m.Status] | None = matches(experiment.status_expression, "What a list shows.")
    native_state: StringFilter | None = matches(
        "native_state", "The platform's own word for the state."
    )
    archived: BooleanFilter | None = matches("archived", "Whether it is archived.")
    full_on_variant: IntFilter | None = matches(
        "full_on_variant", "The variant that everybody gets."
    )
    conclusion: StringFilter | None = matches("conclusion", "How it came out.")
    stop_reason: StringFilter | None = matches("stop_reason", "Why it was stopped.")
    development_at: DateTimeFilter | None = matches(
        "development_at", "When it was started in development."
    )
    started_at: DateTimeFilter | None = matches("started_at", "When it was last started.")
    first_started_at: DateTimeFilter | None = matches(
        "first_started_at", "When it was first started."
    )
    stopped_at: DateTimeFilter | None = matches("stopped_at", "When it was stopped.")
    full_on_at: DateTimeFilter | None = matches(
        "full_on_at", "When one variant was given to everybody."
    )
    archived_at: DateTimeFilter | None = matches("archived_at", "When it was archived.")
    last_seen_in_code_at: DateTimeFilter | None = matches(
        "last_seen_in_code_at", "When code last asked for it."
    )
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    variant_count: IntFilter | None = matches("variant_count", "How many arms it has.")
    percentage_of_traffic: FloatFilter | None = matches(
        "percentage_of_traffic", "The share of all units that take part."
    )
    audience_strict: BooleanFilter | None = matches(
        "audience_strict", "Whether everybody else is kept out."
    )
    hypothesis: StringFilter | None = matches("hypothesis", "What is believed.")
    sync_state: Filter[m.SyncState] | None = matches("sync_state", "How it stands to its platform.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    created_by: n.UserWhere | None = related(r.CREATED_BY, "Who made it.")
    unit_type: n.UnitTypeWhere | None = related(r.EXPERIMENT_UNIT_TYPE, "What is randomised.")
    primary_metric: n.MetricWhere | None = related(
        r.EXPERIMENT_PRIMARY_METRIC, "What it is decided by."
    )
    holdout: n.HoldoutWhere | None = related(
        r.EXPERIMENT_HOLDOUT, "The units that it leaves alone."
    )
    feature_flag: n.FeatureFlagWhere | None = related(
        r.EXPERIMENT_FEATURE_FLAG, "The switch that serves its variants."
    )
    template: n.ExperimentWhere | None = related(
        r.EXPERIMENT_TEMPLATE, "The template that it was made from."
    )
    owners: Each[n.UserWhere] | None = any_related(r.EXPERIMENT_OWNERS, "The users who own it.")
    teams: Each[n.TeamWhere] | None = any_related(r.EXPERIMENT_TEAMS, "The teams that own it.")
    tags: Each[n.TagWhere] | None = any_related(r.EXPERIMENT_TAGS, "The words put on it.")
    applications: Each[n.ApplicationWhere] | None = any_related(
        r.EXPERIMENT_SHOWN_IN, "Where it is shown."
    )
    metrics: Each[n.MetricWhere] | None = any_related(
        r.EXPERIMENT_ALL_METRICS, "Its metrics in any role, the primary one included."
    )
    alerts: Each[n.AlertWhere] | None = any_related(
        r.EXPERIMENT_ALERTS, "What health checks found."
    )
    variants: Each[n.VariantWhere] | None = any_related(r.EXPERIMENT_VARIANTS, "Its arms.")
    goals: Each[n.GoalWhere] | None = any_related(
        r.EXPERIMENT_GOALS, "The goals that any of its metrics is computed from."
    )
    segments: Each[n.SegmentWhere] | None = any_related(
        r.EXPERIMENT_SEGMENTS, "The segments it allocates by."
    )
    saved_metrics: Each[n.SavedMetricWhere] | None = any_related(
        r.EXPERIMENT_USED_SAVED_METRICS, "The saved metrics that it uses."
    )
    results: Each[n.ResultWhere] | None = any_related(
        r.EXPERIMENT_RESULTS, "How its variants came out."
    )
    notes: Each[n.NoteWhere] | None = any_related(r.EXPERIMENT_NOTES, "Its activity.")
    and_: list[n.ExperimentWhere] | None = combined("and")
    or_: list[n.ExperimentWhere] | None = combined("or")
    not_: n.ExperimentWhere | None = combined("not")


@strawberry.input(one_of=True, description="What experiments are ordered by.")
class ExperimentOrder:
    key: Direction | None = matches("key", "The name in code.")
    name: Direction | None = matches("name", "The name for people.")
    iteration: Direction | None = matches("iteration", "Which iteration it is.")
    phase: Direction | None = matches("phase", "Where it stands, in lifecycle order.")
    status: Direction | None = matches(
        experiment.status_expression, "What a list shows, in the order of the values."
    )
    platform: Direction | None = matches("platform", "Where it is kept.")
    type: Direction | None = matches("type", "What kind of record it is.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")
    started_at: Direction | None = matches("started_at", "When it was last started.")
    first_started_at: Direction | None = matches("first_started_at", "When it was first started.")
    stopped_at: Direction | None = matches("stopped_at", "When it was stopped.")
    full_on_at: Direction | None = matches("full_on_at", "When one variant was given to everybody.")
    last_seen_in_code_at: Direction | None = matches(
        "last_seen_in_code_at", "When code last asked for it."
    )
    percentage_of_traffic: Direction | None = matches(
        "percentage_of_traffic", "The share of all units that take part."
    )
    primary_metric: n.MetricOrder | None = related(
        r.EXPERIMENT_PRIMARY_METRIC, "What it is decided by."
    )
    unit_type: n.UnitTypeOrder | None = related(r.EXPERIMENT_UNIT_TYPE, "What is randomised.")
    source: n.SourceOrder | None = related(r.SOURCE, "Where it came from.")
    created_by: n.UserOrder | None = related(r.CREATED_BY, "Who made it.")
