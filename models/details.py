"""What only one platform says of an experiment: one frozen class for each platform.

The experiment's ``details`` column holds the platform's own words. `details_of` gives them types,
and keeps everything it does not know in ``extra``, verbatim.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, get_args, get_origin, get_type_hints

from models.phase import Platform

LARGEST = 2**31 - 1
"""The largest whole number that a field of a graph's type Int can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The common part: whatever the class of the platform has no field for."""

    extra: dict[str, Any] | None = None

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        """Read a ``details`` document; what has no field or does not fit it lands in ``extra``."""
        kinds = get_type_hints(cls)
        said: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, value in document.items():
            known = name in kinds and name != "extra"
            fitted = _fitted(value, kinds[name]) if known else None
            (extra if fitted is None else said)[name] = value if fitted is None else fitted
        lost = {name for name in extra if extra[name] is None and name in kinds}
        return cls(**said, extra={n: v for n, v in extra.items() if n not in lost} or None)


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
    primary_metrics_ordered_uuids: list[str] = field(default_factory=list)
    secondary_metrics_ordered_uuids: list[str] = field(default_factory=list)
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
    editable_fields: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckmangoDetails(Details):
    """Checkmango: the workspace and the assignment algorithm."""

    team_id: int | None = None
    numeric_id: int | None = None
    algorithm_type: str | None = None
    event_key: str | None = None


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


def _fitted(value: Any, kind: Any) -> Any:
    """The value as its field's type holds it; None where it does not."""
    if kind == datetime | None:
        return _moment(value)
    if kind == int | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return value if whole and abs(value) <= LARGEST else None
    if kind == list[str]:
        words = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return value if words else None
    expected, *_ = get_args(kind)
    expected = get_origin(expected) or expected
    if expected is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, expected) else None


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
