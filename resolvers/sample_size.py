"""How many units a fixed-horizon test needs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from models.errors import BadUserInput
from resolvers.context import Context
from resolvers.identity import LARGEST

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class RequiredSampleSize:
    """The units of all variants together, and of each one."""

    total: int
    by_variant: list[int]


async def required_sample_size(
    _: Context,
    mean: float,
    stdev: float,
    minimum_detectable_effect: float,
    alpha: float,
    power: float,
    split: Sequence[float],
) -> RequiredSampleSize:
    """The least number of units with which every treatment shows the effect.

    N = (z(1 - alpha/2) + z(power))² · (stdev/mean)² / effect² · (1/control + 1/treatment), with the
    shares of the control and of the smallest treatment; the effect is relative to the mean. Two
    equal shares make the last factor 4. Source: the formula behind ABsmartly's published table of
    detectable effects. Raises BadUserInput for values outside their ranges.
    """
    effect = minimum_detectable_effect
    _demand("mean", mean, math.isfinite(mean) and mean != 0)
    _demand("stdev", stdev, math.isfinite(stdev) and stdev > 0)
    _demand("minimumDetectableEffect", effect, math.isfinite(effect) and effect > 0)
    _demand("alpha", alpha, 0 < alpha < 1)
    _demand("power", power, 0 < power < 1)
    shares = len(split) > 1 and all(share > 0 for share in split)
    _demand("split", list(split), shares and math.isclose(sum(split), 1, abs_tol=1e-6))
    try:
        normal = NormalDist()
        reach = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
        spread = 1 / split[0] + 1 / min(split[1:])
        wanted = (reach * stdev / mean / effect) ** 2 * spread
        by_variant = [math.ceil(wanted * share - ROUNDING) for share in split]
    except (ArithmeticError, ValueError):
        reach, by_variant = 0.0, []
    total = sum(by_variant)
    if reach <= 0 or not 0 < total <= LARGEST:
        raise BadUserInput("No test of a size that can be counted finds such an effect.")
    return RequiredSampleSize(total, by_variant)


def _demand(name: str, value: object, holds: bool) -> None:  # noqa: FBT001  a condition
    if not holds:
        raise BadUserInput(f"{name} is {value}, which no test can be planned with.")
