"""Everything beside experiments: lists, single rows, making, changing, archiving, deleting."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from tests.platforms.absmartly import lists
from tests.platforms.absmartly.fields import FIELD, METRIC_FIELDS, NAMED, PERSON, TEAM
from tests.platforms.absmartly.state import State
from tests.platforms.standin import Answer, Ask, Routed, Row

OWNED = {"owners": "owners", "teams": "teams"}
LINKS = {
    "owners": ("user_id", "user", "users"),
    "teams": ("team_id", "team", "teams"),
    "experiment_tags": ("experiment_tag_id", "experiment_tag", "experiment_tags"),
    "goal_tags": ("goal_tag_id", "goal_tag", "goal_tags"),
    "metric_tags": ("metric_tag_id", "metric_tag", "metric_tags"),
    "applications": ("application_id", "application", "applications"),
    "secondary_metrics": ("metric_id", "metric", "metrics"),
    "users": ("user_id", "user", "users"),
    "variant_screenshots": ("screenshot_file_upload_id", "file_upload", "file_uploads"),
}
"""What a link row names: the key of the number, the key of the object, and the table."""


@dataclass(frozen=True, kw_only=True)
class Noun:
    """A kind of thing: the fields that may be written, with what they are unless written.

    ``links`` are lists of link rows: the key in the payload and the key in `LINKS`.
    """

    plural: str
    singular: str
    fields: dict[str, Any]
    unique: str = "name"
    links: dict[str, str]
    archivable: bool = True
    deletable: bool = False
    refuses: Callable[[Row, Row], str | None] = lambda _row, _data: None


TAGGED = (
    ("experiments", "experiment_tags", "experiment_tags"),
    ("goals", "tags", "goal_tags"),
    ("metrics", "tags", "metric_tags"),
)
REFERENCES = {
    "metric_category_id": ("metric_category", "metric_categories"),
    "parent_team_id": ("parent_team", "teams"),
}
"""Numbers that stand beside the object itself."""


def linked(here: State, owner: str, number: int, kind: str, rows: Any) -> list[Row]:
    """Link rows as payloads have them, from rows as inputs have them. Raises Refused with 422."""
    reference, key, table = LINKS[kind]
    made = []
    for row in rows or []:
        target = here.tables[table].get(row.get(reference))
        if target is None:
            raise here.refuse(422, f"{reference} {row.get(reference)} does not exist")
        plain = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
        made.append({**plain, f"{owner}_id": number, reference: target["id"], key: target})
    return made


ONCE_ACTIVE = frozenset(
    {
        *("name", "description", "effect", "tags", "owners", "teams"),
        *("metric_category_id", "applications"),
    }
)
"""What may change on a metric that is active; the rest takes a new version."""


def _immutable(row: Row, data: Row) -> str | None:
    if row["lifecycle_status"] == "draft":
        return None
    changed = {
        name
        for name, value in data.items()
        if name in METRIC_FIELDS and name not in ONCE_ACTIVE and value != row[name]
    }
    return f"cannot change {', '.join(sorted(changed))} of an active metric" if changed else None


def _noun(plural: str, fields: dict[str, Any] = NAMED, **more: Any) -> Noun:
    return Noun(plural=plural, singular=plural[:-1], fields=fields, **{"links": {}, **more})


def _tag(kind: str) -> Noun:
    return _noun(f"{kind}_tags", {"tag": ""}, unique="tag", archivable=False, deletable=True)


NOUNS = (
    _noun("users", PERSON, unique="email"),
    _noun("teams", TEAM, links={"users": "users"}),
    _noun("applications"),
    _noun("environments", {**NAMED, "type": "production"}),
    _noun("unit_types"),
    _tag("experiment"),
    _tag("goal"),
    _tag("metric"),
    Noun(
        plural="metric_categories",
        singular="metric_category",
        fields={**NAMED, "color": "#888888"},
        links={},
    ),
    _noun("segments", {**NAMED, "value_source_attribute": ""}, archivable=False, deletable=True),
    _noun("goals", links={"tags": "goal_tags", **OWNED}),
    _noun(
        "metrics",
        METRIC_FIELDS,
        links={"tags": "metric_tags", "applications": "applications", **OWNED},
        refuses=_immutable,
    ),
    _noun("experiment_custom_section_fields", FIELD, unique="title"),
)


def written(here: State, noun: Noun, number: int, data: Row) -> Row:
    """The fields of a row from an input. Raises Refused with 422."""
    row = {name: data[name] for name in noun.fields if name in data}
    for key, kind in noun.links.items():
        if key in data:
            row[key] = linked(here, noun.singular, number, kind, data[key])
    for reference, (key, table) in REFERENCES.items():
        if reference in row:
            row[key] = here.tables[table].get(row[reference])
    return row


def blank(noun: Noun) -> Row:
    """A row of which nothing was said."""
    archived = {"archived": False} if noun.archivable else {}
    objects = {REFERENCES[name][0]: None for name in noun.fields if name in REFERENCES}
    return {**noun.fields, **objects, **{key: [] for key in noun.links}, **archived}


def _unique(here: State, noun: Noun, data: Row, but: Row | None = None) -> None:
    name = data.get(noun.unique)
    if but is None and not name:
        raise here.refuse(422, f"{noun.unique} is required")
    rows = here.tables[noun.plural].values()
    if any(row is not but and row[noun.unique] == name for row in rows):
        raise here.refuse(400, f"{noun.singular} with this {noun.unique} already exists")


def listed(noun: Noun, here: State, ask: Ask) -> Response:
    """``GET /<plural>``: what is not archived, unless asked for."""
    test = lists.shown(here, ask.query)
    wanted, ids = ask.query.get("search", "").lower(), lists.numbers(ask.query.get("ids", ""))
    rows = [
        row
        for row in here.tables[noun.plural].values()
        if test(row) and wanted in str(row[noun.unique]).lower() and (not ids or row["id"] in ids)
    ]
    return lists.page(here, ask, noun.plural, lists.ordered(rows, ask.query))


def one(noun: Noun, here: State, ask: Ask) -> Response:
    """``GET /<plural>/:id``."""
    return Answer({noun.singular: here.find(noun.plural, ask.path["id"])})


def make(noun: Noun, here: State, ask: Ask) -> Response:
    """``POST /<plural>`` with flat fields."""
    _unique(here, noun, ask.body)
    number = max(here.tables[noun.plural], default=0) + 1
    row = written(here, noun, number, ask.body)
    return here.done(**{noun.singular: here.add(noun.plural, {**blank(noun), **row})})


def change(noun: Noun, here: State, ask: Ask) -> Response:
    """``PUT /<plural>/:id`` with ``{data}``; fields that are absent stay."""
    row, data = here.find(noun.plural, ask.path["id"]), ask.body.get("data")
    if not isinstance(data, dict):
        raise here.refuse(422, "data is required")
    refusal = noun.refuses(row, data)
    if refusal:
        raise here.refuse(422, refusal)
    if noun.unique in data:
        _unique(here, noun, data, row)
    row.update(written(here, noun, row["id"], data))
    here.touch(row)
    return here.done(**{noun.singular: row})


def archive(noun: Noun, here: State, ask: Ask) -> Response:
    """``PUT /<plural>/:id/archive``."""
    row = here.find(noun.plural, ask.path["id"])
    if not isinstance(ask.body.get("archive"), bool):
        raise here.refuse(422, "archive must be a boolean")
    row["archived"] = ask.body["archive"]
    here.touch(row)
    return here.done(**{noun.singular: row})


def delete(noun: Noun, here: State, ask: Ask) -> Response:
    """``DELETE /<plural>/:id``: it goes, and every link to it."""
    row = here.find(noun.plural, ask.path["id"])
    del here.tables[noun.plural][row["id"]]
    for table, key, kind in TAGGED:
        reference, _, plural = LINKS[kind]
        if plural == noun.plural:
            for holder in here.tables[table].values():
                holder[key] = [link for link in holder[key] if link[reference] != row["id"]]
    return here.done()


def _routes_of(noun: Noun) -> list[Routed]:
    base = f"/v1/{noun.plural}"
    routes: list[Routed] = [
        ("GET", base, partial(listed, noun)),
        ("POST", base, partial(make, noun)),
        ("GET", f"{base}/{{id:int}}", partial(one, noun)),
        ("PUT", f"{base}/{{id:int}}", partial(change, noun)),
    ]
    if noun.archivable:
        routes.append(("PUT", f"{base}/{{id:int}}/archive", partial(archive, noun)))
    if noun.deletable:
        routes.append(("DELETE", f"{base}/{{id:int}}", partial(delete, noun)))
    return routes


def activate(here: State, ask: Ask) -> Response:
    """``PUT /metrics/:id/activate``: a draft becomes active, and supersedes what it is of."""
    row = here.find("metrics", ask.path["id"])
    if row["lifecycle_status"] != "draft":
        raise here.refuse(here.refusal_status, "only a draft can be activated")
    for other in here.metrics.values():
        if other["name"] == row["name"] and other["lifecycle_status"] == "active":
            other["lifecycle_status"] = "superseded"
    row["lifecycle_status"] = "active"
    here.touch(row)
    return here.done(metric=row)


def version(here: State, ask: Ask) -> Response:
    """``POST /metrics/:id/version``: a new draft beside the one that is active."""
    row = here.find("metrics", ask.path["id"])
    fresh = {"version": row["version"] + 1, "lifecycle_status": "draft"}
    number = max(here.metrics) + 1
    data = written(here, METRIC, number, {**row, **(ask.body.get("data") or {}), **fresh})
    return here.done(metric=here.add("metrics", {**blank(METRIC), **data}))


def whoami(here: State, _ask: Ask) -> Response:
    """``GET /auth/current-user``, which stands at the root."""
    return Answer({"user": here.find("users", 1)})


METRIC = next(noun for noun in NOUNS if noun.plural == "metrics")
ROUTES: list[Routed] = [
    *(route for noun in NOUNS for route in _routes_of(noun)),
    ("PUT", "/v1/metrics/{id:int}/activate", activate),
    ("POST", "/v1/metrics/{id:int}/version", version),
    ("GET", "/auth/current-user", whoami),
]
