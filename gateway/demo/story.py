"""The whole demo, experiment by experiment: which rows are noted, in which order."""

from collections import Counter
from collections.abc import Callable, Iterator

from gateway.demo.alerts import note_alerts, note_sample_size
from gateway.demo.cast import Family, families
from gateway.demo.catalog import Catalog, open_catalog
from gateway.demo.dice import Dice
from gateway.demo.experiments import note_experiment
from gateway.demo.flags import note_flag
from gateway.demo.history import History, history
from gateway.demo.ideas import THEMES, Idea, Theme, idea
from gateway.demo.ledger import Ledger
from gateway.demo.links import (
    note_applications,
    note_custom_values,
    note_favorites,
    note_metrics,
    note_owners,
    note_tags,
)
from gateway.demo.requests import note_request, note_schedule
from gateway.demo.results import note_exposures, note_results
from gateway.demo.talk import note_events, note_notes
from gateway.demo.trial import TEMPLATES, Trial, decide
from gateway.demo.variants import note_allocations, note_screenshots, note_variants
from models import Family as FamilyRow
from models import Platform

Part = Callable[[Ledger, Trial], None]

FULL: tuple[Part, ...] = (
    note_variants,
    note_screenshots,
    note_owners,
    note_tags,
    note_applications,
    note_metrics,
    note_favorites,
    note_custom_values,
    note_sample_size,
    note_exposures,
    note_results,
    note_alerts,
    note_notes,
    note_schedule,
)

PARTS: dict[Platform, tuple[Part, ...]] = {
    Platform.LOCAL: (*FULL, note_events),
    Platform.ABSMARTLY: (*FULL, note_request, note_events),
    Platform.POSTHOG: (
        note_variants,
        note_tags,
        note_metrics,
        note_favorites,
        note_exposures,
        note_results,
        note_request,
        note_events,
    ),
    Platform.AUTH0: (note_variants, note_allocations, note_events),
    Platform.CHECKMANGO: (note_variants, note_results, note_events),
}
"""What the experiments of a platform have; what is not here the platform does not know."""

TEMPLATED = 0.15
"""The share of ABsmartly's experiments that were made from the template."""


def tell(ledger: Ledger, experiments: int) -> Iterator[int]:
    """Note the rows of a demo; answers again and again how many experiments are complete.

    The first answer is 0: what they share is complete. It has to be written before the rest, since
    a portrait is a file that a person refers to, and a screenshot one that refers to a person.
    """
    catalog = open_catalog(ledger, experiments)
    yield 0
    told: Counter[Theme] = Counter()
    template_id: int | None = None
    number = 0
    for family in families(experiments):
        theme = THEMES[family[0].platform]
        trials = _decided(catalog, number, family, idea(theme, told[theme]))
        told[theme] += 1
        number += len(family)
        _note_family(ledger, trials, template_id)
        if trials[0].case.type in TEMPLATES:
            template_id = trials[0].id
        yield number


def _decided(catalog: Catalog, before: int, family: Family, about: Idea) -> list[Trial]:
    """The trials of a family; told backwards, because a restart dates the one before."""
    dice = Dice("history", before + 1)
    newer: History | None = None
    trials: list[Trial] = []
    for index in range(len(family) - 1, -1, -1):
        newer = history(dice, family[index], restarted=index > 0, newer=newer)
        number = before + index + 1
        trials.insert(0, decide(catalog, before + 1, number, family[index], about, newer))
    return trials


def _note_family(ledger: Ledger, trials: list[Trial], template_id: int | None) -> None:
    """Note the experiments first, since notes refer to the next iteration."""
    first = trials[0]
    row = ledger.add(FamilyRow, source_id=first.shelf.source_id, key=first.key)
    for trial in trials:
        trial.family_id = row
        if trial.platform is Platform.ABSMARTLY and trial.dice.chance(TEMPLATED):
            trial.template_id = template_id
        note_flag(ledger, trial)
        note_experiment(ledger, trial)
    for trial, successor in zip(trials, [*trials[1:], None], strict=True):
        trial.successor_id = successor.id if successor else None
        for part in PARTS[trial.platform]:
            part(ledger, trial)
