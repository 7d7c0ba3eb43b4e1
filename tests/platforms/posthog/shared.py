"""Holdouts and saved metrics, which experiments share."""

from typing import Any
from uuid import uuid4

from starlette.responses import Response

from tests.platforms.posthog import gate, lists
from tests.platforms.posthog.inputs import metric_is_sound
from tests.platforms.posthog.state import State
from tests.platforms.standin import Answer, Ask, Routed, Row, stamp

LONGEST = 400


def _texts(here: State, body: Row, *, complete: bool) -> Row:
    if complete and not body.get("name"):
        raise here.invalid("This field is required.", "name")
    for name in ("name", "description"):
        if len(body.get(name) or "") > LONGEST:
            raise here.invalid(f"Ensure this field has no more than {LONGEST} characters.", name)
    if "name" in body and not body["name"]:
        raise here.invalid("This field may not be blank.", "name")
    return {name: body[name] for name in ("name", "description") if name in body}


def _made(here: State, ask: Ask) -> Row:
    author = here.users.get(here.caller(ask))
    return {"created_by": author, "created_at": stamp(), "updated_at": stamp()}


# --- Holdouts


def _filters(here: State, number: int, said: Any) -> list[Row]:
    if not isinstance(said, list) or not said or not isinstance(said[0], dict):
        raise here.invalid("Filters are required to create an experiment holdout", "filters")
    share = said[0].get("rollout_percentage")
    if not isinstance(share, int | float) or not 0 <= share <= 100:
        raise here.invalid("rollout_percentage must be between 0 and 100", "filters")
    properties = said[0].get("properties") or []
    variant = f"holdout-{number}"
    return [{"properties": properties, "rollout_percentage": share, "variant": variant}]


def holdouts(here: State, ask: Ask) -> Response:
    """``GET /experiment_holdouts/``."""
    return lists.page(here, ask, here.holdouts.values())


def holdout(here: State, ask: Ask) -> Response:
    """``GET /experiment_holdouts/:id/``."""
    return Answer(here.find(here.holdouts, ask.path["id"]))


def make_holdout(here: State, ask: Ask) -> Response:
    """``POST /experiment_holdouts/``."""
    number = max(here.holdouts, default=0) + 1
    said = _texts(here, ask.body, complete=True)
    filters = _filters(here, number, ask.body.get("filters"))
    row = {"id": number, "description": None, **said, "filters": filters, **_made(here, ask)}
    here.holdouts[number] = row
    return Answer(row, 201)


def edit_holdout(here: State, ask: Ask) -> Response:
    """``PATCH /experiment_holdouts/:id/``: another share goes through the gate."""
    row = here.find(here.holdouts, ask.path["id"])
    said = _texts(here, ask.body, complete=False)
    if "filters" in ask.body:
        filters = _filters(here, row["id"], ask.body["filters"])
        actions = (("experiment_holdout.update", "experiment_holdout", row["id"]),)
        wanted = gate.Write(actions=actions, changes={"filters": filters}, holdout=row, view=False)
        gate.write(here, ask, wanted)
    row.update(said, updated_at=stamp())
    return Answer(row)


def delete_holdout(here: State, ask: Ask) -> Response:
    """``DELETE /experiment_holdouts/:id/``, through the gate: the flags are free of it then."""
    row = here.find(here.holdouts, ask.path["id"])
    actions = (("experiment_holdout.delete", "experiment_holdout", row["id"]),)
    gate.write(here, ask, gate.Write(actions=actions, changes=None, holdout=row))
    return Response(status_code=204)


# --- Saved metrics


def saved_metrics(here: State, ask: Ask) -> Response:
    """``GET /experiment_saved_metrics/``."""
    wanted = ask.query.get("search", "").lower()
    rows = [row for row in here.saved_metrics.values() if wanted in row["name"].lower()]
    return lists.page(here, ask, rows)


def saved_metric(here: State, ask: Ask) -> Response:
    """``GET /experiment_saved_metrics/:id/``."""
    return Answer(here.find(here.saved_metrics, ask.path["id"]))


def _query(here: State, said: Any, uuid: str | None = None) -> Row:
    metric_is_sound(here, said, "query")
    return {**said, "uuid": said.get("uuid") or uuid or str(uuid4())}


def _unique(here: State, name: str, but: Row | None = None) -> None:
    others = (row for row in here.saved_metrics.values() if row is not but)
    if any(row["name"].lower() == name.lower() for row in others):
        raise here.invalid("A saved metric with this name already exists.", "name")


def make_saved_metric(here: State, ask: Ask) -> Response:
    """``POST /experiment_saved_metrics/``."""
    said = _texts(here, ask.body, complete=True)
    _unique(here, said["name"])
    number = max(here.saved_metrics, default=0) + 1
    row = {
        "id": number,
        "description": None,
        **said,
        "query": _query(here, ask.body.get("query")),
        "tags": ask.body.get("tags") or [],
        **_made(here, ask),
        "user_access_level": "editor",
    }
    here.saved_metrics[number] = row
    return Answer(row, 201)


def edit_saved_metric(here: State, ask: Ask) -> Response:
    """``PATCH /experiment_saved_metrics/:id/``."""
    row = here.find(here.saved_metrics, ask.path["id"])
    said = _texts(here, ask.body, complete=False)
    if "name" in said:
        _unique(here, said["name"], row)
    if "query" in ask.body:
        said["query"] = _query(here, ask.body["query"], row["query"]["uuid"])
    if "tags" in ask.body:
        said["tags"] = ask.body["tags"]
    row.update(said, updated_at=stamp())
    return Answer(row)


def delete_saved_metric(here: State, ask: Ask) -> Response:
    """``DELETE /experiment_saved_metrics/:id/``: the links to it go too."""
    row = here.find(here.saved_metrics, ask.path["id"])
    del here.saved_metrics[row["id"]]
    for experiment in here.experiments.values():
        links = experiment["saved_metrics"]
        experiment["saved_metrics"] = [each for each in links if each["saved_metric"] != row["id"]]
    return Response(status_code=204)


HOLDOUTS, METRICS = "/experiment_holdouts", "/experiment_saved_metrics"
ROUTES: list[Routed] = [
    ("GET", HOLDOUTS, holdouts),
    ("POST", HOLDOUTS, make_holdout),
    ("GET", f"{HOLDOUTS}/{{id:int}}", holdout),
    ("PATCH", f"{HOLDOUTS}/{{id:int}}", edit_holdout),
    ("PUT", f"{HOLDOUTS}/{{id:int}}", edit_holdout),
    ("DELETE", f"{HOLDOUTS}/{{id:int}}", delete_holdout),
    ("GET", METRICS, saved_metrics),
    ("POST", METRICS, make_saved_metric),
    ("GET", f"{METRICS}/{{id:int}}", saved_metric),
    ("PATCH", f"{METRICS}/{{id:int}}", edit_saved_metric),
    ("PUT", f"{METRICS}/{{id:int}}", edit_saved_metric),
    ("DELETE", f"{METRICS}/{{id:int}}", delete_saved_metric),
]
