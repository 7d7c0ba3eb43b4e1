"""Feature flags, which experiments stand on."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from tests.platforms.posthog import gate, inputs, lists
from tests.platforms.posthog.state import State, status_of
from tests.platforms.standin import Answer, Ask, Refused, Routed, Row, stamp

WRITABLE = ("name", "filters", "active", "deleted", "ensure_experience_continuity")


def new_flag(
    here: State, key: str, variants: list[Row], author: int, number: int | None = None
) -> Row:
    """A flag that is off; it is kept by whoever asked for it."""
    return {
        "id": number or max(here.feature_flags, default=0) + 1,
        "team_id": 1,
        "name": f"Feature flag for {key}",
        "key": key,
        "filters": {
            "groups": [{"properties": [], "rollout_percentage": 100}],
            "multivariate": {"variants": variants},
            "payloads": {},
            "holdout": None,
            "holdout_groups": None,
            "aggregation_group_type_index": None,
        },
        "deleted": False,
        "active": False,
        "ensure_experience_continuity": False,
        "has_encrypted_payloads": False,
        "version": 1,
        "created_by": here.users.get(author),
        "created_at": stamp(),
    }


def filters_of(flag: Row, variants: list[Row] | None, parameters: Mapping[str, Any] | None) -> Row:
    """The filters of a flag with what parameters say of them."""
    said = parameters or {}
    filters: Row = deepcopy(flag["filters"])
    if variants is not None:
        filters["multivariate"] = {"variants": variants}
    if said.get("rollout_percentage") is not None:
        filters["groups"][0]["rollout_percentage"] = said["rollout_percentage"]
    if "aggregation_group_type_index" in said:
        filters["aggregation_group_type_index"] = said["aggregation_group_type_index"]
    return filters


def listed(here: State, ask: Ask) -> Response:
    """``GET /feature_flags/``: what is not deleted."""
    wanted, active = ask.query.get("search", "").lower(), ask.query.get("active")
    rows = [
        flag
        for flag in here.feature_flags.values()
        if not flag["deleted"]
        and wanted in f"{flag['key']} {flag['name']}".lower()
        and (active is None or flag["active"] == (active in lists.TRUE))
    ]
    return lists.page(here, ask, rows, lambda flag: _shown(here, flag))


def eligible(here: State, ask: Ask) -> Response:
    """``GET /experiments/eligible_feature_flags/``: flags with variants that are sound."""
    wanted = ask.query.get("search", "").lower()
    rows = [
        flag
        for flag in here.feature_flags.values()
        if not flag["deleted"]
        and wanted in flag["key"].lower()
        and not inputs.against(flag["filters"]["multivariate"]["variants"], control=False)
    ]
    return lists.page(here, ask, rows)


def _shown(here: State, flag: Row) -> Row:
    users = [
        row["id"]
        for row in here.experiments.values()
        if row["feature_flag"] is flag and not row["deleted"]
    ]
    return {**flag, "experiment_set": users}


def one(here: State, ask: Ask) -> Response:
    """``GET /feature_flags/:id/``."""
    return Answer(_shown(here, here.find(here.feature_flags, ask.path["id"])))


def make(here: State, ask: Ask) -> Response:
    """``POST /feature_flags/``."""
    key = ask.body.get("key")
    if not key:
        raise here.invalid("This field is required.", "key")
    if any(flag["key"] == key for flag in here.feature_flags.values()):
        raise here.invalid("There is already a feature flag with this key.", "key")
    flag = new_flag(here, key, [dict(each) for each in inputs.VARIANTS], here.caller(ask))
    flag["active"] = True
    flag |= {name: ask.body[name] for name in WRITABLE if name in ask.body}
    here.feature_flags[flag["id"]] = flag
    return Answer(_shown(here, flag), 201)


def edit(here: State, ask: Ask) -> Response:
    """``PATCH /feature_flags/:id/``, through the gate."""
    flag = here.find(here.feature_flags, ask.path["id"])
    said, changes = ask.body.get("version"), {k: ask.body[k] for k in WRITABLE if k in ask.body}
    if said is not None and said != flag["version"]:
        text = "The feature flag was updated by another user since you loaded it."
        raise Refused(Answer({"type": "server_error", "code": "conflict", "detail": text}, 409))
    if changes.get("deleted") and any(
        row["feature_flag"] is flag and status_of(row) in {"running", "exposure_frozen"}
        for row in here.experiments.values()
    ):
        raise here.invalid("Cannot delete a flag that is linked to a running experiment.")
    actions = _actions(flag, changes)
    gate.write(here, ask, gate.Write(actions=actions, changes=changes, flag=flag, view=False))
    return Answer(_shown(here, flag))


def _actions(flag: Row, changes: Row) -> tuple[tuple[str, str, Any], ...]:
    words = []
    if changes.get("active", flag["active"]) != flag["active"]:
        words.append("feature_flag.enable" if changes["active"] else "feature_flag.disable")
    if changes.get("filters", flag["filters"]) != flag["filters"]:
        words.append("feature_flag.update")
    return tuple((word, "feature_flag", flag["id"]) for word in words)


ROUTES: list[Routed] = [
    ("GET", "/experiments/eligible_feature_flags", eligible),
    ("GET", "/feature_flags", listed),
    ("POST", "/feature_flags", make),
    ("GET", "/feature_flags/{id:int}", one),
    ("PATCH", "/feature_flags/{id:int}", edit),
]
