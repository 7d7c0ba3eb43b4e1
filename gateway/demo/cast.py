"""Which experiments there are: a hand-picked opening, then as many more as are wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from gateway.demo.dice import Dice
from models import ExperimentType, Phase, Platform

LOCAL, ABSMARTLY, POSTHOG, AUTH0, CHECKMANGO = Platform
DRAFT, READY, DEVELOPMENT, RUNNING, PAUSED, FROZEN, STOPPED = Phase


class Overlay(StrEnum):
    """What lies over the phase, or how it was reached."""

    NONE = "NONE"
    SCHEDULED = "SCHEDULED"
    RAMPED = "RAMPED"
    FULL_ON = "FULL_ON"
    SHIPPED = "SHIPPED"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


class Lack(StrEnum):
    """The one thing that keeps a draft from being started."""

    PRIMARY_METRIC = "PRIMARY_METRIC"
    PERCENTAGES = "PERCENTAGES"
    VARIANTS = "VARIANTS"
    CONTROL = "CONTROL"


@dataclass(frozen=True, slots=True)
class Case:
    """What one experiment is to look like."""

    platform: Platform
    phase: Phase
    overlay: Overlay = Overlay.NONE
    type: ExperimentType = ExperimentType.TEST
    lack: Lack | None = None


Family = tuple[Case, ...]
"""The iterations of one experiment, oldest first."""

TEMPLATE = Case(ABSMARTLY, DRAFT, type=ExperimentType.TEST_TEMPLATE)

# fmt: off
OPENING: tuple[Family, ...] = (
    (Case(LOCAL, DRAFT),),
    (Case(ABSMARTLY, STOPPED), Case(ABSMARTLY, STOPPED), Case(ABSMARTLY, RUNNING)),
    (Case(LOCAL, READY),),
    (Case(POSTHOG, RUNNING, type=ExperimentType.WEB),),
    (Case(LOCAL, DRAFT, lack=Lack.PRIMARY_METRIC),),
    (Case(ABSMARTLY, RUNNING, Overlay.FULL_ON),),
    (Case(AUTH0, RUNNING, Overlay.RAMPED),),
    (Case(LOCAL, RUNNING),),
    (Case(CHECKMANGO, RUNNING),),
    (Case(LOCAL, DRAFT),),
    (Case(ABSMARTLY, READY, Overlay.SCHEDULED),),
    (Case(POSTHOG, STOPPED, Overlay.SHIPPED, ExperimentType.PRODUCT),),
    (Case(LOCAL, DRAFT, lack=Lack.PERCENTAGES),),
    (Case(LOCAL, PAUSED),),
    (Case(ABSMARTLY, STOPPED, Overlay.ARCHIVED),),
    (Case(LOCAL, FROZEN),),
    (Case(POSTHOG, STOPPED, Overlay.DELETED, ExperimentType.WEB),),
    (Case(LOCAL, DRAFT, lack=Lack.VARIANTS),),
    (TEMPLATE,),
    (Case(LOCAL, RUNNING, Overlay.FULL_ON),),
    (Case(AUTH0, PAUSED),),
    (Case(POSTHOG, PAUSED, type=ExperimentType.PRODUCT),),
    (Case(LOCAL, DRAFT, lack=Lack.CONTROL),),
    (Case(ABSMARTLY, DEVELOPMENT),),
    (Case(LOCAL, STOPPED),),
    (Case(CHECKMANGO, DRAFT),),
    (Case(LOCAL, DRAFT, Overlay.SCHEDULED),),
    (Case(POSTHOG, FROZEN, type=ExperimentType.WEB),),
    (Case(ABSMARTLY, READY),),
    (Case(AUTH0, DRAFT),),
    (Case(LOCAL, DRAFT),),
    (Case(POSTHOG, DRAFT, type=ExperimentType.PRODUCT),),
    (Case(ABSMARTLY, RUNNING, type=ExperimentType.FEATURE),),
    (Case(AUTH0, STOPPED),),
    (Case(LOCAL, DEVELOPMENT),),
    (Case(POSTHOG, STOPPED, Overlay.ARCHIVED, ExperimentType.WEB),),
    (Case(CHECKMANGO, STOPPED),),
    (Case(ABSMARTLY, DRAFT),),
)
"""The first 40 experiments: every platform, every phase it has, every status, every lack."""

LIVES: dict[Platform, tuple[tuple[int, tuple[Phase, Overlay]], ...]] = {
    LOCAL: (
        (13, (DRAFT, Overlay.NONE)),    (3, (DRAFT, Overlay.SCHEDULED)),
        (6, (READY, Overlay.NONE)),     (3, (READY, Overlay.SCHEDULED)),
        (5, (DEVELOPMENT, Overlay.NONE)),
        (20, (RUNNING, Overlay.NONE)),  (6, (RUNNING, Overlay.FULL_ON)),
        (4, (PAUSED, Overlay.NONE)),    (2, (FROZEN, Overlay.NONE)),
        (22, (STOPPED, Overlay.NONE)),  (6, (STOPPED, Overlay.FULL_ON)),
        (10, (STOPPED, Overlay.ARCHIVED)),
    ),
    ABSMARTLY: (
        (9, (DRAFT, Overlay.NONE)),
        (6, (READY, Overlay.NONE)),     (3, (READY, Overlay.SCHEDULED)),
        (5, (DEVELOPMENT, Overlay.NONE)),
        (24, (RUNNING, Overlay.NONE)),  (7, (RUNNING, Overlay.FULL_ON)),
        (26, (STOPPED, Overlay.NONE)),  (8, (STOPPED, Overlay.FULL_ON)),
        (12, (STOPPED, Overlay.ARCHIVED)),
    ),
    POSTHOG: (
        (16, (DRAFT, Overlay.NONE)),    (32, (RUNNING, Overlay.NONE)),
        (5, (PAUSED, Overlay.NONE)),    (3, (FROZEN, Overlay.NONE)),
        (22, (STOPPED, Overlay.NONE)),  (8, (STOPPED, Overlay.SHIPPED)),
        (10, (STOPPED, Overlay.ARCHIVED)), (4, (STOPPED, Overlay.DELETED)),
    ),
    AUTH0: (
        (25, (DRAFT, Overlay.NONE)),    (20, (RUNNING, Overlay.NONE)),
        (15, (RUNNING, Overlay.RAMPED)), (8, (PAUSED, Overlay.NONE)),
        (22, (STOPPED, Overlay.NONE)),  (10, (STOPPED, Overlay.ARCHIVED)),
    ),
    CHECKMANGO: (
        (20, (DRAFT, Overlay.NONE)),    (40, (RUNNING, Overlay.NONE)),
        (40, (STOPPED, Overlay.NONE)),
    ),
}
"""How experiments stand behind the opening, with weights."""

PLATFORMS = ((30, LOCAL), (34, ABSMARTLY), (20, POSTHOG), (8, AUTH0), (8, CHECKMANGO))
TYPES = {
    ABSMARTLY: ((12, ExperimentType.TEST), (1, ExperimentType.FEATURE)),
    POSTHOG: ((2, ExperimentType.PRODUCT), (1, ExperimentType.WEB)),
}
ITERATIONS = ((70, 1), (18, 2), (8, 3), (3, 4), (1, 6))
LACKS = ((6, None), *((1, lack) for lack in Lack))
# fmt: on

RESTARTED = frozenset({LOCAL, ABSMARTLY})
"""The platforms on which an experiment may have iterations."""

BORN_BY_RESTART = frozenset(Phase) - {DRAFT, READY}
"""The phases of an experiment that a restart made: it was live at once."""


def families(total: int) -> Iterator[Family]:
    """Families with ``total`` experiments in all; a larger total only adds to a smaller one.

    The last family is cut to what is left of the total, and keeps its newest iterations.
    """
    left = total
    for number in count():
        family = OPENING[number] if number < len(OPENING) else _drawn(Dice("family", number))
        yield family[-left:]
        left -= len(family)
        if left <= 0:
            return


def _drawn(dice: Dice) -> Family:
    platform = dice.weighted(PLATFORMS)
    phase, overlay = dice.weighted(LIVES[platform])
    kind = dice.weighted(TYPES.get(platform, ((1, ExperimentType.TEST),)))
    incomplete = platform is LOCAL and phase is DRAFT and overlay is Overlay.NONE
    lack = dice.weighted(LACKS) if incomplete else None
    newest = Case(platform, phase, overlay, kind, lack)
    repeated = platform in RESTARTED and phase in BORN_BY_RESTART
    older = dice.weighted(ITERATIONS) - 1 if repeated else 0
    return (Case(platform, STOPPED, type=kind),) * older + (newest,)
