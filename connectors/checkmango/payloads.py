"""What Checkmango's resources say: every attribute, and the column, reference or list it goes to.

Facts of the platform: JSON:API, with plural types today and singular ones before; a resource's id
is its key, and its number is an attribute; an event is both what is recorded and what is measured.
Keys with an @ are made by `rewriting`, from what stands beside them.
"""

from typing import Any

from connectors.checkmango import rewriting
from connectors.checkmango.rewriting import dated, share
from connectors.checkmango.states import PHASES, complete
from connectors.payloads.holdings import LEFT, Column, Contained, Inline, One
from connectors.payloads.pieces import links, one, owned
from connectors.payloads.shapes import Guise, Identity, Shape, choice, same, words_of
from connectors.payloads.values import text, verbatim, whole_32, whole_64
from models import (
    Experiment,
    ExperimentTeam,
    Goal,
    GoalTeam,
    GoalType,
    Metric,
    MetricTeam,
    MetricType,
    Platform,
    Result,
    Team,
    User,
    Variant,
)

NUMBERED = Identity(("@id",))

DATES = {"created": Column("created_at", dated), "updated": Column("updated_at", dated)}

AROUND = frozenset({"id", "type", "links", "@url", "@teams", "@id"})
"""What stands around the attributes, and is said by them or by what is made of it."""

MEASURES = {
    "unique": MetricType.UNIQUE,
    "count": MetricType.COUNT,
}


def attributes(columns: dict[str, Any], scope: str = "extra") -> dict[str, Any]:
    """The attributes of a resource; the number repeats its identity, and the team is its scope."""
    known = {**DATES, "team_id": Column(f"{scope}.team_id", whole_64), **columns}
    ignored = frozenset({"id", "key"})
    return {"attributes": Inline(columns=known, ignored=ignored, envelope=True)}


def teams(model: type[Any]) -> dict[str, Any]:
    """The workspace that a thing is in, as the team that owns it; others may own it as well."""
    target = One("team", "team_id", "team_id", "team")
    return {"@teams": links("teams", model, target, rest=LEFT, ordinal=None, adds=True)}


URL = {"@url": Column("extra.url", text)}

TEAM = Shape(
    name="team",
    model=Team,
    identity=NUMBERED,
    natural=("name",),
    prepare=rewriting.team,
    columns=URL,
    parts=attributes(same("name")),
    kept=frozenset(
        {
            *("events_count", "experiments_count", "participants_count", "is_free"),
            *("event_count", "experiment_count", "participant_count", "api_requests"),
        }
    ),
    ignored=AROUND,
)

USER = Shape(
    name="user",
    model=User,
    identity=NUMBERED,
    natural=("email",),
    prepare=rewriting.resource,
    columns=URL,
    parts=attributes(same("email") | {"name": "first_name"}),
    ignored=AROUND,
)

# --- What is measured

GOAL = Shape(
    name="goal",
    model=Goal,
    identity=NUMBERED,
    natural=("name", "extra.team_id"),
    prepare=rewriting.event,
    columns=URL,
    parts=attributes(
        same("description")
        | {
            "key": "name",
            "type": choice("type", words_of(GoalType), otherwise="OTHER", native="native_type"),
        }
    )
    | teams(GoalTeam)
    | {"@metric": Contained("metric", back=("goal_id",))},
    ignored=AROUND,
)

METRIC = Shape(
    name="metric",
    model=Metric,
    identity=NUMBERED,
    natural=("name", "extra.team_id"),
    prepare=rewriting.metric,
    parts=attributes(
        same("description")
        | {
            "key": "name",
            "type": choice("type", MEASURES, otherwise="OTHER", native="native_type"),
        }
    )
    | one("@goal", "@goal_id", "goal_id", "goal")
    | teams(MetricTeam)
    | {"@experiments": Contained("experiment", back=("primary_metric_id",))},
    ignored=AROUND,
)

# --- Experiments

RESULTS = owned(
    "results",
    Result,
    same("mean p_value impact extra"),
    {
        "metric": One("metric", "metric_id", "metric_id", "metric"),
        "variant": One("variant", "variant_id", "variant_id", "variant", own=True),
    },
    rest="extra",
    needs=("variant_id",),
    slices=("metric_id", "variant_id"),
    key=("metric_id", "variant_id"),
)

EXPERIMENT = Shape(
    name="experiment",
    model=Experiment,
    identity=NUMBERED,
    natural=("key", "details.team_id"),
    needs=("native_state",),
    patient=True,
    constants={"platform": Platform.CHECKMANGO},
    rest="details",
    prepare=rewriting.experiment,
    complete=complete,
    columns={
        "@url": "url",
        "@event_key": Column("details.event_key", text),
        "@variant_count": "variant_count",
    },
    parts=attributes(
        same("description")
        | {
            "id": Column("details.numeric_id", whole_32),
            "key": "key",
            "status": Column("native_state", words=PHASES),
            "started": Column("started_at", dated),
            "stopped": Column("stopped_at", dated),
            "algorithm_type": Column("details.algorithm_type", text),
        },
        "details",
    )
    | teams(ExperimentTeam)
    | {
        "@event": (
            One("@event", "@event_id", "primary_metric_id", "metric"),
            Contained("goal"),
        ),
        "@variants": Contained("variant", back=("experiment_id",), whole=True),
        "@results": RESULTS,
    },
    ignored=AROUND,
)

VARIANT = Shape(
    name="variant",
    model=Variant,
    identity=NUMBERED,
    natural=("key",),
    owner="experiment_id",
    ordinal="index",
    prepare=rewriting.variant,
    columns=URL,
    parts=attributes(
        same("key description")
        | {
            "control": "is_control",
            "traffic": (Column("weight", share), Column("extra.traffic", verbatim)),
        }
    )
    | one("@experiment", "@experiment_id", "experiment_id", "experiment"),
    kept=frozenset({"conversion_rate", "power", "z_score", "p_value", "uplift"}),
    ignored=AROUND,
)

# --- All of it

SHAPES = (TEAM, USER, GOAL, METRIC, EXPERIMENT, VARIANT)

GUISES = {"statistics": Guise("experiment", rewriting.statistics)}
