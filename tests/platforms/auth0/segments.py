"""Segments, whose edits are kept even where the status that came with them is refused."""

from collections.abc import Mapping

from starlette.responses import Response

from tests.platforms.auth0 import checks
from tests.platforms.auth0.flags import unused
from tests.platforms.auth0.state import State, said
from tests.platforms.standin import Answer, Ask, Routed, Row, stamp

SEGMENT: Mapping[str, checks.Check] = {**checks.NAMED, "rules": checks.rules}


def _shown(here: State, row: Row) -> Row:
    hidden = frozenset() if here.newer else frozenset({"status"})
    return {key: value for key, value in said(row).items() if key not in hidden}


def listed(here: State, ask: Ask) -> Response:
    """``GET /segments``."""
    test = here.queried(ask, "type")
    rows = filter(test, here.segments.values())
    return here.page(ask, "segments", rows, lambda row: _shown(here, row))


def one(here: State, ask: Ask) -> Response:
    """``GET /segments/:id``."""
    return Answer(_shown(here, here.find(here.segments, ask.path["id"])))


def new_segment(here: State, fields: Row) -> Row:
    """A segment of what was said; it is kept."""
    row = {
        "id": here.identity("seg"),
        "description": None,
        "type": "self",
        "status": "active",
        "created_at": stamp(),
        "updated_at": stamp(),
        **fields,
    }
    here.segments[row["id"]] = row
    return row


def make(here: State, ask: Ask) -> Response:
    """``POST /segments``."""
    fields = checks.body(here, ask.body, SEGMENT, ("name", "rules"))
    here.unique(here.segments.values(), fields["name"])
    return Answer(_shown(here, new_segment(here, fields)), 201)


def edit(here: State, ask: Ask) -> Response:
    """``PATCH /segments/:id``: the edits first, then the transition."""
    row = here.find(here.segments, ask.path["id"])
    more = {"status": checks.chosen("active", "archived")} if here.newer else {}
    fields = checks.body(here, ask.body, {**SEGMENT, **more})
    if "name" in fields:
        here.unique(here.segments.values(), fields["name"], row)
    row.update({k: v for k, v in fields.items() if k != "status"}, updated_at=stamp())
    target = fields.get("status", row["status"])
    if target != row["status"]:
        if row["status"] == "archived":
            raise here.refuse(400, "Transition from archived to active is not allowed")
        row["status"] = target
    return Answer(_shown(here, row))


def delete(here: State, ask: Ask) -> Response:
    """``DELETE /segments/:id``."""
    if ask.path["id"] in here.segments:
        unused(here, "segment_id", ask.path["id"])
        del here.segments[ask.path["id"]]
    return Response(status_code=204)


BASE = "/api/v2/experimentation/segments"
ROUTES: list[Routed] = [
    ("GET", BASE, listed),
    ("POST", BASE, make),
    ("GET", f"{BASE}/{{id}}", one),
    ("PATCH", f"{BASE}/{{id}}", edit),
    ("DELETE", f"{BASE}/{{id}}", delete),
]
