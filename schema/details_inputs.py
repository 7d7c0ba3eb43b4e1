"""What only one platform lets a client write of an experiment: one input for each platform.

They mirror the types of `schema.details`; what a platform works out by itself is not offered.
"""

from decimal import Decimal

import strawberry

from schema.inputs import said
from schema.scalars import JSON


@strawberry.input(description="What only ABsmartly takes: the analysis plan and the template.")
class AbsmartlyInput:
    analysis_type: str | None = said("group_sequential or fixed_horizon.")
    required_alpha: Decimal | None = said("The significance level, from 0 to 1.")
    required_power: Decimal | None = said("The power, from 0 to 1.")
    baseline_primary_metric_mean: Decimal | None = said("The mean the plan assumes.")
    baseline_primary_metric_stdev: Decimal | None = said("The deviation the plan assumes.")
    baseline_participants_per_day: Decimal | None = said("The traffic the plan assumes.")
    group_sequential_futility_type: str | None = said("binding or non_binding.")
    group_sequential_analysis_count: int | None = said("How many analyses are planned.")
    group_sequential_min_analysis_interval: str | None = said(
        "The least time between two, in days or weeks, such as 1d."
    )
    group_sequential_first_analysis_interval: str | None = said(
        "The time before the first, such as 7d."
    )
    group_sequential_max_duration_interval: str | None = said("The longest duration, such as 6w.")
    parent_experiment_iteration: int | None = said("The iteration of the template.")
    template_name: str | None = said("What the template is called.")
    template_description: str | None = said("What the template is for.")
    template_permission: JSON | None = said("An object: which fields experiments may change.")


@strawberry.input(description="What only PostHog takes: parameters, metric queries, their order.")
class PosthogInput:
    parameters: JSON | None = said(
        "An object: rollout and planning, as PostHog keeps them. It is kept as it is said; the "
        "variants are those in `variants`."
    )
    metrics: list[JSON] | None = said("The queries of the primary metrics.")
    metrics_secondary: list[JSON] | None = said("The queries of the secondary metrics.")
    secondary_metrics: list[JSON] | None = said("Secondary metrics in their legacy form.")
    filters: JSON | None = said("An object: the primary metric in its legacy form.")
    primary_metrics_ordered_uuids: list[str] | None = said("The order of primary metrics.")
    secondary_metrics_ordered_uuids: list[str] | None = said("The order of secondary ones.")
    scheduling_config: JSON | None = said("An object: opaque scheduling settings.")
    running_time_calculation: JSON | None = said(
        "An object: what the running time is planned from."
    )
    exposure_preaggregation_enabled: bool | None = said("Whether exposures are summed ahead.")
    only_count_matured_users: bool | None = said("Whether only whole windows count.")
    create_in_folder: str | None = said(
        "The folder of PostHog's file tree that it is made in; only at its creation."
    )


@strawberry.input(description="What only Auth0 takes: the flow, and who is assigned.")
class Auth0Input:
    authentication_flow: str | None = said("The flow in which it runs.")
    assignment_config: JSON | None = said(
        "An object: who is assigned (first generation of the API)."
    )
    default_config: str | None = said("tenant or flag.")


@strawberry.input(description="What only Checkmango takes: the algorithm and the main event.")
class CheckmangoInput:
    algorithm_type: str | None = said(
        "How participants are assigned: blockRandomization, weightedSample or whiplash."
    )
    event_key: str | None = said("The main event.")
