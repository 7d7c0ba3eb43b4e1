"""The status of experiments: readiness, transitions, validation, and the ramp."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from tests.platforms.auth0.state import State, said
from tests.platforms.standin import Answer, Ask, Routed, Row, stamp

TARGETS = ("active", "paused", "completed", "archived")
LEGAL = frozenset(
    {
        ("draft", "active"),
        ("active", "paused"),
        ("paused", "active"),
        ("active", "completed"),
        ("paused", "completed"),
        ("completed", "archived"),
    }
)
EDITABLE: Mapping[str, tuple[str, ...]] = {
    "draft": (
        *("name", "description", "authentication_flow", "allocations"),
        *("default_config", "levels", "status"),
    ),
    "active": ("name", "description", "status"),
    "paused": ("name", "description", "allocations", "status"),
    "completed": ("name", "description", "status"),
    "archived": (),
}

Rule = Callable[[State, Row, Iterable[Row]], tuple[str, str] | None]


def _flag_active(here: State, row: Row, _active: Iterable[Row]) -> tuple[str, str] | None:
    flag = here.feature_flags[row["feature_flag_id"]]
    text = f"Feature flag {flag['id']} is in {flag['status']} status; must be active"
    return None if flag["status"] == "active" else ("feature_flag_not_active", text)


def _allocated(_here: State, row: Row, _active: Iterable[Row]) -> tuple[str, str] | None:
    text = "Experiment has no allocations"
    return None if row["allocations"] else ("experiment_missing_allocations", text)


def _own(here: State, row: Row, _active: Iterable[Row]) -> tuple[str, str] | None:
    flag = row["feature_flag_id"]
    variations = (here.variations.get(each["variation_id"]) for each in row["allocations"])
    good = all(each and each["feature_flag_id"] == flag for each in variations)
    return None if good else ("variation_not_from_flag", f"A variation is not of flag {flag}")


def _control(_here: State, row: Row, _active: Iterable[Row]) -> tuple[str, str] | None:
    controls = [each for each in row["allocations"] if each["is_control"]]
    text = "Exactly one allocation must be the control"
    return None if len(controls) == 1 else ("experiment_missing_control", text)


def _weights(_here: State, row: Row, _active: Iterable[Row]) -> tuple[str, str] | None:
    total = sum(each.get("weight", 0) for each in row["allocations"])
    good = row["allocation_strategy"] != "percentage" or total == 100
    text = f"Allocation weights sum to {total}; must be 100"
    return None if good else ("experiment_invalid_allocation_weights", text)


def _fallback(_here: State, row: Row, _active: Iterable[Row]) -> tuple[str, str] | None:
    fallbacks = [each for each in row["allocations"] if each.get("is_fallback")]
    good = row["allocation_strategy"] != "segment" or len(fallbacks) == 1
    text = "Exactly one allocation must be the fallback"
    return None if good else ("experiment_missing_default", text)


def _alone(here: State, row: Row, active: Iterable[Row]) -> tuple[str, str] | None:
    def clashes(other: Row) -> bool:
        flows = {row["authentication_flow"], other["authentication_flow"]}
        return not here.newer or len(flows) == 1 or "all" in flows

    found = any(each["id"] != row["id"] and clashes(each) for each in active)
    text = "Another experiment is active"
    return ("experiment_active_limit_exceeded", text) if here.active_limit and found else None


RULES: tuple[Rule, ...] = (
    _flag_active,
    _allocated,
    _own,
    _control,
    _weights,
    _fallback,
    _alone,
)


def active(here: State) -> list[Row]:
    """The experiments that are active."""
    return [row for row in here.experiments.values() if row["status"] == "active"]


def unready(here: State, row: Row, others: Iterable[Row] | None = None) -> list[Row]:
    """Everything that keeps an experiment from being activated."""
    running = active(here) if others is None else others
    found = (rule(here, row, running) for rule in RULES)
    return [{"code": each[0], "message": each[1]} for each in found if each]


def move(here: State, row: Row, target: str) -> None:
    """Change the status of a row in place. Raises Refused with 400."""
    if (row["status"], target) not in LEGAL:
        raise here.refuse(400, f"Transition from {row['status']} to {target} is not allowed")
    errors = unready(here, row) if target == "active" else []
    if errors:
        text = "; ".join(error["message"] for error in errors)
        raise here.refuse(400, text, errors[0]["code"] if len(errors) == 1 else None)
    row["status"] = target
    if target == "active" and not row["started_at"]:
        row["started_at"] = stamp()
        if here.newer:
            freeze(here, row)
    if target == "completed":
        row.update(ended_at=stamp(), current_level=None)


def freeze(here: State, row: Row) -> None:
    """What a first activation keeps: copies of what it stands on, and the first level."""
    row["feature_flag_snapshot"] = deepcopy(here.feature_flags[row["feature_flag_id"]])
    row["current_level"] = row["levels"][0] if row["levels"] else None
    for each in row["allocations"]:
        each["variation_snapshot"] = deepcopy(here.variations[each["variation_id"]])
        if each.get("segment_id"):
            each["segment_snapshot"] = deepcopy(here.segments[each["segment_id"]])


def shown(here: State, row: Row) -> Row:
    """An experiment as answers have it."""
    if not here.newer:
        newer = ("default_config", "levels", "current_level", "feature_flag_snapshot")
        return said({key: value for key, value in row.items() if key not in newer})
    allocations = [
        said(
            {
                **each,
                "variation_name": here.variations[each["variation_id"]]["name"],
                "segment_name": here.segments.get(each.get("segment_id") or "", {}).get("name"),
            }
        )
        for each in row["allocations"]
    ]
    more: Row = {
        "allocations": allocations,
        "feature_flag_name": here.feature_flags[row["feature_flag_id"]]["name"],
        "editable_fields": list(EDITABLE[row["status"]]),
    }
    return {**said({**row, **more}), "current_level": row["current_level"]}


def settle(here: State, row: Row) -> None:
    """Say that an experiment was written, and whether it would be activated now."""
    row["is_valid"] = not unready(here, row)
    row["updated_at"] = stamp()


def transition(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/status`` of the first generation."""
    row = here.find(here.experiments, ask.path["id"])
    target = ask.body.get("status")
    if set(ask.body) != {"status"} or target not in TARGETS:
        raise here.refuse(400, "Payload validation error: 'status'.", "invalid_body")
    move(here, row, target)
    settle(here, row)
    here.record(row["id"], target)
    return Answer(shown(here, row))


def validate(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/validate``: a dry run of the activation, 200 whatever it finds."""
    errors = unready(here, here.find(here.experiments, ask.path["id"]))
    return Answer({"is_valid": not errors, "errors": errors})


def advance(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/advance-ramp`` of the second generation: one level up."""
    row = here.find(here.experiments, ask.path["id"])
    target, current, ladder = ask.body.get("target_level"), row["current_level"], row["levels"]
    if set(ask.body) != {"target_level"} or not isinstance(target, int):
        raise here.refuse(400, "Payload validation error: 'target_level'.", "invalid_body")
    if row["status"] != "active" or current is None:
        raise here.refuse(400, "Experiment has no active ramp")
    if target not in ladder or target < current:
        raise here.refuse(400, f"Level {target} is not above level {current} of the ramp")
    if ladder.index(target) > ladder.index(current) + 1:
        raise here.refuse(409, f"Level {target} skips levels of the ramp")
    if target != current:
        row["current_level"] = target
        settle(here, row)
        here.record(row["id"], "advance-ramp")
    body: dict[str, Any] = {"experiment_id": row["id"], "from_level": current}
    return Answer({**body, "to_level": target, "current_level": row["current_level"]})


BASE = "/api/v2/experimentation/experiments/{id}"
ROUTES: list[Routed] = [("POST", f"{BASE}/validate", validate)]
OLDER: list[Routed] = [("POST", f"{BASE}/status", transition)]
NEWER: list[Routed] = [("POST", f"{BASE}/advance-ramp", advance)]
