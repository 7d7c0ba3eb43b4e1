"""One experiment in the making: everything that was decided about it before a row is noted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt

from gateway.demo.cast import Case, Lack, Overlay
from gateway.demo.catalog import Catalog
from gateway.demo.company import Person
from gateway.demo.dice import Dice
from gateway.demo.history import NOW, History
from gateway.demo.ideas import Idea
from gateway.demo.inference import required_units
from gateway.demo.metrics import Yardstick
from gateway.demo.shelves import BASE58, Shelf
from models import ExperimentType, MetricRole, Phase, Platform

TEMPLATES = frozenset({ExperimentType.TEST_TEMPLATE, ExperimentType.FEATURE_TEMPLATE})


class Verdict(StrEnum):
    """What the data say about the best treatment."""

    WON = "WON"
    LOST = "LOST"
    FLAT = "FLAT"


# fmt: off
SPLITS = (
    (58, (50.0, 50.0)), (14, (34.0, 33.0, 33.0)), (6, (25.0, 25.0, 25.0, 25.0)),
    (8, (90.0, 10.0)), (8, (80.0, 20.0)), (6, (40.0, 30.0, 30.0)),
)
LACKING_SPLITS = {Lack.PERCENTAGES: (50.0, 40.0), Lack.VARIANTS: (100.0,)}
VERDICTS = ((20, Verdict.WON), (25, Verdict.LOST), (55, Verdict.FLAT))
BESIDE = (MetricRole.GUARDRAIL, MetricRole.SECONDARY, MetricRole.EXPLORATORY,
          MetricRole.SECONDARY, MetricRole.GUARDRAIL)
ROLES: dict[Platform, tuple[MetricRole, ...]] = {
    Platform.POSTHOG: (MetricRole.SECONDARY,) * 3,
    Platform.CHECKMANGO: (),
}
"""The roles of the metrics beside the primary one, where a platform does not know them all."""
# fmt: on

EFFECTS = (2, 3, 4, 5, 5, 6, 8)
"""What experiments are planned to detect: changes of so many per cent."""

HOLDS = {Phase.PAUSED: "PAUSE", Phase.FROZEN: "FREEZE"}
"""The actions after which nobody new comes."""

FEWEST_UNITS = 40_000

SKEWED = 0.04
"""The share of experiments with a flaw in the assignment."""

SKEW = 0.96
"""What is left of the treatments' units then."""


@dataclass(slots=True)
class Trial:
    """One experiment; the fields with defaults are told when rows were noted."""

    catalog: Catalog
    number: int
    case: Case
    dice: Dice
    history: History
    idea: Idea
    iteration: int
    owners: list[Person]
    split: tuple[float, ...]
    by_segment: bool
    primary: Yardstick | None
    beside: list[tuple[Yardstick, MetricRole]]
    detectable: int
    verdict: Verdict
    winner: int
    is_skewed: bool
    scheduled: datetime | None
    required: int | None = None
    counts: list[int] = field(default_factory=list)
    external_id: str | None = None
    id: int = 0
    family_id: int = 0
    flag_id: int | None = None
    template_id: int | None = None
    successor_id: int | None = None
    variant_ids: list[int] = field(default_factory=list)

    @property
    def platform(self) -> Platform:
        """Where it is kept."""
        return self.case.platform

    @property
    def shelf(self) -> Shelf:
        """What it can refer to."""
        return self.catalog.shelves[self.case.platform]

    @property
    def people(self) -> Sequence[Person]:
        """Whom it may know."""
        return self.catalog.people_for(self.number)

    @property
    def teams(self) -> Sequence[int]:
        """The teams it may know; the first is everybody's."""
        return self.catalog.teams_for(self.number)

    @property
    def key(self) -> str:
        """The code name, spelt as its platform spells names."""
        spelt = SPELLINGS[self.platform](self.idea)
        return f"template_{spelt}" if self.case.type in TEMPLATES else spelt

    @property
    def started(self) -> datetime | None:
        """When it went live."""
        return self.history.at("START")

    @property
    def released(self) -> datetime | None:
        """When a variant was given to everybody."""
        return self.history.at("FULL_ON")

    @property
    def ended(self) -> datetime:
        """Until when it collected data."""
        held = self.history.at(HOLDS[self.case.phase]) if self.case.phase in HOLDS else None
        return self.released or self.history.stopped or held or NOW

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end."""
        return self.case.phase is Phase.STOPPED

    @property
    def author(self) -> Person:
        """Who made it."""
        return self.owners[0]


SPELLINGS: dict[Platform, Callable[[Idea], str]] = {
    Platform.LOCAL: lambda idea: idea.key,
    Platform.ABSMARTLY: lambda idea: idea.key,
    Platform.POSTHOG: lambda idea: idea.key.replace("_", "-"),
    Platform.AUTH0: lambda idea: idea.name,
    Platform.CHECKMANGO: lambda idea: idea.key.upper(),
}

EXTERNAL_IDS: dict[Platform, Callable[[Trial], str | None]] = {
    Platform.LOCAL: lambda _: None,
    Platform.ABSMARTLY: lambda trial: str(20_000 + trial.number),
    Platform.POSTHOG: lambda trial: str(310_000 + trial.number),
    Platform.AUTH0: lambda trial: f"exp_{trial.dice.letters(BASE58, 18)}",
    Platform.CHECKMANGO: lambda trial: trial.key,
}


def decide(
    catalog: Catalog, first: int, number: int, case: Case, idea: Idea, history: History
) -> Trial:
    """Decide everything about the experiment of that number.

    ``first`` is the number of the first iteration: whoever owns that one owns the others, and
    judges them by the same metrics.
    """
    dice, family = Dice("experiment", number), Dice("iterations", first)
    split = _split(dice, case.lack)
    primary, beside = _measures(family, case, catalog.metrics_for(case.platform, first))
    released = case.overlay in {Overlay.FULL_ON, Overlay.SHIPPED}
    even = case.platform is Platform.AUTH0 and case.overlay is Overlay.NONE
    trial = Trial(
        catalog=catalog,
        number=number,
        case=case,
        dice=dice,
        history=history,
        idea=idea,
        iteration=number - first + 1,
        owners=family.several(catalog.people_for(first), 2 if family.chance(0.3) else 1),
        split=split,
        by_segment=even and dice.chance(0.3),
        primary=primary,
        beside=beside,
        detectable=dice.pick(EFFECTS),
        verdict=Verdict.WON if released else dice.weighted(VERDICTS),
        winner=dice.whole(1, len(split) - 1) if split[1:] else 0,
        is_skewed=dice.chance(SKEWED),
        scheduled=_scheduled(dice, case),
    )
    trial.external_id = EXTERNAL_IDS[case.platform](trial)
    _count(trial)
    return trial


def _split(dice: Dice, lack: Lack | None) -> tuple[float, ...]:
    return LACKING_SPLITS.get(lack, (50.0, 50.0)) if lack else dice.weighted(SPLITS)


def _measures(
    dice: Dice, case: Case, known: list[Yardstick]
) -> tuple[Yardstick | None, list[tuple[Yardstick, MetricRole]]]:
    if case.type is ExperimentType.FEATURE or not known:
        return None, []
    roles = ROLES.get(case.platform, BESIDE)
    first, *others = dice.several(known, 1 + dice.whole(min(1, len(roles)), len(roles)))
    primary = None if case.lack is Lack.PRIMARY_METRIC else first
    return primary, list(zip(others, roles, strict=False))


def _scheduled(dice: Dice, case: Case) -> datetime | None:
    if case.overlay is not Overlay.SCHEDULED:
        return None
    return NOW.replace(hour=7) + timedelta(days=dice.whole(60, 400))


def _count(trial: Trial) -> None:
    """Decide how many units are required, and how many came."""
    metric, dice, decisive = trial.primary, trial.dice, trial.verdict is Verdict.WON
    if metric is not None and trial.platform is not Platform.CHECKMANGO:
        effect = trial.detectable / 100
        trial.required = required_units(metric.mean, metric.deviation, effect, trial.split)
    if trial.started is None:
        return
    progress = dice.real(0.9, 1.6) if decisive or trial.is_over else dice.real(0.1, 1.1)
    total = max((trial.required or 0) * progress, FEWEST_UNITS * dice.real(0.5, 3.0))
    shares = [share / sum(trial.split) for share in trial.split]
    noise = [dice.normal() * sqrt(total * share * (1 - share)) for share in shares]
    counts = [round(total * share + drift) for share, drift in zip(shares, noise, strict=True)]
    skew = SKEW if trial.is_skewed else 1.0
    trial.counts = [counts[0], *(round(count * skew) for count in counts[1:])]
