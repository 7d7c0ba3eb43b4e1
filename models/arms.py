"""What a variant must be on each platform. Plain Python."""

from models.phase import Platform
from models.rules import Rule, checkmango_key, key_text
from models.split import MOST_ARMS

LOCAL, ABSMARTLY, POSTHOG, AUTH0, CHECKMANGO = Platform

MOST = {ABSMARTLY: 4, POSTHOG: 20}
"""How many variants a platform takes, where it says so."""

MOST_ALLOCATIONS = {AUTH0: 20}
"""How many allocations a platform takes, where it says so."""

KEYED = frozenset({POSTHOG, CHECKMANGO})
"""The platforms that know a variant by its key only."""

BY_INDEX = frozenset({LOCAL, ABSMARTLY, POSTHOG})
"""The platforms that know a variant by its place, in a split and when it is given to everybody.

There the indexes leave no gap.
"""

KEY_RULES: dict[Platform, Rule] = {LOCAL: checkmango_key, CHECKMANGO: checkmango_key}


def most_variants(platform: Platform) -> int:
    """How many variants an experiment of the platform may have."""
    return MOST.get(platform, MOST_ARMS)


def key_rule(platform: Platform) -> Rule:
    """What the key of a variant must be."""
    return KEY_RULES.get(platform, key_text)
