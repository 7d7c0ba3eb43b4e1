"""What an experiment must have before it runs: guards, as pure functions of frozen facts.

Each guard answers None or what is in the way. Plain Python, no imports of the stack. The codes of
Auth0's rules are Auth0's own; the others are ours.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isclose

KEY = re.compile(r"[A-Za-z0-9]+(_[A-Za-z0-9]+)*")
LONGEST_KEY = 255
WHOLE = 100
FEWEST_VARIANTS = 2
MOST_POSTHOG_VARIANTS = 20


@dataclass(frozen=True, slots=True)
class VariantFacts:
    """What guards ask of a variant; ``weight`` is in percent."""

    key: str | None
    is_control: bool
    weight: float | None


@dataclass(frozen=True, slots=True)
class AllocationFacts:
    """What guards ask of an allocation; ``known`` is whether its variant is the experiment's."""

    known: bool
    is_control: bool
    is_fallback: bool
    weight: float | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that guards ask of an experiment, gathered before any of them runs."""

    key: str
    is_feature: bool = False
    has_primary_metric: bool = False
    variant_count: int | None = None
    percentages: str | None = None
    variants: tuple[VariantFacts, ...] = ()
    by_segment: bool = False
    allocations: tuple[AllocationFacts, ...] = ()
    flag_is_active: bool = False
    has_holdout: bool = False
    levels_ahead: tuple[float, ...] = ()
    another_is_active: bool = False


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing in the way; ``path`` names the field to mend."""

    code: str
    message: str
    path: tuple[str, ...] = ()


Guard = Callable[[Facts], Blocker | None]


def measured(facts: Facts) -> Blocker | None:
    """A test is decided by a primary metric; a feature needs none."""
    if facts.has_primary_metric or facts.is_feature:
        return None
    return Blocker("missing_primary_metric", "There is no primary metric.", ("primaryMetric",))


def split(facts: Facts) -> Blocker | None:
    """The percentages name a share for each variant and sum to 100."""
    parts = (facts.percentages or "").split("/")
    try:
        shares = [float(part) for part in parts]
    except ValueError:
        return _split(f"The percentages are {facts.percentages!r}.")
    wanted = facts.variant_count or len(facts.variants)
    if len(shares) != wanted:
        return _split(f"The percentages name {len(shares)} shares for {wanted} variants.")
    return _sums_to_whole(shares)


def two_variants(facts: Facts) -> Blocker | None:
    """There is something to compare."""
    count = len(facts.variants)
    if count >= FEWEST_VARIANTS:
        return None
    return Blocker("too_few_variants", f"There are {count} variants; 2 are needed.", ("variants",))


def at_most_twenty_variants(facts: Facts) -> Blocker | None:
    """PostHog's limit."""
    count = len(facts.variants)
    if count <= MOST_POSTHOG_VARIANTS:
        return None
    message = f"There are {count} variants; {MOST_POSTHOG_VARIANTS} is the most."
    return Blocker("too_many_variants", message, ("variants",))


def weights(facts: Facts) -> Blocker | None:
    """The variants' weights sum to 100."""
    return _sums_to_whole([variant.weight or 0 for variant in facts.variants])


def one_control(facts: Facts) -> Blocker | None:
    """Exactly one variant is what the others are compared with."""
    count = sum(variant.is_control for variant in facts.variants)
    if count == 1:
        return None
    message = f"{count} variants are the control; exactly one must be."
    return Blocker("missing_control", message, ("variants",))


def named_control(facts: Facts) -> Blocker | None:
    """PostHog's baseline is the variant with the key ``control``."""
    if any(variant.key == "control" for variant in facts.variants):
        return None
    return Blocker("missing_control", "No variant has the key 'control'.", ("variants",))


def sound_key(facts: Facts) -> Blocker | None:
    """Checkmango's key rule, anchored at both ends."""
    if len(facts.key) <= LONGEST_KEY and KEY.fullmatch(facts.key):
        return None
    message = f"The key {facts.key!r} is not letters and digits joined by single underscores."
    return Blocker("invalid_key", message, ("key",))


def flag_active(facts: Facts) -> Blocker | None:
    """Auth0: the feature flag is active."""
    if facts.flag_is_active:
        return None
    message = "The feature flag is not active."
    return Blocker("feature_flag_not_active", message, ("featureFlag",))


def allocated(facts: Facts) -> Blocker | None:
    """Auth0: there is at least one allocation."""
    if facts.allocations:
        return None
    message = "There are no allocations."
    return Blocker("experiment_missing_allocations", message, ("allocations",))


def known_variations(facts: Facts) -> Blocker | None:
    """Auth0: every allocation names a variation of the flag."""
    if all(allocation.known for allocation in facts.allocations):
        return None
    message = "An allocation names a variation that is not the feature flag's."
    return Blocker("variation_not_from_flag", message, ("allocations",))


def one_control_allocation(facts: Facts) -> Blocker | None:
    """Auth0: exactly one allocation is the control."""
    count = sum(allocation.is_control for allocation in facts.allocations)
    if count == 1:
        return None
    message = f"{count} allocations are the control; exactly one must be."
    return Blocker("experiment_missing_control", message, ("allocations",))


def allocation_weights(facts: Facts) -> Blocker | None:
    """Auth0, by percentage: the weights sum to exactly 100."""
    total = sum(allocation.weight or 0 for allocation in facts.allocations)
    if facts.by_segment or isclose(total, WHOLE, abs_tol=1e-9):
        return None
    message = f"The weights sum to {total:g}, not to 100."
    return Blocker("experiment_invalid_allocation_weights", message, ("allocations",))


def one_fallback(facts: Facts) -> Blocker | None:
    """Auth0, by segment: exactly one allocation takes the units that no segment matches."""
    count = sum(allocation.is_fallback for allocation in facts.allocations)
    if not facts.by_segment or count == 1:
        return None
    message = f"{count} allocations are the fallback; exactly one must be."
    return Blocker("experiment_missing_default", message, ("allocations",))


def only_active(facts: Facts) -> Blocker | None:
    """Auth0: no other experiment is active."""
    if not facts.another_is_active:
        return None
    message = "Another experiment is active already."
    return Blocker("experiment_active_limit_exceeded", message, ())


def not_held_out(facts: Facts) -> Blocker | None:
    """PostHog freezes no experiment that has a holdout."""
    if not facts.has_holdout:
        return None
    message = "An experiment with a holdout cannot be frozen."
    return Blocker("has_holdout", message, ("holdout",))


def _sums_to_whole(shares: list[float]) -> Blocker | None:
    total = sum(shares)
    if isclose(total, WHOLE, abs_tol=0.01):
        return None
    return _split(f"The shares sum to {total:g}, not to 100.")


def _split(message: str) -> Blocker:
    return Blocker("invalid_split", message, ("percentages",))


def level_ahead(facts: Facts) -> Blocker | None:
    """There is a ramp, and a level of it to go on to."""
    if facts.levels_ahead:
        return None
    return Blocker("no_level_ahead", "There is no further level of a ramp.", ("ramp",))
