"""What only one platform says of an experiment: one type for each platform."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from models import details as d
from schema.fields import column, of_rows
from schema.scalars import JSON


@of_rows(d.AbsmartlyDetails, "What only ABsmartly says: the analysis plan, the template, features.")
class AbsmartlyDetails:
    feature_state: str | None = column("The state of a feature, verbatim.")
    feature_on_at: datetime | None = column("When a feature was switched on.")
    feature_off_at: datetime | None = column("When a feature was switched off.")
    analysis_type: str | None = column("group_sequential or fixed_horizon.")
    required_alpha: Decimal | None = column("The significance level.")
    required_power: Decimal | None = column("The power.")
    baseline_primary_metric_mean: Decimal | None = column("The mean the plan assumes.")
    baseline_primary_metric_stdev: Decimal | None = column("The deviation the plan assumes.")
    baseline_participants_per_day: Decimal | None = column("The traffic the plan assumes.")
    group_sequential_futility_type: str | None = column("binding or non_binding.")
    group_sequential_analysis_count: int | None = column("How many analyses are planned.")
    group_sequential_min_analysis_interval: str | None = column("The least time between two.")
    group_sequential_first_analysis_interval: str | None = column("The time before the first.")
    group_sequential_max_duration_interval: str | None = column("The longest duration.")
    group_sequential_analyses: JSON | None = column("The interim analyses so far.")
    parent_experiment_iteration: int | None = column("The iteration of the template.")
    template_iteration: int | None = column("The iteration of this template.")
    template_name: str | None = column("What the template is called.")
    template_description: str | None = column("What the template is for.")
    template_permission: JSON | None = column("Which fields experiments may change.")
    recommended_action: JSON | None = column("What ABsmartly recommends.")
    experiment_task_states: JSON | None = column("The state of background tasks.")
    report_type: str | None = column("The type of the outcome's report.")
    extra: JSON | None = column("Whatever else it says, verbatim.")


@of_rows(d.PosthogDetails, "What only PostHog says: parameters, metric queries and their order.")
class PosthogDetails:
    parameters: JSON | None = column("Variants, rollout and planning, as PostHog keeps them.")
    metrics: JSON | None = column("The queries of the primary metrics.")
    metrics_secondary: JSON | None = column("The queries of the secondary metrics.")
    secondary_metrics: JSON | None = column("Secondary metrics in their legacy form.")
    filters: JSON | None = column("The primary metric in its legacy form.")
    primary_metrics_ordered_uuids: list[str] = column("The order of primary metrics.")
    secondary_metrics_ordered_uuids: list[str] = column("The order of secondary ones.")
    scheduling_config: JSON | None = column("Opaque scheduling settings.")
    running_time_calculation: JSON | None = column("What the running time is planned from.")
    exposure_cohort: int | None = column("The cohort of exposed users.")
    exposure_preaggregation_enabled: bool | None = column("Whether exposures are summed ahead.")
    only_count_matured_users: bool | None = column("Whether only whole windows count.")
    user_access_level: str | None = column("What the syncing key may do with it.")
    is_legacy: bool | None = column("Whether it uses the legacy metrics.")
    platform_version: int | None = column("PostHog's own version of the experiment.")
    extra: JSON | None = column("Whatever else it says, verbatim.")


@of_rows(d.Auth0Details, "What only Auth0 says: the flow, who is assigned, what may be edited.")
class Auth0Details:
    authentication_flow: str | None = column("The flow in which it runs.")
    assignment_config: JSON | None = column("Who is assigned (first generation of the API).")
    is_valid: bool | None = column("Whether Auth0 would activate it as it stands.")
    default_config: str | None = column("tenant or flag.")
    feature_flag_snapshot: JSON | None = column("The flag as it was at activation.")
    editable_fields: list[str] = column("What may be edited in its present status.")
    extra: JSON | None = column("Whatever else it says, verbatim.")


@of_rows(d.CheckmangoDetails, "What only Checkmango says: the workspace and the algorithm.")
class CheckmangoDetails:
    team_id: int | None = column("The workspace.")
    numeric_id: int | None = column("The number that stays when the key is changed.")
    algorithm_type: str | None = column("How participants are assigned.")
    event_key: str | None = column("The main event.")
    extra: JSON | None = column("Whatever else it says, verbatim.")


PlatformDetails = Annotated[
    AbsmartlyDetails | PosthogDetails | Auth0Details | CheckmangoDetails,
    strawberry.union(
        "PlatformDetails", description="What only the experiment's platform says of it."
    ),
]
