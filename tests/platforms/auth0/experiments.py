"""Experiments: the list, one of them, making, editing, deleting."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from tests.platforms.auth0 import checks, lifecycle
from tests.platforms.auth0.state import State
from tests.platforms.standin import Answer, Ask, Routed, Row, stamp

MOST_ALLOCATIONS = 20
ALLOCATION: Mapping[str, checks.Check] = {
    "variation_id": lambda value: isinstance(value, str),
    "is_control": lambda value: isinstance(value, bool),
    "weight": lambda value: isinstance(value, int | float) and 0 <= value <= 100,
    "segment_id": lambda value: isinstance(value, str),
    "priority": lambda value: checks.whole(value) and value >= 1,
    "is_fallback": lambda value: isinstance(value, bool),
}
STRANGE = {
    "percentage": frozenset({"segment_id", "priority", "is_fallback"}),
    "segment": frozenset({"weight"}),
}
"""What an allocation of one strategy must not say."""


def _array(value: Any) -> bool:
    return isinstance(value, list)


COMMON: Mapping[str, checks.Check] = {
    **checks.NAMED,
    "feature_flag_id": lambda value: isinstance(value, str),
    "allocation_strategy": checks.chosen("percentage", "segment"),
    "allocations": _array,
}
CREATE: Mapping[int, Mapping[str, checks.Check]] = {
    1: {
        **COMMON,
        "authentication_flow": lambda value: isinstance(value, str) and bool(value),
        "assignment_config": lambda value: value == {"subject": "device"},
    },
    2: {
        **COMMON,
        "authentication_flow": checks.chosen(*sorted(checks.FLOWS)),
        "default_config": checks.chosen("tenant", "flag"),
        "levels": checks.levels,
    },
}
REQUIRED = {
    1: (
        *("name", "feature_flag_id", "authentication_flow", "allocation_strategy"),
        *("assignment_config", "allocations"),
    ),
    2: ("name", "feature_flag_id", "authentication_flow"),
}
UPDATE: Mapping[int, Mapping[str, checks.Check]] = {
    1: {
        **checks.NAMED,
        "allocations": _array,
        "assignment_config": CREATE[1]["assignment_config"],
    },
    2: {
        **checks.NAMED,
        "allocations": _array,
        "authentication_flow": CREATE[2]["authentication_flow"],
        "default_config": CREATE[2]["default_config"],
        "levels": checks.levels,
        "status": checks.chosen(*lifecycle.TARGETS),
    },
}


def listed(here: State, ask: Ask) -> Response:
    """``GET /experiments``: what is archived only when asked for."""
    test = here.queried(ask, "status", "authentication_flow", "feature_flag_id")
    archived = ask.query.get("status") == "archived"
    rows = (
        row
        for row in here.experiments.values()
        if test(row) and (archived or row["status"] != "archived")
    )
    return here.page(ask, "experiments", rows, lambda row: lifecycle.shown(here, row))


def one(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id``."""
    return Answer(lifecycle.shown(here, here.find(here.experiments, ask.path["id"])))


def blank(here: State, fields: Row) -> Row:
    """A draft of what was said, which is sound."""
    older = {"assignment_config": {"subject": "device"}} if not here.newer else {}
    return {
        "id": here.identity("exp"),
        "description": None,
        "allocation_strategy": "percentage",
        "allocations": [],
        "default_config": None,
        "levels": None,
        "current_level": None,
        "feature_flag_snapshot": None,
        "started_at": None,
        "ended_at": None,
        **older,
        **deepcopy(fields),
        "status": "draft",
        "is_valid": False,
        "created_at": stamp(),
        "updated_at": stamp(),
    }


def make(here: State, ask: Ask) -> Response:
    """``POST /experiments``: it is born a draft."""
    generation = here.generation
    fields = checks.body(here, ask.body, CREATE[generation], REQUIRED[generation])
    flag = here.feature_flags.get(fields["feature_flag_id"])
    if flag is None:
        raise here.refuse(404, "The feature flag does not exist.")
    if flag["status"] == "archived":
        raise here.refuse(422 if here.newer else 400, "The feature flag is archived.")
    row = blank(here, fields)
    sound(here, row, fields)
    here.unique(here.experiments.values(), row["name"])
    here.experiments[row["id"]] = row
    lifecycle.settle(here, row)
    here.record(row["id"], "create")
    return Answer(lifecycle.shown(here, row), 201)


def sound(here: State, row: Row, fields: Row) -> None:
    """Whether fields fit the experiment that they are of. Raises Refused with 400 or 422."""
    if "allocations" in fields and (fields["allocations"] or not here.newer):
        _allocations(here, row, fields["allocations"])
    if fields.get("levels") is not None and not checks.rising(fields["levels"]):
        raise here.refuse(422, "levels must be strictly increasing")
    managed = here.feature_flags[row["feature_flag_id"]]["type"] == "auth0"
    if fields.get("default_config") and not managed:
        raise here.refuse(400, "default_config is for flags that Auth0 manages")


def _allocations(here: State, row: Row, allocations: list[Row]) -> None:
    if not 1 <= len(allocations) <= MOST_ALLOCATIONS:
        raise here.refuse(400, f"There must be 1 to {MOST_ALLOCATIONS} allocations")
    for each in allocations:
        checks.body(here, each, ALLOCATION, ("variation_id", "is_control"))
        variation = here.variations.get(each["variation_id"])
        if variation is None or variation["feature_flag_id"] != row["feature_flag_id"]:
            text = f"Variation {each['variation_id']} is not of the feature flag"
            raise here.refuse(400, text, "variation_not_from_flag")
        if each.get("segment_id") not in {None, *here.segments}:
            raise here.refuse(400, f"Segment {each['segment_id']} does not exist")
        if row["allocation_strategy"] == "segment" and not _for_somebody(each):
            raise here.refuse(400, "An allocation needs a segment or must be the fallback")
        strange = sorted(set(each) & STRANGE[row["allocation_strategy"]])
        if strange:
            text = f"{', '.join(strange)} is not for the strategy {row['allocation_strategy']}"
            raise here.refuse(400, text)


def _for_somebody(allocation: Row) -> bool:
    return bool(allocation.get("segment_id") or allocation.get("is_fallback"))


def edit(here: State, ask: Ask) -> Response:
    """``PATCH /experiments/:id``; in generation 2 with the status, all of it or nothing."""
    row = here.find(here.experiments, ask.path["id"])
    fields = checks.body(here, ask.body, UPDATE[here.generation])
    _editable(here, row, fields)
    sound(here, row, fields)
    if "name" in fields:
        here.unique(here.experiments.values(), fields["name"], row)
    changed = deepcopy({**row, **fields, "status": row["status"]})
    target = fields.get("status")
    if target:
        lifecycle.move(here, changed, target)
    row.update(changed)
    lifecycle.settle(here, row)
    if set(fields) - {"status"}:
        here.record(row["id"], "edit")
    if target:
        here.record(row["id"], target)
    return Answer(lifecycle.shown(here, row))


def _editable(here: State, row: Row, fields: Row) -> None:
    if "allocations" in fields and row["status"] == "active":
        text = "Pause the experiment to change its allocations"
        raise here.refuse(400, text, "experiment_requires_pause")
    locked = sorted(set(fields) - {"status"} - set(lifecycle.EDITABLE[row["status"]]))
    if here.newer and locked:
        text = f"{', '.join(locked)} cannot change while the experiment is {row['status']}"
        raise here.refuse(400, text)


def delete(here: State, ask: Ask) -> Response:
    """``DELETE /experiments/:id``: 204 also when it is gone already."""
    row = here.experiments.get(ask.path["id"])
    if row and row["status"] == "active":
        raise here.refuse(400, "An active experiment cannot be deleted")
    if row:
        del here.experiments[row["id"]]
        here.record(row["id"], "delete")
    return Response(status_code=204)


BASE = "/api/v2/experimentation/experiments"
ROUTES: list[Routed] = [
    ("GET", BASE, listed),
    ("POST", BASE, make),
    ("GET", f"{BASE}/{{id}}", one),
    ("PATCH", f"{BASE}/{{id}}", edit),
    ("DELETE", f"{BASE}/{{id}}", delete),
]
