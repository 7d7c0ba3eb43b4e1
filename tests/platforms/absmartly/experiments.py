"""Experiments: the list, one of them, making, editing, its activity, its results."""

from starlette.responses import Response

from tests.platforms.absmartly import inputs, lists
from tests.platforms.absmartly.lifecycle import check
from tests.platforms.absmartly.state import State, status_of
from tests.platforms.standin import Answer, Ask, Routed, Row

WHILE_LIVE = frozenset(
    {
        *("name", "display_name", "percentage_of_traffic", "owners", "teams", "experiment_tags"),
        *("audience", "applications", "secondary_metrics", "variant_screenshots"),
        *("custom_section_field_values",),
    }
)
"""What may change once an experiment has run; the whole input is sent all the same."""

BORN = frozenset({"created", "ready"})
UNLIVE = frozenset({"created", "ready", "development"})
NOTES_AT_ONCE = 50


def one(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id``."""
    return Answer({"experiment": here.detail(here.find("experiments", ask.path["id"]))})


def state_of(data: Row) -> str:
    """The state that an input asks for; ``draft`` is another word for ``created``."""
    said = str(data.get("state") or "created")
    return "created" if said == "draft" else said


def _named(here: State, data: Row, family: list[int]) -> None:
    taken = any(
        row["name"] == data["name"] and row["id"] not in family for row in here.experiments.values()
    )
    if taken:
        raise here.refuse(400, "An experiment with this name already exists")


def make(here: State, ask: Ask) -> Response:
    """``POST /experiments`` with the whole input, flat."""
    state = state_of(ask.body)
    errors = inputs.wrong(here, ask.body, complete=state != "created")
    if state not in BORN:
        errors.append("state must be created or ready")
    if errors:
        raise here.refuse(422, *errors)
    _named(here, ask.body, [])
    number = max(here.experiments, default=0) + 1
    row = {
        "id": number,
        **inputs.blank(),
        **inputs.taken(here, number, ask.body),
        **here.seeds(number),
        **here.audit(),
        "iteration": 1,
        "state": state,
    }
    here.experiments[number] = row
    here.families[number] = [number]
    here.record(number, "create")
    note = here.note(number, "create", ask)
    return here.done(experiment=here.detail(row), experiment_note=note)


def edit(here: State, ask: Ask) -> Response:
    """``PUT /experiments/:id`` with ``{id, data}``: the whole input; the last writer wins."""
    row, data = here.find("experiments", ask.path["id"]), ask.body.get("data")
    if not isinstance(data, dict) or ask.body.get("id") not in {None, row["id"]}:
        raise here.refuse(422, "id and data are required")
    state = state_of(data) if data.get("state") else row["state"]
    errors = inputs.wrong(here, data, complete=state != "created")
    if errors:
        raise here.refuse(422, *errors)
    _editable(here, row, state)
    _named(here, data, here.numbers(row["id"]))
    fields = inputs.taken(here, row["id"], data)
    if row["state"] not in UNLIVE:
        _locked(here, row, fields)
    action = "edit" if state == row["state"] else state
    row.update(fields, state=state)
    here.touch(row)
    here.record(row["id"], action)
    note = here.note(row["id"], action, ask)
    return here.done(experiment=here.detail(row), experiment_note=note)


def _editable(here: State, row: Row, state: str) -> None:
    """An edit changes the state between draft and ready only, and nothing that is locked."""
    check(here, row, "edit", UNLIVE | {"running", "stopped"})
    if state != row["state"] and not {state, row["state"]} <= BORN:
        text = f"Cannot edit an experiment that is {status_of(row)} into {state}"
        raise here.refuse(here.refusal_status, text)


def _locked(here: State, row: Row, fields: Row) -> None:
    changed = [
        name for name, value in fields.items() if name not in WHILE_LIVE and value != row[name]
    ]
    if changed:
        raise here.refuse(422, f"{', '.join(changed)} cannot change once it has run")


def parent(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id/parent``: the template that it came from."""
    row = here.find("experiments", ask.path["id"])
    found = here.experiments.get(row["parent_experiment_id"] or 0)
    return Answer({"parent_experiment": found})


# --- Activity


def activity(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id/activity``: newest first, by offset; replies nest."""
    row = here.find("experiments", ask.path["id"])
    start = ask.query.get("offset", "0")
    if not start.isdecimal():
        raise here.refuse(422, "offset must be a number")
    part = here.activity(row["id"])[::-1][int(start) : int(start) + NOTES_AT_ONCE]
    return Answer({"experiment_notes": part, "offset": int(start) + len(part)})


def comment(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/activity``."""
    row = here.find("experiments", ask.path["id"])
    _said(here, ask)
    return here.done(experiment_note=here.note(row["id"], "comment", ask))


def recomment(here: State, ask: Ask) -> Response:
    """``PUT /experiments/:id/activity/:note``."""
    note = _note(here, ask)
    _said(here, ask)
    note["note"] = ask.body["note"]
    here.touch(note)
    return here.done(experiment_note=note)


def reply(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/activity/:note/reply``."""
    note = _note(here, ask)
    _said(here, ask)
    made = here.note(note["experiment_id"], "comment", ask, reply_to_note_id=note["id"])
    note["reply_to_experiment_note"].append(made)
    return here.done(experiment_note=made)


def _note(here: State, ask: Ask) -> Row:
    note = here.find("experiment_notes", ask.path["note"])
    if note["experiment_id"] != ask.path["id"]:
        raise here.refuse(404, "experiment_note not found")
    return note


def _said(here: State, ask: Ask) -> None:
    if not isinstance(ask.body.get("note"), str) or not ask.body["note"]:
        raise here.refuse(422, "note is required")


# --- Results

COLUMNS = {
    "": "value",
    "_mean": "mean",
    "_var": "variance",
    "_pvalue": "pvalue",
    "_impact": "impact",
    "_impact_ci_lower": "impact_lower",
    "_impact_ci_upper": "impact_upper",
}


def results(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/metrics/:metric``: columns and rows, one row for each variant."""
    row = here.find("experiments", ask.path["id"])
    metric = here.find("metrics", ask.path["metric"])["id"]
    names = ["variant", "unit_count", "first_exposure_at", "last_exposure_at"]
    rows = [
        [each[name] for name in names] + [_number(each[key]) for key in COLUMNS.values()]
        for each in row["preview_variants"]
    ]
    columns = names + [f"metric_{metric}{suffix}" for suffix in COLUMNS]
    types = ["number"] * len(columns)
    return Answer({"columnNames": columns, "columnTypes": types, "rows": rows})


def measured(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id/metrics``: its metrics, the primary one first."""
    row = here.find("experiments", ask.path["id"])
    first = {"metric_id": row["primary_metric_id"], "type": "primary", "order_index": 0}
    rest = [{key: link[key] for key in first} for link in row["secondary_metrics"]]
    return Answer({"experiment_metrics": [first, *rest] if first["metric_id"] else rest})


def _number(value: str | float | None) -> float | None:
    return None if value is None else float(value)


BASE = "/v1/experiments/{id:int}"
ROUTES: list[Routed] = [
    ("GET", "/v1/experiments", lists.experiments),
    ("POST", "/v1/experiments", make),
    ("GET", BASE, one),
    ("PUT", BASE, edit),
    ("GET", f"{BASE}/parent", parent),
    ("GET", f"{BASE}/activity", activity),
    ("POST", f"{BASE}/activity", comment),
    ("PUT", f"{BASE}/activity/{{note:int}}", recomment),
    ("POST", f"{BASE}/activity/{{note:int}}/reply", reply),
    ("GET", f"{BASE}/metrics", measured),
    ("POST", f"{BASE}/metrics/{{metric:int}}", results),
]
