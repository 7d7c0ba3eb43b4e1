"""Ways to make a number of a goal, and which goals are measured in which ways."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from gateway.demo.goals import DENOMINATOR, SUBJECTS, SURFACES, CountedGoal, Subject
from models import MetricType, Platform


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way to make a number of a goal.

    ``sign`` is 1 where more is better for a good goal, -1 where less is, 0 where nobody knows.
    The mean lies in ``means``; ``spread`` is the standard deviation as a share of the mean, None
    for shares of people, whose spread follows from the mean. ``fits`` says for which subjects the
    number makes sense.
    """

    type: MetricType
    title: str
    sign: int
    means: tuple[float, float]
    spread: tuple[float, float] | None
    format: str = "{}"
    columns: tuple[tuple[str, Any], ...] = ()
    fits: Callable[[Subject], bool] = lambda _: True


def _is_paid(subject: Subject) -> bool:
    return subject.paid


def _is_no_search(subject: Subject) -> bool:
    return subject is not SUBJECTS[DENOMINATOR]


# fmt: off
PRODUCT_PATTERNS = (
    Pattern(MetricType.GOAL_UNIQUE_COUNT, "{thing} conversion", 1, (0.05, 0.5), None, "{}%",
        (("scale", 100.0),)),
    Pattern(MetricType.GOAL_COUNT, "{things} per visitor", 1, (0.4, 3.0), (1.0, 1.8)),
    Pattern(MetricType.GOAL_RATIO, "{things} per search", 1, (0.1, 0.9), (0.8, 1.5), "{}",
        (("numerator_type", "goal_count"), ("denominator_type", "goal_count"),
         ("ratio_condition", "require_denominator")), _is_no_search),
    Pattern(MetricType.GOAL_PROPERTY, "Value of {things}", 1, (18.0, 160.0), (0.9, 1.8), "€{}",
        (("value_source_property", "amount"), ("outlier_limit_method", "quantile")), _is_paid),
    Pattern(MetricType.GOAL_TIME_TO_ACHIEVEMENT, "Time to {thing}", -1, (600.0, 90_000.0),
        (0.6, 1.1), "{}s", (("time_filter_latest", "14d"),)),
    Pattern(MetricType.GOAL_RETENTION, "Second {thing} within 14 days", 1, (0.08, 0.4), None, "{}%",
        (("scale", 100.0), ("retention_time", "14d"),
         ("retention_time_reference", "first_achievement"))),
    Pattern(MetricType.CUSTOM_SQL, "Margin of {things}", 1, (5.0, 60.0), (1.0, 1.6), "€{}",
        (("custom_statistics_type", "continuous"), ("lookback_interval", "2w")), _is_paid),
    Pattern(MetricType.GOAL_ACTIVITY_PERIOD_COUNT, "{things} per week", 1, (0.5, 5.0),
        (0.7, 1.2), "{}", (("activity_interval", "1w"),)),
    Pattern(MetricType.GOAL_PROPERTY_UNIQUE_COUNT, "Destinations among {things}", 0, (1.0, 4.0),
        (0.5, 0.8), "{}", (("value_source_property", "destination"),), _is_paid),
)
"""ABsmartly's nine, which local experiments use as well."""

FUNNEL_PATTERNS = (
    Pattern(MetricType.FUNNEL, "{thing} funnel", 1, (0.05, 0.4), None),
    Pattern(MetricType.MEAN, "{things} per person", 1, (0.5, 4.0), (1.0, 1.8)),
    Pattern(MetricType.RATIO, "{things} per visit", 1, (0.1, 0.9), (0.8, 1.4)),
    Pattern(MetricType.RETENTION, "{thing} retention", 1, (0.1, 0.5), None),
)
"""PostHog's four."""

COUNT_PATTERNS = (
    Pattern(MetricType.UNIQUE, "{thing} rate", 1, (0.02, 0.3), None),
    Pattern(MetricType.COUNT, "{things} per participant", 1, (0.3, 2.0), (1.0, 1.6)),
)
"""Checkmango's two."""

PATTERNS = {
    Platform.ABSMARTLY: PRODUCT_PATTERNS,
    Platform.LOCAL: PRODUCT_PATTERNS,
    Platform.POSTHOG: FUNNEL_PATTERNS,
    Platform.CHECKMANGO: COUNT_PATTERNS,
}
"""How a platform measures; Auth0 does not."""
# fmt: on


@cache
def pairs(platform: Platform) -> tuple[tuple[Pattern, int], ...]:
    """(pattern, number of the goal) of a platform's metrics, the first goal's first.

    After these a pair is as important as its pattern and its goal are common, so that the first
    goals are measured in many ways and the last ones in one.
    """
    patterns, goals = PATTERNS[platform], range(len(SURFACES[platform]) * len(SUBJECTS))
    fitting = [
        ((rank + 1) * (goal + 1) if goal else 0, goal, rank)
        for goal in goals
        for rank, pattern in enumerate(patterns)
        if pattern.fits(SUBJECTS[goal % len(SUBJECTS)])
    ]
    return tuple((patterns[rank], goal) for _, goal, rank in sorted(fitting))


def title(pattern: Pattern, goal: CountedGoal) -> str:
    """The metric's name."""
    name = pattern.title.format(thing=goal.thing, things=goal.things)
    return name[0].upper() + name[1:]
