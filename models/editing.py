"""What of an experiment may not change, and when: a table for each platform. Plain Python.

Fields are called as in the inputs, in snake case. A dot leads into a part, and a name without one
stands for all of its parts: `variants` is every field of every variant, and their number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.phase import Phase, Platform

Condition = Callable[[Any], bool]


def always(_: Any) -> bool:
    """Whatever else it is."""
    return True


def deleted(record: Any) -> bool:
    """It is deleted."""
    return record.deleted_at is not None


def archived(record: Any) -> bool:
    """It is archived."""
    return bool(record.archived)


def released(record: Any) -> bool:
    """One variant is given to everybody."""
    return record.full_on_at is not None


def legacy(record: Any) -> bool:
    """It has metrics of PostHog's older kinds."""
    said = record.details or {}
    listed = [said.get(name) for name in ("metrics", "metrics_secondary")]
    metrics = [metric for each in listed if isinstance(each, list) for metric in each]
    kinds = {metric.get("kind") for metric in metrics if isinstance(metric, dict)}
    return said.get("is_legacy") is True or bool(kinds & LEGACY_KINDS)


LEGACY_KINDS = {"ExperimentTrendsQuery", "ExperimentFunnelsQuery"}


@dataclass(frozen=True, slots=True)
class Lock:
    """One row of a platform's table: what may not change, in which phases, under which condition.

    Without ``fields`` it is everything, ``but`` for some. ``filling`` lets a field that is empty
    be filled.
    """

    why: str
    phases: frozenset[Phase]
    fields: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    only_if: Condition = always
    filling: bool = False

    def holds(self, record: Any, field: str, *, empty: bool) -> bool:
        """Whether it keeps the field of a record as it is."""
        within = record.phase in self.phases and self.only_if(record)
        return within and self.covers(field) and not (empty and self.filling)

    def covers(self, field: str) -> bool:
        """Whether the field is one of its fields, or a part of one."""
        if not self.fields:
            return not _within(field, self.but)
        return _within(field, self.fields)


def _within(field: str, names: tuple[str, ...]) -> bool:
    return any(field == name or field.startswith(f"{name}.") for name in names)


DRAFT, READY, DEVELOPMENT, RUNNING, PAUSED, FROZEN, STOPPED = Phase
ANY = frozenset(Phase)
BEGUN = frozenset({RUNNING, PAUSED, FROZEN, STOPPED})

NUMBER = "variants.number"
"""How many variants there are: adding one, and taking one away."""

DESIGN = (
    "type",
    "variants",
    "percentages",
    "unit_type",
    "primary_metric",
    "minimum_detectable_effect",
)
ANALYSIS = (
    "absmartly.analysis_type",
    "absmartly.required_alpha",
    "absmartly.required_power",
    "absmartly.baseline_primary_metric_mean",
    "absmartly.baseline_primary_metric_stdev",
    "absmartly.baseline_participants_per_day",
    "absmartly.group_sequential_futility_type",
    "absmartly.group_sequential_analysis_count",
    "absmartly.group_sequential_min_analysis_interval",
    "absmartly.group_sequential_first_analysis_interval",
    "absmartly.group_sequential_max_duration_interval",
)
ASSIGNMENT = (
    "allocation_strategy",
    "allocations",
    "holdout",
    "feature_flag",
    "exposure_criteria",
    "stats_config",
)
AUDIENCE = ("percentage_of_traffic", "audience", "audience_strict", "ramp_levels")

MEANING = "Its results would no longer mean what they are taken for."

EVERYWHERE = (
    Lock("What is deleted is not edited.", ANY, only_if=deleted),
    Lock("What is archived is not edited.", ANY, only_if=archived),
)
ABSMARTLY = (
    Lock("ABsmartly locks what is full on.", frozenset({RUNNING}), only_if=released),
    Lock(MEANING, frozenset({RUNNING, STOPPED}), DESIGN + ANALYSIS),
)
POSTHOG = (
    Lock(
        "PostHog lets nothing else of an experiment with legacy metrics be changed.",
        BEGUN,
        but=("name", "description"),
        only_if=legacy,
    ),
    Lock("PostHog keeps it once the experiment is launched.", BEGUN,
         (NUMBER, "variants.key", "holdout")),
    Lock("PostHog takes it when an experiment is made, and never again.", ANY,
         ("key", "posthog.create_in_folder")),
    Lock("PostHog takes the flag when an experiment is made, and never again.", ANY,
         ("feature_flag",), filling=True),
)  # fmt: skip
AUTH0 = (
    Lock("Auth0 takes the flag when an experiment is made, and never again.", ANY,
         ("feature_flag",), filling=True),
    Lock("Auth0 takes it when an experiment is made, and never again.", ANY,
         ("allocation_strategy",)),
    Lock("Auth0 asks for a pause first.", frozenset({RUNNING}), ("allocations",)),
    Lock("Auth0 takes it from drafts only.", frozenset({RUNNING, PAUSED, STOPPED}),
         ("auth0.authentication_flow", "auth0.default_config", "ramp_levels")),
)  # fmt: skip
CHECKMANGO = (
    Lock(MEANING, frozenset({RUNNING}), ("variants", "percentages")),
)  # fmt: skip
LOCAL = (
    Lock(MEANING, BEGUN, DESIGN + ASSIGNMENT),
    Lock("Everybody gets one variant.", frozenset({RUNNING}), AUDIENCE, only_if=released),
)

LOCKS: dict[Platform, tuple[Lock, ...]] = {
    Platform.LOCAL: EVERYWHERE + LOCAL,
    Platform.ABSMARTLY: EVERYWHERE + ABSMARTLY,
    Platform.POSTHOG: EVERYWHERE + POSTHOG,
    Platform.AUTH0: EVERYWHERE + AUTH0,
    Platform.CHECKMANGO: EVERYWHERE + CHECKMANGO,
}
"""The tables; where several rows hold, the first one says why.

LOCAL is like ABsmartly, and what decides who gets which variant belongs to its design. Full on it
locks only who is let in: a name or an owner does no harm to anybody.
"""


def why_locked(record: Any, field: str, *, empty: bool = False) -> str | None:
    """Why the field of an experiment may not change now; None where it may."""
    rows = (row for row in LOCKS[record.platform] if row.holds(record, field, empty=empty))
    row = next(rows, None)
    return row.why if row else None
