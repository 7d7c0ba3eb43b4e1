"""What only one platform says of an experiment: one frozen class for each platform.

The experiment's ``details`` column holds the platform's own words. `details_of` gives them types,
and keeps everything it does not know in ``extra``, verbatim.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from models.lifecycle import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The common part: whatever the class of the platform has no field for."""

    extra: dict[str, Any] | None = None

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        """Read a ``details`` document; unknown keys land in ``extra``."""
        known = {field.name for field in fields(cls)} - {"extra"}
        extra = {key: value for key, value in document.items() if key not in known}
        said = {key: document[key] for key in known & document.keys()}
        for key in said.keys() & MOMENTS:
            said[key] = _moment(said[key])
        return cls(**said, extra=extra or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsmartlyDetails(Details):
    """ABsmartly: the analysis plan, the template, and the states of features."""

    feature_state: str | None = None
    feature_on_at: datetime | None = None
    feature_off_at: datetime | None = None
    analysis_type: str | None = None
    required_alpha: str | None = None
    required_power: str | None = None
    baseline_primary_metric_mean: str | None = None
    baseline_primary_metric_stdev: str | None = None
    baseline_participants_per_day: str | None = None
    group_sequential_futility_type: str | None = None
    group_sequential_analysis_count: int | None = None
    group_sequential_min_analysis_interval: str | None = None
    group_sequential_first_analysis_interval: str | None = None
    group_sequential_max_duration_interval: str | None = None
    group_sequential_analyses: list[Any] | None = None
    parent_experiment_iteration: int | None = None
    template_iteration: int | None = None
    template_name: str | None = None
    template_description: str | None = None
    template_permission: dict[str, Any] | None = None
    recommended_action: dict[str, Any] | None = None
    experiment_task_states: list[Any] | None = None
    report_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PosthogDetails(Details):
    """PostHog: parameters, metric queries and their order, and legacy forms of both."""

    parameters: dict[str, Any] | None = None
    metrics: list[Any] | None = None
    metrics_secondary: list[Any] | None = None
    secondary_metrics: list[Any] | None = None
    filters: dict[str, Any] | None = None
    primary_metrics_ordered_uuids: list[str] | None = None
    secondary_metrics_ordered_uuids: list[str] | None = None
    scheduling_config: dict[str, Any] | None = None
    running_time_calculation: dict[str, Any] | None = None
    exposure_cohort: int | None = None
    exposure_preaggregation_enabled: bool | None = None
    only_count_matured_users: bool | None = None
    user_access_level: str | None = None
    is_legacy: bool | None = None
    platform_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth0Details(Details):
    """Auth0: the flow, who is assigned, and what may be edited now."""

    authentication_flow: str | None = None
    assignment_config: dict[str, Any] | None = None
    is_valid: bool | None = None
    default_config: str | None = None
    feature_flag_snapshot: dict[str, Any] | None = None
    editable_fields: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckmangoDetails(Details):
    """Checkmango: the workspace and the assignment algorithm."""

    team_id: int | None = None
    numeric_id: int | None = None
    algorithm_type: str | None = None
    event_key: str | None = None


MOMENTS = frozenset({"feature_on_at", "feature_off_at"})

DETAILS: dict[Platform, type[Details]] = {
    Platform.ABSMARTLY: AbsmartlyDetails,
    Platform.POSTHOG: PosthogDetails,
    Platform.AUTH0: Auth0Details,
    Platform.CHECKMANGO: CheckmangoDetails,
}


def details_of(platform: Platform, document: dict[str, Any] | None) -> Details | None:
    """The typed details of an experiment; None where the platform has none (LOCAL)."""
    kind = DETAILS.get(platform)
    return None if kind is None else kind.of(document or {})


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
