"""PostHog's results and exposures, as what they say of the experiment that they name.

Today's shape compares every variant with a baseline, by relative effects. The one before gave
counts, and intervals that are rates of their own; it stays among what else a result says.
"""

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

from connectors.payloads.looking import objects, part, tried, word
from connectors.payloads.shapes import Object
from connectors.payloads.values import decimal, moment, number_above_zero, whole_64
from connectors.posthog.metrics import metric_of_result

TAKEN = frozenset({"key", "number_of_samples", "sum", "p_value"})
"""What of a side has a column of its own."""

OLD_TAKEN = frozenset({"key", "success_count", "failure_count", "count", "absolute_exposure"})

INTERVALS = ("credible_interval", "confidence_interval")

EXACT = Context(prec=17, Emax=9999, Emin=-9999, traps=[])
"""Seventeen digits are what a number of 64 bits has; what overflows is no number, and left out."""

AROUND = frozenset(
    {
        *("kind", "metric", "baseline", "variant_results", "variants", "experiment_id"),
        *("experiment", "query", "credible_intervals", "probability"),
    }
)
"""What of an answer is said by its rows, or is the question."""

PASSING = frozenset(
    {
        *("cache_key", "cache_target_age", "calculation_trigger", "is_cached", "last_refresh"),
        *("next_allowed_client_refresh", "query_metadata", "query_status", "timezone"),
    }
)
"""What tells of the query, and of nothing that it found."""


def results(value: Object) -> Object:
    """An answer about one metric, or a recalculation of several."""
    scope = _experiment(value) or ""
    found = value.get("results")
    answers = list(found.values()) if isinstance(found, dict) else found
    several = objects(answers) if "results" in value else [value]
    rows = [row for answer in several for row in _rows(answer, scope)]
    return {"id": scope or None, "@results": rows}


def exposures(value: Object) -> Object:
    """How many users met an experiment, each variant for itself."""
    counts = part(value, "total_exposures")
    dates = part(value, "date_range")
    total = {
        "unit_count": sum(tried(whole_64, count) or 0 for count in counts.values()),
        "first_exposure_at": tried(moment, dates.get("date_from")),
        "last_exposure_at": tried(moment, dates.get("date_to")),
    }
    kept = {key: value[key] for key in ("total_exposures", "timeseries", "date_range")
            if key in value}  # fmt: skip
    return {"id": _experiment(value), "@exposures": [total], "@exposure_answer": kept}


def _experiment(value: Object) -> str | None:
    """The id of the experiment that an answer names, itself or in the question."""
    named = value.get("experiment")
    said = (
        value.get("experiment_id"),
        named.get("id") if isinstance(named, dict) else named,
        part(value, "query").get("experiment_id"),
    )
    found = (tried(number_above_zero, each) for each in said)
    return next((each for each in found if each is not None), None)


def _rows(answer: Object, scope: str) -> Iterator[Object]:
    """The result of every variant; what is said of all together stands with the baseline."""
    definition = part(answer, "metric") or part(answer, "query", "metric")
    metric = metric_of_result(definition, scope) if definition else None
    around = {
        key: said
        for key, said in answer.items()
        if key not in AROUND | PASSING and said is not None
    }
    baseline = part(answer, "baseline")
    sides = [baseline, *objects(answer.get("variant_results"))]
    rows = [_side(side, baseline) for side in sides if side]
    rows = rows or [_old_side(side, answer) for side in objects(answer.get("variants"))]
    for number_of, row in enumerate(rows):
        extra = {**row["extra"], **(around if number_of == 0 else {})}
        yield {**row, "metric": metric, "extra": extra or None}


def _side(side: Object, baseline: Object) -> dict[str, Any]:
    mean, base = _mean(side), _mean(baseline)
    interval: Any = next((side[key] for key in INTERVALS if isinstance(side.get(key), list)), [])
    low, high = interval if len(interval) == 2 else (None, None)  # noqa: PLR2004  its two ends
    impact = None
    if side is not baseline and mean is not None and base:
        impact = _finite(EXACT.subtract(EXACT.divide(mean, base), 1))
    return {
        "variant": {"key": side.get("key")},
        "unit_count": side.get("number_of_samples"),
        "value": side.get("sum"),
        "mean": mean,
        "p_value": side.get("p_value"),
        "impact": impact,
        "impact_lower": low,
        "impact_upper": high,
        "extra": {key: said for key, said in side.items()
                  if key not in TAKEN and said is not None},
    }  # fmt: skip


def _mean(side: Object) -> Decimal | None:
    """The mean per unit; of a ratio, that of the numerator over the denominator."""
    key = "number_of_samples" if side.get("denominator_sum") is None else "denominator_sum"
    total, below = _exact(side.get("sum")), _exact(side.get(key))
    return _finite(EXACT.divide(total, below)) if total is not None and below else None


def _finite(found: Decimal) -> Decimal | None:
    return found if found.is_finite() else None


def _exact(value: Any) -> Decimal | None:
    said = tried(decimal, value)
    return None if said is None else Decimal(said)


def _old_side(side: Object, answer: Mapping[str, Any]) -> dict[str, Any]:
    """A variant of a legacy answer: successes and failures, or a count and its exposure."""
    key = word(side.get("key")) or ""
    wins = next((side[name] for name in ("success_count", "count") if name in side), None)
    losses, exposed = side.get("failure_count"), side.get("absolute_exposure")
    units = exposed if losses is None else _sum(wins, losses)
    of_key = {
        "probability": part(answer, "probability").get(key),
        "credible_interval": part(answer, "credible_intervals").get(key),
    }
    kept = {name: said for name, said in side.items() if name not in OLD_TAKEN}
    return {
        "variant": {"key": side.get("key")},
        "unit_count": units,
        "value": wins,
        "mean": _mean({"sum": wins, "number_of_samples": units}),
        "extra": {name: said for name, said in (kept | of_key).items() if said is not None},
    }


def _sum(one: Any, other: Any) -> Decimal | None:
    first, second = _exact(one), _exact(other)
    return None if first is None or second is None else _finite(EXACT.add(first, second))
