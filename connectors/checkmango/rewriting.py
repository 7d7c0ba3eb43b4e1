"""From Checkmango's resources to what their shapes read: pure functions that take anything.

Resources name each other by keys, which are unique within a team and may change; the number that
stays is among the attributes. So what is only named is read as a resource that says its key and its
team, and found by these. Keys with an @ are made here.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from connectors.payloads.looking import objects, part, tried, word
from connectors.payloads.shapes import Object
from connectors.payloads.values import Unreadable, moment, number

PLACE = re.compile(
    r"/teams/(?P<team>\d{1,18})"
    r"(?:/experiments/(?P<experiment>[^/?#]+)(?:/variants/(?P<variant>[^/?#]+))?)?"
    r"(?:/events/(?P<event>[^/?#]+))?"
)
"""What the address of a resource says of where it is."""

RELATIONS = frozenset(
    {"event", "events", "experiment", "experiments", "participants", "team", "variant", "variants"}
)
"""What resources are related to, one way or the other: said by what each of them says itself."""

RATES = ("unique_conversion_rate", "count_conversion_rate")

MEASURED = frozenset({"p_value", "uplift"})
"""Statistics that have a column of their own."""


def dated(value: Any) -> Any:
    """A moment, which Checkmango writes as an object: for people, and as a text without a zone."""
    if isinstance(value, dict):
        return moment(value.get("string"))
    if value is None or isinstance(value, str):
        return moment(value)
    raise Unreadable("a date", value)


def share(value: Any) -> Any:
    """A share of the traffic: a number or its text; None for what is neither."""
    return tried(number, value)


def resource(value: Object) -> Object:
    """What all resources say alike: their number, key, address and workspace."""
    made = {key: said for key, said in value.items() if key not in {"id", "relationships"}}
    attributes, key = value.get("attributes"), value.get("id")
    if attributes is None or isinstance(attributes, dict):
        attributes = {**({"key": key} if key is not None else {}), **(attributes or {})}
        made |= {"@id": attributes.get("id"), "attributes": attributes}
        if attributes.get("team_id") is not None:
            made["@teams"] = [{"team_id": attributes["team_id"]}]
    address = _address(value, "self")
    if address:
        made["@url"] = address
    others = {
        name: relation
        for name, relation in part(value, "relationships").items()
        if name not in RELATIONS
    }
    return {**made, **({"relationships": others} if others else {})}


def experiment(value: Object) -> Object:
    """An experiment: its main event, and its variants where it names them."""
    attributes, team = part(value, "attributes"), _team(value)
    said, event = _related(value, "event")
    key = word(event.get("id")) if isinstance(event, dict) else None
    key = key or word(attributes.get("event_key")) or word(attributes.get("event"))
    made: dict[str, Any] = {"@event": _named(key, team)} if key or said else {}
    made |= {"@event_key": key} if key else {}
    said, variants = _related(value, "variants")
    if said and isinstance(variants, list):
        named = [_named(word(each.get("id")), team) for each in objects(variants)]
        made |= {"@variants": named, "@variant_count": len(named)}
    return {**resource(value), **made}


def variant(value: Object) -> Object:
    """A variant: the experiment that it belongs to, by its relation or by its address."""
    _, named = _related(value, "experiment")
    place = _place(_address(value, "self"))
    key = word(named.get("id")) if isinstance(named, dict) else None
    owner = _named(key or place.get("experiment"), _team(value))
    return {**resource(value), **({"@experiment": owner} if owner else {})}


def event(value: Object) -> Object:
    """An event, and the metric that counts it."""
    return {**resource(value), "@metric": value}


def metric(value: Object) -> Object:
    """The metric that an event is, and the experiments that are decided by it."""
    said, named = _related(value, "experiments")
    team = _team(value)
    experiments = [_named(word(each.get("id")), team) for each in objects(named)]
    return {**resource(value), **({"@experiments": experiments} if said and experiments else {})}


def team(value: Object) -> Object:
    """A team, whose number is its id as well."""
    made = resource(value)
    return {**made, "@id": made.get("@id") or value.get("id")}


def statistics(value: Object) -> Object:
    """What was computed for one variant and one event, as what it says of its experiment."""
    said, team_of = part(value, "attributes"), part(value, "attributes").get("team_id")
    places = [_place(_address(value, name)) for name in ("self", "variant", "experiment")]
    keys = {
        name: next((place[name] for place in places if place.get(name)), None)
        for name in ("experiment", "variant")
    }
    event_key = _place(_address(value, "event")).get("event")
    arm = _numbered(said.get("variant_id"), keys["variant"], team_of)
    row = {
        "variant": arm,
        "metric": _numbered(said.get("event_id"), event_key, team_of),
        "mean": next((said[key] for key in RATES if said.get(key) is not None), None),
        "p_value": said.get("p_value"),
        "impact": said.get("uplift"),
        "extra": {key: found for key, found in said.items()
                  if key not in MEASURED and not key.endswith("_id")},
    }  # fmt: skip
    return {
        "attributes": {
            "id": said.get("experiment_id"),
            **({"key": keys["experiment"]} if keys["experiment"] else {}),
            **({"team_id": team_of} if team_of is not None else {}),
        },
        "@results": [row] if said.get("variant_id") is not None else [],
    }


def _related(value: Object, name: str) -> tuple[bool, Any]:
    """Whether a relation is said, and what it names."""
    relation = part(value, "relationships", name)
    return "data" in relation, relation.get("data")


def _named(key: str | None, team_of: Any) -> Object | None:
    """A resource of which only its key is said."""
    if not key:
        return None
    return {"id": key, "attributes": {"team_id": team_of} if team_of is not None else {}}


def _numbered(number_of: Any, key: str | None, team_of: Any) -> Object:
    """A resource of which its number is said, and its key where its address has it."""
    return {**(_named(key, team_of) or {}), "attributes": {
        "id": number_of, **({"team_id": team_of} if team_of is not None else {})
    }}  # fmt: skip


def _team(value: Object) -> Any:
    """The team of a resource: as it says itself, or by its address."""
    said = part(value, "attributes").get("team_id")
    return _place(_address(value, "self")).get("team") if said is None else said


def _address(value: Object, name: str) -> str | None:
    """One of the links, which are objects now and were texts before."""
    said = part(value, "links").get(name)
    return word(said.get("href") if isinstance(said, dict) else said)


def _place(address: str | None) -> Mapping[str, str]:
    found = PLACE.search(address or "")
    parts = found.groupdict() if found else {}
    return {name: unquote(said) for name, said in parts.items() if said}
