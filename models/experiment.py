"""Experiments, their families, and the links to what they touch."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import col

from models.base import Link, Row, Sourced, choice, decimal, document, link, owned_by, text
from models.phase import PauseEffect, Phase, Platform, ReleaseMode


class ExperimentType(StrEnum):
    """What kind of record an experiment is."""

    TEST = "TEST"
    FEATURE = "FEATURE"
    TEST_TEMPLATE = "TEST_TEMPLATE"
    FEATURE_TEMPLATE = "FEATURE_TEMPLATE"
    WEB = "WEB"
    PRODUCT = "PRODUCT"
    OTHER = "OTHER"


class MetricRole(StrEnum):
    """What a metric is to an experiment."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"
    GUARDRAIL = "GUARDRAIL"
    EXPLORATORY = "EXPLORATORY"


class AllocationStrategy(StrEnum):
    """How units are given to variants (Auth0)."""

    PERCENTAGE = "PERCENTAGE"
    SEGMENT = "SEGMENT"
    OTHER = "OTHER"


class SyncState(StrEnum):
    """How an experiment stands to its platform."""

    DETACHED = "DETACHED"
    SYNCED = "SYNCED"
    PENDING = "PENDING"
    FAILED = "FAILED"
    MISSING = "MISSING"


class Family(Row, table=True):
    """The iterations of one experiment, which share a key."""

    __table_args__ = (UniqueConstraint("source_id", "key"),)

    source_id: int = link("source", index=False)
    key: str = text(nullable=False)


class Experiment(Sourced, table=True):
    """One iteration of one experiment. Platform-only facts are in ``details``."""

    NATURAL_KEY = ("key", "iteration")

    key: str = text(index=True, nullable=False)
    name: str = text(index=True, nullable=False)
    description: str | None = text()
    type: ExperimentType = choice(ExperimentType, ExperimentType.TEST)
    native_type: str | None = text()
    platform: Platform = choice(Platform, Platform.LOCAL, index=True)
    url: str | None = text()
    family_id: int = link("family")
    iteration: int = 1

    phase: Phase = choice(Phase, Phase.DRAFT, index=True)
    native_state: str | None = text()
    pause_effect: PauseEffect | None = choice(PauseEffect)
    archived: bool = False
    full_on_at: datetime | None = None
    full_on_variant: int | None = None
    release_mode: ReleaseMode | None = choice(ReleaseMode)
    start_scheduled_at: datetime | None = None
    ramp_levels: list[int] | None = document()
    ramp_current_level: int | None = None
    deleted_at: datetime | None = None
    conclusion: str | None = text()
    stop_reason: str | None = text()
    outcome_comment: str | None = text()
    winner_variant: int | None = None
    development_at: datetime | None = None
    started_at: datetime | None = None
    first_started_at: datetime | None = None
    stopped_at: datetime | None = None
    archived_at: datetime | None = None
    last_seen_in_code_at: datetime | None = None

    variant_count: int | None = None
    percentages: str | None = text()
    percentage_of_traffic: float | None = None
    seed: str | None = text()
    traffic_seed: str | None = text()
    unit_type_id: int | None = link("unit_type")
    audience: str | None = text()
    audience_strict: bool | None = None
    allocation_strategy: AllocationStrategy | None = choice(AllocationStrategy)
    holdout_id: int | None = link("holdout")
    feature_flag_id: int | None = link("feature_flag")
    template_id: int | None = link("experiment")
    exposure_criteria: dict[str, Any] | None = document()
    stats_config: dict[str, Any] | None = document()

    primary_metric_id: int | None = link("metric")
    minimum_detectable_effect: Decimal | None = decimal()

    hypothesis: str | None = text()
    prediction: str | None = text()
    action_points: str | None = text()
    implementation_details: str | None = text()
    other: str | None = text()

    sync_state: SyncState = choice(SyncState, SyncState.DETACHED)
    synced_at: datetime | None = None
    sync_error: str | None = text()
    details: dict[str, Any] | None = document()


class ExperimentOwner(Link, table=True):
    """A user who owns an experiment."""

    experiment_id: int = owned_by("experiment", primary_key=True, index=False)
    user_id: int = owned_by("user", primary_key=True)


class ExperimentTeam(Link, table=True):
    """A team that owns an experiment."""

    experiment_id: int = owned_by("experiment", primary_key=True, index=False)
    team_id: int = owned_by("team", primary_key=True)


class ExperimentTag(Link, table=True):
    """A tag on an experiment."""

    experiment_id: int = owned_by("experiment", primary_key=True, index=False)
    tag_id: int = owned_by("tag", primary_key=True)


class ExperimentApplication(Link, table=True):
    """An application that shows an experiment, from one of its versions on."""

    experiment_id: int = owned_by("experiment", primary_key=True, index=False)
    application_id: int = owned_by("application", primary_key=True)
    application_version: str | None = text()


class ExperimentMetric(Link, table=True):
    """A metric beside the primary one; ``position`` counts within its role."""

    experiment_id: int = owned_by("experiment", primary_key=True, index=False)
    metric_id: int = owned_by("metric", primary_key=True)
    role: MetricRole = choice(MetricRole, MetricRole.SECONDARY, primary_key=True)


class ExperimentSavedMetric(Link, table=True):
    """A saved metric that an experiment uses."""

    experiment_id: int = owned_by("experiment", primary_key=True, index=False)
    saved_metric_id: int = owned_by("saved_metric", primary_key=True)
    role: MetricRole = choice(MetricRole, MetricRole.SECONDARY, primary_key=True)
    link_metadata: dict[str, Any] | None = document()


Index("ix_experiment_created_at_id", Experiment.created_at, Experiment.id)  # type: ignore[arg-type]
Index("ix_experiment_started_at_id", Experiment.started_at, Experiment.id)  # type: ignore[arg-type]
for name, column in (
    ("created_at", col(Experiment.created_at)),
    ("started_at", col(Experiment.started_at)),
):
    # What is missing comes last; SQLite reads the index above from its other end for that.
    latest = Index(f"ix_experiment_{name}_latest", column.desc().nulls_last(), col(Experiment.id))
    latest.ddl_if(dialect="postgresql")
