"""Lifecycle calls: where each is legal, what it asks, what it sets. None of them is idempotent."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from tests.platforms.absmartly import inputs
from tests.platforms.absmartly.state import State, status_of
from tests.platforms.standin import Ask, Routed, Row, stamp

SCHEDULED = ("start", "restart", "development", "stop", "archive", "full_on")
FEATURE_HAS_NOT = (
    "analysis_type",
    "required_alpha",
    "required_power",
    "minimum_detectable_effect",
    "group_sequential_futility_type",
    "group_sequential_analysis_count",
    "group_sequential_min_analysis_interval",
    "group_sequential_first_analysis_interval",
    "group_sequential_max_duration_interval",
    "baseline_primary_metric_mean",
    "baseline_primary_metric_stdev",
    "baseline_participants_per_day",
)


def _nothing(_here: State, _row: Row, _body: Row) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class Step:
    """One action: the statuses it is legal from, what is wrong with a body, what changes."""

    sources: frozenset[str]
    sets: Callable[[Row, Row], Row]
    wrong: Callable[[State, Row, Row], list[str]] = _nothing


def _outdated(here: State, row: Row, _body: Row) -> list[str]:
    metric = here.metrics.get(row["primary_metric_id"] or 0)
    active = metric is None or metric["lifecycle_status"] == "active"
    return [] if active else ["the version of the primary metric is outdated"]


def _unreasoned(_here: State, _row: Row, body: Row) -> list[str]:
    return [] if body.get("reason") else ["reason is required"]


def _no_treatment(_here: State, row: Row, body: Row) -> list[str]:
    variant = body.get("full_on_variant")
    good = isinstance(variant, int) and 1 <= variant < row["nr_variants"]
    return [] if good else ["full_on_variant must be one of the treatments"]


def stopped(row: Row, reason: str | None) -> Row:
    """What ends with an experiment."""
    done = bool((row["sample_size"] or {}).get("reached_at"))
    kind = "full_on" if row["full_on_at"] else "keep_current" if done else "abort"
    report = {
        "type": kind,
        "stop_reason": reason,
        "full_on_variant": row["full_on_variant"],
        "experiment_note": None,
    }
    feature = {"feature_off_at": stamp()} if row["type"] == "feature" else {}
    return {"state": "stopped", "stop_at": stamp(), "experiment_report": report, **feature}


def started(row: Row) -> Row:
    """What begins with an experiment."""
    feature = {"feature_on_at": stamp()} if row["type"] == "feature" else {}
    return {"state": "running", "start_at": stamp(), **feature}


STEPS = {
    "development": Step(
        sources=frozenset({"ready"}),
        sets=lambda _row, _body: {"state": "development", "development_at": stamp()},
    ),
    "start": Step(
        sources=frozenset({"ready", "development"}),
        sets=lambda row, _body: started(row),
        wrong=_outdated,
    ),
    "stop": Step(
        sources=frozenset({"development", "running", "full_on"}),
        sets=lambda row, body: stopped(row, body["reason"]),
        wrong=_unreasoned,
    ),
    "full_on": Step(
        sources=frozenset({"running"}),
        sets=lambda _row, body: {
            "full_on_at": stamp(),
            "full_on_variant": body["full_on_variant"],
        },
        wrong=_no_treatment,
    ),
    "archive": Step(sources=frozenset({"stopped"}), sets=lambda _row, _body: {"archived": True}),
    "unarchive": Step(
        sources=frozenset({"archived"}), sets=lambda _row, _body: {"archived": False}
    ),
}


def check(here: State, row: Row, word: str, sources: frozenset[str]) -> None:
    """Whether an experiment stands where a call is legal. Raises Refused."""
    status = status_of(row)
    if status not in sources:
        text = f"Cannot {word} an experiment that is {status}"
        raise here.refuse(here.refusal_status, text)


def act(word: str, here: State, ask: Ask) -> Response:
    """``PUT /experiments/:id/<word>``."""
    row, step = here.find("experiments", ask.path["id"]), STEPS[word]
    check(here, row, word, step.sources)
    errors = step.wrong(here, row, ask.body)
    if errors:
        raise here.refuse(422, *errors)
    row.update(step.sets(row, ask.body))
    here.touch(row)
    here.record(row["id"], word)
    note = here.note(row["id"], word, ask, variant=ask.body.get("full_on_variant"))
    return here.done(experiment=here.detail(row), experiment_note=note)


def archive(here: State, ask: Ask) -> Response:
    """``PUT /experiments/:id/archive``, which takes both ways."""
    wanted = ask.body.get("archive")
    if not isinstance(wanted, bool):
        raise here.refuse(422, "archive must be a boolean")
    return act("archive" if wanted else "unarchive", here, ask)


def restart(here: State, ask: Ask) -> Response:
    """``PUT /experiments/:id/restart``: a new iteration, which runs at once."""
    old, body = here.find("experiments", ask.path["id"]), ask.body
    check(here, old, "restart", frozenset({"stopped", "running", "full_on"}))
    errors = _restart_errors(here, old, body)
    if errors:
        raise here.refuse(422, *errors)
    number = max(here.experiments) + 1
    new = _iteration(here, number, old, body)
    if old["state"] == "running":
        old.update(stopped(old, body["reason"]))
        here.touch(old)
    here.experiments[number] = new
    here.families[number] = here.numbers(old["id"])
    here.families[number].append(number)
    here.record(old["id"], "restart")
    note = here.note(old["id"], "restart", ask, new_experiment_id=number)
    return here.done(
        experiment=here.detail(old), new_experiment=here.detail(new), experiment_note=note
    )


def _restart_errors(here: State, old: Row, body: Row) -> list[str]:
    data = body.get("data")
    if not isinstance(data, dict):
        return ["data is required"]
    checks: tuple[tuple[Any, str], ...] = (
        (isinstance(body.get("version"), int), "version is required"),
        (body.get("state") in {"running", "development"}, "state must be running or development"),
        (isinstance(body.get("reshuffle"), bool), "reshuffle is required"),
        (body.get("restart_as_type") in {None, "feature", "experiment"}, "restart_as_type"),
        (old["state"] == "stopped" or body.get("reason"), "reason is required"),
    )
    return [text for good, text in checks if not good] + inputs.wrong(here, data, complete=True)


def _iteration(here: State, number: int, old: Row, body: Row) -> Row:
    kept = ("seed", "traffic_seed")
    seeds = here.seeds(number) if body["reshuffle"] else {key: old[key] for key in kept}
    row = {
        "id": number,
        **inputs.blank(),
        **inputs.taken(here, number, body["data"]),
        **seeds,
        **here.audit(),
        "iteration": old["iteration"] + 1,
    }
    kind = body.get("restart_as_type")
    if kind:
        row["type"] = "feature" if kind == "feature" else "test"
    if kind == "feature":
        row |= dict.fromkeys(FEATURE_HAS_NOT)
    begun = {"state": "development", "development_at": stamp()}
    return row | (started(row) if body["state"] == "running" else begun)


def schedule(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/scheduled_action``."""
    row, body = here.find("experiments", ask.path["id"]), ask.body
    if body.get("action") not in SCHEDULED or not body.get("scheduled_at"):
        raise here.refuse(422, "action and scheduled_at are required")
    made = here.add(
        "scheduled_actions",
        {
            "experiment_id": row["id"],
            "action": body["action"],
            "scheduled_at": body["scheduled_at"],
            "note": body.get("note"),
            "reason": body.get("reason"),
            "executed_at": None,
        },
    )
    row["scheduled_actions"].append(made)
    here.record(row["id"], "scheduled_action")
    here.note(row["id"], "scheduled_action", ask)
    return here.done(scheduled_action=made)


def unschedule(here: State, ask: Ask) -> Response:
    """``DELETE /experiments/:id/scheduled_action/:action``."""
    row = here.find("experiments", ask.path["id"])
    found = here.find("scheduled_actions", ask.path["action"])
    if found not in row["scheduled_actions"]:
        raise here.refuse(404, "scheduled action not found")
    row["scheduled_actions"].remove(found)
    del here.schedule[found["id"]]
    here.record(row["id"], "cancel_scheduled_action")
    return here.done()


BASE = "/v1/experiments/{id:int}"
ROUTES: list[Routed] = [
    ("PUT", f"{BASE}/restart", restart),
    ("PUT", f"{BASE}/archive", archive),
    *(
        ("PUT", f"{BASE}/{word}", partial(act, word))
        for word in ("development", "start", "stop", "full_on")
    ),
    ("POST", f"{BASE}/scheduled_action", schedule),
    ("DELETE", f"{BASE}/scheduled_action/{{action:int}}", unschedule),
]
