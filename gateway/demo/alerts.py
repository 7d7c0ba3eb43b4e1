"""Planned sample sizes, and the alerts that health checks gave."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.demo.history import NOW
from gateway.demo.ledger import Ledger, Values
from gateway.demo.trial import Trial, Verdict
from models import Alert, AlertType, Platform, SampleSize


@dataclass(frozen=True, slots=True)
class Check:
    """A health check: on whom it may fire, in which share of them, and what it then says."""

    type: AlertType
    share: float
    holds: Callable[[Trial], bool]
    facts: Callable[[Trial], Values | None] = lambda _: None
    late: bool = False


# fmt: off
CHECKS = (
    Check(AlertType.SAMPLE_SIZE_REACHED, 0.8, lambda trial: _reached(trial) is not None,
          lambda trial: {"required_sample_size": trial.required}),
    Check(AlertType.SAMPLE_RATIO_MISMATCH, 1.0, lambda trial: trial.is_skewed,
          lambda trial: {"expected": trial.split, "observed": trial.counts}),
    Check(AlertType.AUDIENCE_MISMATCH, 0.03, lambda _: True,
          lambda trial: {"share": round(trial.dice.real(0.01, 0.2), 3)}),
    Check(AlertType.ASSIGNMENT_CONFLICT, 0.03, lambda _: True,
          lambda trial: {"units": trial.dice.whole(3, 400)}),
    Check(AlertType.EXPERIMENTS_INTERACT, 0.03, lambda _: True),
    Check(AlertType.METRIC_THRESHOLD_REACHED, 0.4,
          lambda trial: trial.verdict is Verdict.LOST and bool(trial.beside),
          lambda trial: {"metric": trial.beside[0][0].name}),
    Check(AlertType.GROUP_SEQUENTIAL_UPDATED, 0.2,
          lambda trial: trial.platform is Platform.ABSMARTLY and trial.primary is not None,
          lambda trial: {"analysis": trial.dice.whole(1, 6)}),
    Check(AlertType.CLEANUP_NEEDED, 0.25, lambda trial: trial.is_over, late=True),
)
# fmt: on


def note_sample_size(ledger: Ledger, trial: Trial) -> None:
    """Note how many units were planned, and when they had come."""
    if trial.required is None or not trial.history.steps[1:]:
        return
    reached = _reached(trial)
    ledger.add(
        SampleSize,
        experiment_id=trial.id,
        required_sample_size=trial.required,
        reached_at=reached,
        reached_at_sample_size=trial.required + trial.number % 97 if reached else None,
        created_at=trial.history.created,
        updated_at=trial.ended if trial.started else trial.history.created,
    )


def note_alerts(ledger: Ledger, trial: Trial) -> None:
    """Note which checks fired."""
    if trial.started is None:
        return
    for position, check in enumerate(CHECKS):
        if not (check.holds(trial) and trial.dice.chance(check.share)):
            continue
        facts = check.facts(trial)
        local = trial.platform is Platform.LOCAL
        ledger.add(
            Alert,
            source_id=trial.shelf.source_id,
            external_id=None if local else f"{trial.external_id}{position}",
            experiment_id=trial.id,
            type=check.type,
            native_type=None if local else check.type.value.lower(),
            alert_metadata=json.dumps(facts) if facts else None,
            dismissed=trial.is_over and trial.dice.chance(0.5),
            created_at=_fired(trial, check),
        )


def _reached(trial: Trial) -> datetime | None:
    """When the required units had come, if they came evenly."""
    units = sum(trial.counts)
    if trial.started is None or trial.required is None or units < trial.required:
        return None
    spent = (trial.ended - trial.started) * (trial.required / units)
    return trial.started + timedelta(seconds=int(spent.total_seconds()))


def _fired(trial: Trial, check: Check) -> datetime:
    if check.type is AlertType.SAMPLE_SIZE_REACHED:
        return _reached(trial) or trial.ended
    if check.late:
        return min(trial.ended + timedelta(days=14), NOW)
    begun = trial.started or trial.history.created
    hours = int((trial.ended - begun).total_seconds() // 3600)
    return begun + timedelta(hours=trial.dice.whole(1, max(1, hours - 1)))
