"""How two variants are compared, and how many units that takes. Plain formulas.

With means m, variances v and unit counts n, of treatment (t) and control (c):

    impact          m_t / m_c - 1
    log ratio       r = ln(m_t / m_c)
    standard error  e = sqrt(v_t / (n_t m_t²) + v_c / (n_c m_c²))       (delta method)
    interval        exp(r ± z e) - 1, where z is the 95 % point: 90 % lie inside
    p-value         erfc(|r| / e / sqrt(2)), two-sided

So the interval leaves out 0 exactly where the p-value is below 0.1.
"""

from dataclasses import dataclass
from math import erfc, exp, log, sqrt
from typing import NamedTuple

Z_CONFIDENCE = 1.6448536269514722
"""The normal distribution's 95 % point: two-sided at 0.1."""

Z_POWER = 0.8416212335729143
"""Its 80 % point."""

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """What one variant's units did."""

    units: int
    mean: float
    variance: float

    @property
    def error(self) -> float:
        """The squared standard error of the mean, as a share of the squared mean."""
        return self.variance / (self.units * self.mean**2)


class Comparison(NamedTuple):
    """How a treatment differs from the control; shares of the control's mean."""

    impact: float
    lower: float
    upper: float
    p_value: float


def compare(treatment: Sample, control: Sample) -> Comparison | None:
    """The comparison; None where a mean is not above zero."""
    if min(treatment.mean, control.mean) <= 0:
        return None
    ratio = log(treatment.mean / control.mean)
    error = sqrt(treatment.error + control.error)
    return Comparison(
        impact=round(treatment.mean / control.mean - 1, DIGITS),
        lower=round(exp(ratio - Z_CONFIDENCE * error) - 1, DIGITS),
        upper=round(exp(ratio + Z_CONFIDENCE * error) - 1, DIGITS),
        p_value=round(erfc(abs(ratio) / error / sqrt(2)), DIGITS),
    )


def required_units(mean: float, deviation: float, effect: float, split: tuple[float, ...]) -> int:
    """How many units, of all variants together, show a relative effect with power 0.8 at 0.1.

    That is (z_confidence + z_power)² (deviation / mean)² (1/s_c + 1/s_t) / effect², with the
    shares s of the control and of the smallest treatment.
    """
    control, *treatments = (share / sum(split) for share in split)
    shares = 1 / control + 1 / min(treatments, default=control)
    return round((Z_CONFIDENCE + Z_POWER) ** 2 * (deviation / mean) ** 2 * shares / effect**2)
