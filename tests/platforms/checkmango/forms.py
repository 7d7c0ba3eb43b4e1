"""JSON:API as Checkmango writes it: resources, what they include, and pages of them."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from tests.platforms.checkmango.state import OLD, State
from tests.platforms.standin import Answer, Ask, Refused, Row

MOMENTS = frozenset({"created", "updated", "started", "stopped"})
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "teams": (
        *("id", "name", "events_count", "experiments_count", "participants_count", "is_free"),
        *("api_requests", "created", "updated"),
    ),
    "experiments": (
        *("id", "team_id", "key", "description", "status"),
        *("created", "updated", "started", "stopped"),
    ),
    "variants": ("id", "team_id", "key", "control", "description", "created", "updated"),
    "events": ("id", "team_id", "key", "type", "description", "created", "updated"),
    "statistics": (
        *("team_id", "experiment_id", "variant_id", "event_id"),
        *("count_conversion_rate", "unique_conversion_rate", "power", "z_score", "p_value"),
        *("confidence", "uplift"),
    ),
}
LATER = frozenset({"started", "stopped"})
"""What the older form of an experiment does not have."""

Found = list[tuple[str, Row]]
"""Resources with their types."""


def _team(here: State, row: Row) -> Found:
    return [("teams", here.teams[row["team_id"]])]


def _event(here: State, row: Row) -> Found:
    return [("events", here.events[row["event_id"]])]


def _experiment(here: State, row: Row) -> Found:
    return [("experiments", here.experiments[row["experiment_id"]])]


def _variant(here: State, row: Row) -> Found:
    return [("variants", here.variants[row["variant_id"]])]


def _of_team(kind: str) -> Callable[[State, Row], Found]:
    def found(here: State, row: Row) -> Found:
        table = {"experiments": here.experiments, "events": here.events}[kind]
        return [(kind, each) for each in table.values() if each["team_id"] == row["id"]]

    return found


def variants_of(here: State, row: Row) -> Found:
    """The variants of an experiment."""
    return [("variants", each) for each in here.variants.values() if _is_of(each, row)]


def _is_of(variant: Row, experiment: Row) -> bool:
    return bool(variant["experiment_id"] == experiment["id"])


def _measured(here: State, row: Row) -> Found:
    return [("experiments", e) for e in here.experiments.values() if e["event_id"] == row["id"]]


def _nobody(_here: State, _row: Row) -> Found:
    return []


RELATED: Mapping[str, Mapping[str, Callable[[State, Row], Found]]] = {
    "teams": {
        "events": _of_team("events"),
        "experiments": _of_team("experiments"),
        "participants": _nobody,
    },
    "experiments": {"event": _event, "team": _team, "variants": variants_of},
    "variants": {"experiment": _experiment, "team": _team},
    "events": {"experiments": _measured, "team": _team},
    "statistics": {"experiment": _experiment, "variant": _variant, "event": _event},
}
NESTED: Mapping[str, tuple[str, ...]] = {"teams": ("experiments.variants",)}
MANY = frozenset({"events", "experiments", "participants", "variants"})


class Writer:
    """Writes the resources of one answer, with what its request wants included."""

    def __init__(self, here: State, ask: Ask, kind: str) -> None:
        self.here = here
        self.kind = kind
        self.root = f"{ask.url.scheme}://{ask.url.netloc}/api"
        self.wanted = [name for name in ask.query.get("include", "").split(",") if name]
        self.included: dict[tuple[str, int], Row] = {}
        self._variants: dict[int, Found] | None = None
        allowed = [*RELATED[kind], *NESTED.get(kind, ())]
        strange = [name for name in self.wanted if name not in allowed]
        if strange:
            text = f"Requested include(s) `{', '.join(strange)}` are not allowed."
            raise Refused(here.problem(400, text))

    def resource(self, row: Row) -> Row:
        """A resource of the answer itself."""
        return self._resource(self.kind, row, self.wanted)

    def _resource(self, kind: str, row: Row, wanted: list[str]) -> Row:
        relations: dict[str, Any] = {}
        for name in dict.fromkeys(each.partition(".")[0] for each in wanted):
            below = [each.partition(".")[2] for each in wanted if each.startswith(f"{name}.")]
            found = self._related(kind, name, row)
            links = [{"id": ident(k, each), "type": self._type(k)} for k, each in found]
            relations[name] = {"data": links if name in MANY else links[0]}
            for other, each in found:
                place = (other, each["id"])
                if place not in self.included or below:
                    self.included[place] = self._resource(other, each, below)
        return {
            "id": ident(kind, row),
            "type": self._type(kind),
            "attributes": self._attributes(kind, row),
            "relationships": relations or [],
            "links": self._links(kind, row),
        }

    def _related(self, kind: str, name: str, row: Row) -> Found:
        if name != "variants":
            return RELATED[kind][name](self.here, row)
        if self._variants is None:
            self._variants = {}
            for each in self.here.variants.values():
                self._variants.setdefault(each["experiment_id"], []).append(("variants", each))
        return self._variants.get(row["id"], [])

    def _type(self, kind: str) -> str:
        older = self.here.shapes == OLD and kind != "statistics"
        return kind[:-1] if older else kind

    def _attributes(self, kind: str, row: Row) -> Row:
        older = self.here.shapes == OLD
        return {
            name: {"human": "1 second ago" if row[name] else None, "string": row[name]}
            if name in MOMENTS
            else row[name]
            for name in ATTRIBUTES[kind]
            if not (older and name in LATER)
        }

    def _links(self, kind: str, row: Row) -> Row:
        team = f"{self.root}/teams/{row['id' if kind == 'teams' else 'team_id']}"
        if kind == "teams":
            return self._linked({"self": team})
        if kind in {"experiments", "events"}:
            return self._linked({"self": f"{team}/{kind}/{row['key']}"})
        experiment = f"{team}/experiments/{self.here.experiments[row['experiment_id']]['key']}"
        if kind == "variants":
            return self._linked({"self": f"{experiment}/variants/{row['key']}"})
        variant = f"{experiment}/variants/{self.here.variants[row['variant_id']]['key']}"
        event = f"{team}/events/{self.here.events[row['event_id']]['key']}"
        places = {"experiment": experiment, "variant": variant, "event": event}
        return self._linked({"self": f"{variant}/statistics", **places})

    def _linked(self, addresses: Mapping[str, str]) -> Row:
        older = self.here.shapes == OLD
        return {name: at if older else {"href": at} for name, at in addresses.items()}


def ident(kind: str, row: Row) -> str:
    """The id of a resource: its key, or a number in a text."""
    return str(row["id"]) if kind in {"teams", "statistics"} else str(row["key"])


def single(here: State, ask: Ask, kind: str, row: Row) -> Response:
    """The answer with one resource."""
    writer = Writer(here, ask, kind)
    data = writer.resource(row)
    included = {"included": list(writer.included.values())} if writer.wanted else {}
    return Answer({"data": data, **included, "jsonapi": {"version": "1.0"}})


SORTS = {"id": "id", "key": "key", "created_at": "created"}


def listed(here: State, ask: Ask, kind: str, rows: list[Row]) -> Response:
    """The page of a list that was asked for; what comes next is known, but no total."""
    page, size = _number(here, ask, "page", 1, 10**9), _number(here, ask, "per_page", 15, 100)
    sort = ask.query.get("sort", "id")
    name = SORTS.get(sort.removeprefix("-"))
    if name is None:
        raise Refused(here.problem(400, f"Requested sort(s) `{sort}` is not allowed."))
    if kind != "statistics":
        rows.sort(key=lambda row: (row.get(name, 0), row["id"]), reverse=sort.startswith("-"))
    start = (page - 1) * size
    writer = Writer(here, ask, kind)
    part = [writer.resource(row) for row in rows[start : start + size]]

    def address(number: int) -> str:
        return str(ask.url.include_query_params(page=number))

    included = {"included": list(writer.included.values())} if writer.wanted else {}
    return Answer(
        {
            "data": part,
            **included,
            "links": {
                "first": address(1),
                "last": None,
                "prev": address(page - 1) if page > 1 else None,
                "next": address(page + 1) if start + size < len(rows) else None,
            },
            "meta": {
                "current_page": page,
                "from": start + 1 if part else None,
                "path": str(ask.url.replace(query="")),
                "per_page": str(size) if here.shapes == OLD else size,
                "to": start + len(part) if part else None,
            },
        }
    )


def _number(here: State, ask: Ask, name: str, default: int, most: int) -> int:
    text = ask.query.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise here.invalid({name: [f"The {name} must be between 1 and {most}."]})
    return int(text)
