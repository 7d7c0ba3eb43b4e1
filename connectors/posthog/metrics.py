"""PostHog's metrics: what identifies one, what it is called, and which events it reads.

A metric has no id of its own: its uuid counts within its experiment, and in releases that gave it
none, what it says. Shared ones have the id of the saved metric.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import orjson

from connectors.payloads.looking import objects, part, tried, word
from connectors.payloads.shapes import Object
from connectors.payloads.values import number_above_zero, verbatim, whole_32
from models.metric import MetricEffect, MetricType

TYPES: dict[str, str] = {
    "mean": MetricType.MEAN,
    "funnel": MetricType.FUNNEL,
    "ratio": MetricType.RATIO,
    "retention": MetricType.RETENTION,
    "experimenttrendsquery": MetricType.MEAN,
    "experimentfunnelsquery": MetricType.FUNNEL,
}
"""By ``metric_type``, and by ``kind`` for the queries that metrics used to be."""

EFFECTS: dict[str, str] = {
    "increase": MetricEffect.POSITIVE,
    "decrease": MetricEffect.NEGATIVE,
}
MORE_IS_BETTER = "increase"
"""The goal of a metric that names none."""

SINGLE_NODES: Mapping[str, Mapping[str, str]] = {
    "mean": {"goal": "source"},
    "ratio": {"goal": "numerator", "denominator_goal": "denominator"},
    "retention": {"goal": "completion_event", "denominator_goal": "start_event"},
}
"""Which part of a metric of each type reads which goal."""

SERIES: Sequence[tuple[str, ...]] = (
    ("series",),
    ("funnels_query", "series"),
    ("count_query", "series"),
    ("exposure_query", "series"),
)
"""Where lists of nodes are; the last node of the first list that there is, is what is reached."""

VOLATILE = frozenset({"uuid", "fingerprint", "response", "version"})
"""What changes in a metric that stays the same."""

LONGEST_TITLE = 200


def metric(definition: Object, scope: str) -> Object:
    """A metric of an experiment, as its shape reads it."""
    uuid = word(definition.get("uuid")) or _digest(definition)
    return {"id": f"{scope}/{uuid}", **_facts(definition)}


def shared(definition: Object, saved: str | None) -> Object:
    """The metric that a saved one is, as its shape reads it."""
    return {"id": saved and f"saved/{saved}", **_facts(definition)}


def metric_of_result(definition: Object, scope: str) -> Object:
    """The metric that a result is about; a shared one says so."""
    shares = definition.get("isSharedMetric")
    saved = tried(number_above_zero, definition.get("sharedMetricId")) if shares else None
    return shared(definition, saved) if saved else metric(definition, scope)


def _facts(definition: Object) -> Object:
    nodes = _nodes(definition)
    source = nodes.get("goal", {})
    return {
        "name": word(definition.get("name")) or _title(definition),
        "type": definition.get("metric_type") or definition.get("kind"),
        "effect": definition.get("goal") or MORE_IS_BETTER,
        "version": tried(whole_32, definition.get("version")),
        "value_source_property": word(source.get("math_property")),
        "definition": definition,
        "goals": [goal for node in _series(definition)[:-1] if (goal := _goal(node))],
        **{role: _goal(node) for role, node in nodes.items()},
    }


def _nodes(definition: Object) -> dict[str, Object]:
    """The nodes that a metric reads in a role."""
    kind = str(definition.get("metric_type")).lower()
    found = {role: part(definition, key) for role, key in SINGLE_NODES.get(kind, {}).items()}
    series = _series(definition)
    return found or ({"goal": series[-1]} if series else {})


def _series(definition: Object) -> list[Object]:
    """The nodes of a metric that has a list of them, what it reaches last."""
    lists = [objects(part(definition, *path[:-1]).get(path[-1])) for path in SERIES]
    first, *further = [nodes for nodes in lists if nodes] or [[]]
    return [*(node for nodes in further for node in nodes), *first]


def _goal(node: Object) -> Object | None:
    """The event, action or table of a node; None for any event."""
    table, event = word(node.get("table_name")), word(node.get("event"))
    if event:
        return {"name": event}
    if table:
        return {"id": f"table/{table}", "name": table}
    action = tried(number_above_zero, node.get("id"))
    if action:
        return {"id": f"action/{action}", "name": word(node.get("name")) or f"Action {action}"}
    return None


def _label(node: Object) -> str:
    goal = _goal(node) or {}
    return word(node.get("custom_name")) or goal.get("name") or "any event"


def _title(definition: Object) -> str:
    """What a metric without a name is called: like what it reads."""
    nodes = _nodes(definition)
    series = _series(definition)
    if "denominator_goal" in nodes:
        ratio = str(definition.get("metric_type")).lower() == "ratio"
        ends = [_label(nodes["goal"]), _label(nodes["denominator_goal"])]
        title = " / ".join(ends) if ratio else " → ".join(reversed(ends))
    else:
        title = " → ".join(map(_label, series or nodes.values())) or "any event"
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


def _digest(definition: Object) -> str:
    """What identifies a metric without a uuid: all that it measures."""
    said = {key: verbatim(item) for key, item in definition.items() if key not in VOLATILE}
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
