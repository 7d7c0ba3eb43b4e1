"""What was measured: exposures and results of every variant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, sqrt

from gateway.demo.dice import Dice
from gateway.demo.inference import Sample, compare
from gateway.demo.ledger import Ledger, Values
from gateway.demo.metrics import Yardstick
from gateway.demo.trial import Trial, Verdict
from models import Exposure, Platform, Result

ENVIRONMENTS = {Platform.LOCAL: "production", Platform.ABSMARTLY: "production"}
"""The platforms that tell environments apart, and the one that counts."""

REPORTED_BESIDE = 2
"""How many metrics beside the primary one have results."""

PULLS = {Verdict.WON: (3.2, 4.8), Verdict.LOST: (-4.0, -2.2), Verdict.FLAT: (-1.3, 1.3)}
"""How many standard errors the best treatment lies on the good side of the control."""

EIGHT_PLACES = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One metric of one variant, exactly: the mean is the value over the units."""

    units: int
    value: Decimal
    mean: Decimal
    variance: Decimal

    @property
    def sample(self) -> Sample:
        """The same, for comparisons."""
        return Sample(self.units, float(self.mean), float(self.variance))


def note_exposures(ledger: Ledger, trial: Trial) -> None:
    """Note how many units met the experiment, and where."""
    if trial.started is None:
        return
    environment = ENVIRONMENTS.get(trial.platform)
    places = [(environment, sum(trial.counts), trial.started, trial.ended)]
    developed = trial.history.at("DEVELOP")
    if developed is not None:
        places.append(("development", trial.dice.whole(2, 40), developed, trial.started))
    for position, (name, units, begin, end) in enumerate(places):
        ledger.add(
            Exposure,
            experiment_id=trial.id,
            environment=name,
            unit_count=units,
            first_exposure_at=begin,
            last_exposure_at=end,
            data_cutoff_at=end,
            updated_at=end,
            position=position,
        )


def note_results(ledger: Ledger, trial: Trial) -> None:
    """Note the results of the primary metric and of some beside it, control first."""
    if trial.started is None or trial.primary is None:
        return
    beside = [metric for metric, _ in trial.beside[:REPORTED_BESIDE]]
    position = 0
    for metric in (trial.primary, *beside):
        pulls = _pulls(trial, leads=metric is trial.primary)
        outcomes = list(_outcomes(trial.dice, metric, trial.counts, pulls))
        for index, outcome in enumerate(outcomes):
            ledger.add(
                Result,
                experiment_id=trial.id,
                variant_id=trial.variant_ids[index],
                variant_index=index,
                metric_id=metric.id,
                environment=ENVIRONMENTS.get(trial.platform),
                position=position,
                **_columns(trial, outcome, outcomes[0] if index else None),
            )
            position += 1


def _pulls(trial: Trial, *, leads: bool) -> list[float]:
    """How far each treatment lies from the control; only the primary metric shows the verdict."""
    low, high = PULLS[Verdict.FLAT]
    pulls = [trial.dice.real(low, high) for _ in trial.split[1:]]
    if leads and pulls:
        pulls[trial.winner - 1] = trial.dice.real(*PULLS[trial.verdict])
    return pulls


def _outcomes(
    dice: Dice, metric: Yardstick, counts: Sequence[int], pulls: Sequence[float]
) -> Iterator[Outcome]:
    spread = metric.deviation / metric.mean
    control = metric.mean * exp(dice.normal() * spread / sqrt(counts[0]))
    yield _outcome(dice, metric, counts[0], control)
    for units, pull in zip(counts[1:], pulls, strict=True):
        error = spread * sqrt(1 / units + 1 / counts[0])
        good_side = metric.better or 1
        yield _outcome(dice, metric, units, control * exp(good_side * pull * error))


def _outcome(dice: Dice, metric: Yardstick, units: int, mean: float) -> Outcome:
    """The outcome next to a mean: people are whole, money has cents, and so has everything else."""
    if metric.is_share:
        value = Decimal(round(mean * units))
        share = value / units
        variance = share * (1 - share)
    else:
        value = Decimal(round(mean * units * 100)).scaleb(-2)
        variance = Decimal(f"{(metric.deviation * dice.real(0.98, 1.02)) ** 2:.8f}")
    exact = value / units
    return Outcome(units, value, exact.quantize(EIGHT_PLACES), variance.quantize(EIGHT_PLACES))


def _columns(trial: Trial, outcome: Outcome, control: Outcome | None) -> Values:
    compared = compare(outcome.sample, control.sample) if control else None
    comparison = {
        "impact": compared.impact if compared else None,
        "p_value": compared.p_value if compared else None,
    }
    if trial.platform is Platform.CHECKMANGO:  # its statistics are rates and their comparison
        return {"mean": outcome.mean, **comparison}
    return comparison | {
        "unit_count": outcome.units,
        "first_exposure_at": trial.started,
        "last_exposure_at": trial.ended,
        "value": outcome.value,
        "mean": outcome.mean,
        "variance": outcome.variance,
        "stdev": outcome.variance.sqrt().quantize(EIGHT_PLACES),
        "impact_lower": compared.lower if compared else None,
        "impact_upper": compared.upper if compared else None,
    }
