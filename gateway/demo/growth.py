"""How many of everything there are: more with more experiments, but ever more slowly.

What is there in a small demo is there in a large one too, in the same order; the experiment of a
number refers only to what a demo that ends with it would have.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from math import log

from models import Platform

MOST = 100_000
"""The largest demo."""

Span = tuple[int, int]
"""How many there are with one experiment, and with `MOST`."""

PEOPLE: Span = (40, 400)

TEAMS: Span = (15, 40)

GOALS: dict[Platform, Span] = {
    Platform.ABSMARTLY: (6, 100),
    Platform.LOCAL: (6, 67),
    Platform.CHECKMANGO: (2, 33),
}

METRICS: dict[Platform, Span] = {
    Platform.ABSMARTLY: (12, 160),
    Platform.LOCAL: (9, 120),
    Platform.POSTHOG: (6, 80),
    Platform.CHECKMANGO: (3, 40),
}


def size(span: Span, experiments: int) -> int:
    """How many there are in a demo of that many experiments."""
    return bisect_right(_births(span), _scale(experiments))


def arrivals(spans: Mapping[Platform, Span], experiments: int) -> Iterator[tuple[Platform, int]]:
    """What a demo of that many experiments has, as (platform, number), in the order of arrival."""
    order = list(spans)
    born = sorted(
        (birth, order.index(platform), number)
        for platform, span in spans.items()
        for number, birth in enumerate(_births(span))
    )
    return ((order[place], number) for birth, place, number in born if birth <= _scale(experiments))


@lru_cache(maxsize=1)
def _scale(experiments: int) -> float:
    return log(experiments) / log(MOST)


@cache
def _births(span: Span) -> tuple[float, ...]:
    """The scale at which each arrives: growth is geometric."""
    fewest, most = span
    return tuple(
        max(0.0, log((number + 1) / fewest) / log(most / fewest)) for number in range(most)
    )
