"""Teams, experiments, variants, events, statistics: reading, making, changing, deleting."""

from collections.abc import Iterable
from random import Random

from starlette.responses import Response

from tests.platforms.checkmango.forms import listed, single, variants_of
from tests.platforms.checkmango.state import State, clock, fields
from tests.platforms.standin import Answer, Ask, Routed, Row

GONE = 204


def health(_here: State, _ask: Ask) -> Response:
    """``GET /health``."""
    return Answer({"status": "ok"})


def user(_here: State, _ask: Ask) -> Response:
    """``GET /user``."""
    named = {"name": "Ada No. 1", "email": "ada@shop.example"}
    return Answer({"data": {"id": "1", "type": "users", "attributes": named}})


def teams(here: State, ask: Ask) -> Response:
    """``GET /teams``."""
    return listed(here, ask, "teams", list(here.teams.values()))


def current_team(here: State, ask: Ask) -> Response:
    """``GET /current-team``."""
    return single(here, ask, "teams", next(iter(here.teams.values())))


def team(here: State, ask: Ask) -> Response:
    """``GET /teams/:team``."""
    return single(here, ask, "teams", here.team(ask))


def _of(rows: Iterable[Row], team: Row) -> list[Row]:
    return [row for row in rows if row["team_id"] == team["id"]]


# --- Experiments

EXPERIMENT = ("key", "description", "algorithm_type")


def experiments(here: State, ask: Ask) -> Response:
    """``GET /teams/:team/experiments``; there is no filter by status."""
    return listed(here, ask, "experiments", _of(here.experiments.values(), here.team(ask)))


def experiment(here: State, ask: Ask) -> Response:
    """``GET /teams/:team/experiments/:key``."""
    return single(here, ask, "experiments", here.experiment(ask))


def _goal(here: State, ask: Ask, team: Row) -> Row:
    key = ask.body.get("event_key", ask.body.get("event"))
    if key is None:
        return {}
    for row in _of(here.events.values(), team):
        if row["key"] == key:
            return {"event_id": row["id"]}
    raise here.invalid({"event_key": ["The selected event key is invalid."]})


def make_experiment(here: State, ask: Ask) -> Response:
    """``POST /teams/:team/experiments``: a draft."""
    team = here.team(ask)
    here.paid()
    others = _of(here.experiments.values(), team)
    body = {**ask.body, "event_key": ask.body.get("event_key", ask.body.get("event"))}
    said = fields(here, body, EXPERIMENT, ("key", "event_key"), others)
    blank = {
        "team_id": team["id"],
        "description": None,
        "algorithm_type": "blockRandomization",
        "status": "draft",
        "started": None,
        "stopped": None,
    }
    row = here.add(here.experiments, {**blank, **said, **_goal(here, ask, team)})
    here.record(row["key"], "create")
    return single(here, ask, "experiments", row)


def edit_experiment(here: State, ask: Ask) -> Response:
    """``PUT /teams/:team/experiments/:key``, which may rename it."""
    row, team = here.experiment(ask), here.team(ask)
    others = [each for each in _of(here.experiments.values(), team) if each is not row]
    said = fields(here, ask.body, EXPERIMENT, (), others)
    row.update(said, **_goal(here, ask, team), updated=clock())
    here.record(row["key"], "edit")
    return single(here, ask, "experiments", row)


def delete_experiment(here: State, ask: Ask) -> Response:
    """``DELETE /teams/:team/experiments/:key``, from any status, for good."""
    row = here.experiment(ask)
    for _, variant in variants_of(here, row):
        del here.variants[variant["id"]]
    del here.experiments[row["id"]]
    here.record(row["key"], "delete")
    return Response(status_code=GONE)


STEPS = {"start": ("draft", "running", "started"), "stop": ("running", "stopped", "stopped")}


def _move(here: State, ask: Ask, word: str) -> Response:
    row = here.experiment(ask)
    source, target, moment = STEPS[word]
    if row["status"] != source:
        text = f"The experiment cannot {word}: it is {row['status']}."
        raise here.invalid({"status": [text]}, here.refusal_status)
    before = dict(row)
    row.update({"status": target, moment: clock(), "updated": clock()})
    here.record(row["key"], word)
    return single(here, ask, "experiments", before if here.stale_echo else row)


def start(here: State, ask: Ask) -> Response:
    """``POST /teams/:team/experiments/:key/start``, from a draft only."""
    return _move(here, ask, "start")


def stop(here: State, ask: Ask) -> Response:
    """``POST /teams/:team/experiments/:key/stop``, from running only."""
    return _move(here, ask, "stop")


# --- Variants

VARIANT = ("key", "control", "description", "traffic")


def _siblings(here: State, row: Row) -> list[Row]:
    return [variant for _, variant in variants_of(here, row)]


def variants(here: State, ask: Ask) -> Response:
    """``GET /teams/:team/experiments/:key/variants``."""
    return listed(here, ask, "variants", _siblings(here, here.experiment(ask)))


def variant(here: State, ask: Ask) -> Response:
    """``GET …/variants/:variant``."""
    return single(here, ask, "variants", here.variant(ask))


def make_variant(here: State, ask: Ask) -> Response:
    """``POST /teams/:team/experiments/:key/variants``."""
    row = here.experiment(ask)
    here.paid()
    said = fields(here, ask.body, VARIANT, ("key",), _siblings(here, row))
    blank = {"control": False, "description": None, "traffic": None}
    owned = {"team_id": row["team_id"], "experiment_id": row["id"]}
    return single(here, ask, "variants", here.add(here.variants, {**blank, **said, **owned}))


def edit_variant(here: State, ask: Ask) -> Response:
    """``PUT …/variants/:variant``."""
    row = here.variant(ask)
    others = [each for each in _siblings(here, here.experiment(ask)) if each is not row]
    row.update(fields(here, ask.body, VARIANT, (), others), updated=clock())
    return single(here, ask, "variants", row)


def delete_variant(here: State, ask: Ask) -> Response:
    """``DELETE …/variants/:variant``."""
    del here.variants[here.variant(ask)["id"]]
    return Response(status_code=GONE)


NUMBERS = (
    "count_conversion_rate",
    "unique_conversion_rate",
    "power",
    "z_score",
    "p_value",
    "confidence",
    "uplift",
)
COMPARING = frozenset({"z_score", "p_value", "confidence", "uplift"})
"""What a control has none of."""


def statistics(here: State, ask: Ask) -> Response:
    """``GET …/variants/:variant/statistics``: of the experiment's event, or the one asked for."""
    experiment, row = here.experiment(ask), here.variant(ask)
    key = ask.query.get("filter[event]", ask.query.get("filter[event_key]"))
    found = [
        _statistic(here, experiment, row, event)
        for event in _of(here.events.values(), here.team(ask))
        if (event["id"] == experiment["event_id"] if key is None else event["key"] == key)
    ]
    return listed(here, ask, "statistics", found)


def _statistic(here: State, experiment: Row, row: Row, event: Row) -> Row:
    place = (row["id"], event["id"])
    drawn = Random(repr(place))  # noqa: S311  content, and no secret
    begun = experiment["status"] != "draft"
    values = {name: round(drawn.uniform(0.01, 0.99), 4) if begun else None for name in NUMBERS}
    if row["control"]:
        values |= dict.fromkeys(COMPARING)
    named = {
        "id": row["id"] * 1000 + event["id"],
        "team_id": row["team_id"],
        "experiment_id": experiment["id"],
        "variant_id": row["id"],
        "event_id": event["id"],
    }
    return {**named, **values, **here.statistics.get(place, {})}


# --- Events

EVENT = ("key", "type", "description")


def events(here: State, ask: Ask) -> Response:
    """``GET /teams/:team/events``."""
    return listed(here, ask, "events", _of(here.events.values(), here.team(ask)))


def event(here: State, ask: Ask) -> Response:
    """``GET /teams/:team/events/:event``."""
    return single(here, ask, "events", here.event(ask))


def make_event(here: State, ask: Ask) -> Response:
    """``POST /teams/:team/events``."""
    team = here.team(ask)
    here.paid()
    said = fields(here, ask.body, EVENT, ("key", "type"), _of(here.events.values(), team))
    row = here.add(here.events, {"team_id": team["id"], "description": None, **said})
    return single(here, ask, "events", row)


def edit_event(here: State, ask: Ask) -> Response:
    """``PUT /teams/:team/events/:event``."""
    row = here.event(ask)
    others = [each for each in _of(here.events.values(), here.team(ask)) if each is not row]
    row.update(fields(here, ask.body, EVENT, (), others), updated=clock())
    return single(here, ask, "events", row)


def delete_event(here: State, ask: Ask) -> Response:
    """``DELETE /teams/:team/events/:event``, unless an experiment is measured by it."""
    row = here.event(ask)
    if any(each["event_id"] == row["id"] for each in here.experiments.values()):
        raise here.invalid({"event": ["The event is used by an experiment."]})
    del here.events[row["id"]]
    return Response(status_code=GONE)


TEAM = "/api/teams/{team:int}"
ONE = f"{TEAM}/experiments/{{key}}"
VARIANTS, EVENTS = f"{ONE}/variants", f"{TEAM}/events"
ROUTES: list[Routed] = [
    ("GET", "/api/health", health),
    ("GET", "/api/user", user),
    ("GET", "/api/current-team", current_team),
    ("GET", "/api/teams", teams),
    ("GET", TEAM, team),
    ("GET", f"{TEAM}/experiments", experiments),
    ("POST", f"{TEAM}/experiments", make_experiment),
    ("GET", ONE, experiment),
    ("PUT", ONE, edit_experiment),
    ("DELETE", ONE, delete_experiment),
    ("POST", f"{ONE}/start", start),
    ("POST", f"{ONE}/stop", stop),
    ("GET", VARIANTS, variants),
    ("POST", VARIANTS, make_variant),
    ("GET", f"{VARIANTS}/{{variant}}", variant),
    ("PUT", f"{VARIANTS}/{{variant}}", edit_variant),
    ("DELETE", f"{VARIANTS}/{{variant}}", delete_variant),
    ("GET", f"{VARIANTS}/{{variant}}/statistics", statistics),
    ("GET", EVENTS, events),
    ("POST", EVENTS, make_event),
    ("GET", f"{EVENTS}/{{event}}", event),
    ("PUT", f"{EVENTS}/{{event}}", edit_event),
    ("DELETE", f"{EVENTS}/{{event}}", delete_event),
]
