"""The row of an experiment: what every platform says. The rest is said by `platforms`."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from gateway.demo.cast import Overlay
from gateway.demo.details import DETAILS
from gateway.demo.history import NOW, RAMP
from gateway.demo.ledger import Ledger, Values
from gateway.demo.platforms import COLUMNS, NATIVE_STATES, NATIVE_TYPES, PAUSE_EFFECTS, URLS
from gateway.demo.trial import Trial, Verdict
from models import Experiment, ExperimentType, Phase, Platform, ReleaseMode

TITLES = {ExperimentType.TEST_TEMPLATE: "Template: {}", ExperimentType.FEATURE: "{}, as a switch"}

DIRECTIONS = {1: "rise", -1: "fall", 0: "change"}

CONCLUSIONS = {Verdict.WON: "won", Verdict.LOST: "lost", Verdict.FLAT: "inconclusive"}

CONCLUDED = frozenset({Platform.LOCAL, Platform.POSTHOG})
"""The platforms that keep a conclusion."""

REASONED = frozenset({Platform.LOCAL, Platform.ABSMARTLY})
"""The platforms that keep a reason for the end."""

REASONS = {
    Verdict.WON: ("operational_decision", "code_cleaned_up"),
    Verdict.LOST: ("hypothesis_rejected", "guardrail_metric_impact", "secondary_metric_impact"),
    Verdict.FLAT: ("hypothesis_rejected", "hypothesis_iteration", "performance_issue", "other"),
}
RESTART_REASONS = ("hypothesis_iteration", "experiment_setup_issue", "tracking_issue", "data_issue")

COMMENTS = {
    Verdict.WON: "Clear in every market that is large enough to tell.",
    Verdict.LOST: "Worse, and not by chance. We keep the current design.",
    Verdict.FLAT: "No difference that we could measure. We keep the current design.",
}


def note_experiment(ledger: Ledger, trial: Trial) -> None:
    """Note the row, and tell the trial its id."""
    parts: tuple[Callable[[Trial], Values], ...] = (
        _identity, _lifecycle, _outcome, _design, _words, COLUMNS[trial.platform],
    )  # fmt: skip
    values = {name: value for part in parts for name, value in part(trial).items()}
    trial.id = ledger.add(Experiment, **values)


def _identity(trial: Trial) -> Values:
    platform, history = trial.platform, trial.history
    changed = len(history.steps) > 1
    url = URLS[platform]
    return {
        "source_id": trial.shelf.source_id,
        "external_id": trial.external_id,
        "key": trial.key,
        "name": TITLES.get(trial.case.type, "{}").format(trial.idea.name),
        "type": trial.case.type,
        "native_type": NATIVE_TYPES.get((platform, trial.case.type)),
        "platform": platform,
        "url": url.format(trial.external_id) if url else None,
        "family_id": trial.family_id,
        "iteration": trial.iteration,
        "version": len(history.steps),
        "created_at": history.created,
        "updated_at": history.last if changed else None,
    }


def _lifecycle(trial: Trial) -> Values:
    history, phase = trial.history, trial.case.phase
    archived = trial.case.overlay is Overlay.ARCHIVED
    ramped = trial.case.overlay is Overlay.RAMPED
    shipped = trial.case.overlay is Overlay.SHIPPED
    mode = ReleaseMode.SHIPPED_AND_STOPPED if shipped else ReleaseMode.FULL_ON_RUNNING
    words = NATIVE_STATES.get(trial.platform)
    return {
        "phase": phase,
        "native_state": words["ARCHIVED" if archived else phase] if words else None,
        "pause_effect": PAUSE_EFFECTS.get(trial.platform) if phase is Phase.PAUSED else None,
        "archived": archived,
        "full_on_at": trial.released,
        "full_on_variant": trial.winner if trial.released else None,
        "release_mode": mode if trial.released else None,
        "start_scheduled_at": trial.scheduled,
        "ramp_levels": RAMP if ramped else None,
        "ramp_current_level": RAMP[history.count("ADVANCE_RAMP")] if ramped else None,
        "deleted_at": history.at("DELETE"),
        "development_at": history.at("DEVELOP"),
        "started_at": trial.started,
        "first_started_at": trial.started,
        "stopped_at": history.stopped,
        "archived_at": history.at("ARCHIVE"),
        "last_seen_in_code_at": _last_seen(trial),
    }


def _last_seen(trial: Trial) -> object:
    if trial.started is None or trial.platform not in REASONED:
        return None
    seen = trial.ended + timedelta(days=trial.dice.whole(0, 25), minutes=trial.dice.whole(0, 600))
    return min(seen, NOW - timedelta(minutes=trial.dice.whole(1, 90)))


def _outcome(trial: Trial) -> Values:
    if not trial.is_over or trial.primary is None:
        return {}
    restarted = trial.history.at("RESTART") is not None
    reasons = RESTART_REASONS if restarted else REASONS[trial.verdict]
    won = trial.verdict is Verdict.WON
    commented = trial.platform in CONCLUDED | REASONED and trial.dice.chance(0.7)
    return {
        "conclusion": CONCLUSIONS[trial.verdict] if trial.platform in CONCLUDED else None,
        "stop_reason": trial.dice.pick(reasons) if trial.platform in REASONED else None,
        "outcome_comment": COMMENTS[trial.verdict] if commented else None,
        "winner_variant": trial.winner if won else None,
    }


def _design(trial: Trial) -> Values:
    measured = trial.primary is not None and trial.platform is not Platform.CHECKMANGO
    return {
        "variant_count": len(trial.split),
        "percentages": "/".join(f"{share:g}" for share in trial.split),
        "unit_type_id": trial.dice.popular(trial.shelf.unit_types),
        "feature_flag_id": trial.flag_id,
        "template_id": trial.template_id,
        "primary_metric_id": trial.primary.id if trial.primary else None,
        "minimum_detectable_effect": Decimal(trial.detectable) if measured else None,
        "details": DETAILS[trial.platform](trial) if trial.platform in DETAILS else None,
    }


def _words(trial: Trial) -> Values:
    metric = trial.primary
    named, better = (metric.name, metric.better) if metric else ("support contacts", -1)
    hypothesis = trial.idea.hypothesis(named, DIRECTIONS[better])
    if trial.platform not in REASONED:
        return {"description": hypothesis}
    unit = "at least" if trial.dice.chance(0.5) else "about"
    return {
        "description": f"{trial.idea.name}. {trial.idea.change.because.capitalize()}.",
        "hypothesis": hypothesis,
        "prediction": f"{named} will {DIRECTIONS[better]} by {unit} {trial.detectable} %.",
        "action_points": "Full on if it wins; otherwise clean up within two weeks.",
        "implementation_details": f"Behind the key `{trial.key}`; the control is today's design.",
        "other": "Design file and ticket are linked." if trial.dice.chance(0.2) else None,
    }
