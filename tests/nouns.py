"""Every plain noun as a client makes, changes and deletes it: one case for each.

In inputs and answers ``@ann`` stands for the id of a row of `world`.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx

import models as m
from models.base import Row
from models.database import Database
from tests.making import add, ask, id_of

REASON = """fragment Reason on UserError { __typename path
  ... on ValidationFailed { fields { path rule } } ... on StaleVersion { currentVersion }
  ... on Taken { field value } ... on InUse { by { __typename id } } ... on Forbidden { scope }
  ... on UnsupportedByPlatform { platform lacks: action } }"""

ONE = {"goal", "category", "denominatorGoal", "cancellationGoal", "relationGoal", "parent"}
ONE |= {"avatar", "team"}
MANY = {"owners", "teams", "tags", "users"}
"""Fields that take ids, and answer rows."""

EVENT = "event { action actor subjectType subjectId before after }"
QUERY = {"kind": "ExperimentMetric", "metric_type": "mean", "source": {"kind": "EventsNode"}}
FUNNEL = {
    "kind": "ExperimentMetric",
    "metric_type": "funnel",
    "series": [{"kind": "ActionsNode", "id": 1}],
}


@dataclass(frozen=True)
class Case:
    """A noun: what its creation says, what a change says, what null clears, and its name's field.

    ``shown`` is what is answered otherwise than it was said, ``follows`` what a change moves beside
    what it says; ``holds`` keeps the row from being deleted, and ``words`` are no ids.
    """

    noun: str
    scope: str
    model: type[Row]
    created: dict[str, Any]
    changed: dict[str, Any]
    cleared: tuple[str, ...]
    named: str = "name"
    shown: dict[str, Any] = field(default_factory=dict)
    follows: dict[str, Any] = field(default_factory=dict)
    holds: str = ""
    words: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Its name in the graph."""
        return self.noun

    @property
    def type(self) -> str:
        """Its type in the graph."""
        return self.noun[0].upper() + self.noun[1:]

    def selection(self) -> str:
        """Everything that was said, and the version."""
        names = {**self.created, **self.changed, **self.follows}
        asked = " ".join(f"{name} {{ id }}" if self.refers(name) else name for name in names)
        return f"id version {asked}"

    def free(self, ids: dict[str, str]) -> dict[str, Any]:
        """What its creation says, without what would keep it from being deleted."""
        said: dict[str, Any] = filled(self.created, ids)
        return {name: value for name, value in said.items() if name != self.holds}

    def refers(self, name: str) -> bool:
        """Whether a field names rows."""
        return name in ONE | MANY and name not in self.words

    def answer(self, said: dict[str, Any]) -> dict[str, Any]:
        """What is read back of what was said."""
        return {name: self.shown.get(name, self._read(name, value)) for name, value in said.items()}

    def _read(self, name: str, value: Any) -> Any:
        if value is None:
            return [] if name in MANY else None
        if not self.refers(name):
            return value
        return {"id": value} if name in ONE else [{"id": each} for each in value]


CASES = (
    Case(
        "metric",
        "metric",
        m.Metric,
        created={
            "name": "Revenue",
            "description": "What comes in.",
            "type": "GOAL_PROPERTY",
            "effect": "POSITIVE",
            "goal": "@goal",
            "category": "@category",
            "format": "{} €",
            "scale": 0.01,
            "precision": 2,
            "meanFormat": "{} € each",
            "meanScale": 0.5,
            "meanPrecision": 3,
            "valueSourceProperty": "amount",
            "propertyFilter": '{"currency": "EUR"}',
            "denominatorGoal": "@goal",
            "cancellationGoal": "@goal",
            "relationGoal": "@goal",
            "owners": ["@ben", "@ann"],
            "teams": ["@team"],
            "tags": ["@metricTag"],
        },
        changed={"name": "Profit", "type": "MEAN", "archived": True, "owners": ["@ann"]},
        cleared=("description", "goal", "category", "scale", "precision", "owners", "tags"),
        shown={"propertyFilter": {"currency": "EUR"}},
    ),
    Case(
        "goal",
        "goal",
        m.Goal,
        created={
            "name": "purchase",
            "description": "Something was bought.",
            "type": "UNIQUE",
            "owners": ["@ann", "@ben"],
            "teams": ["@team"],
            "tags": ["@goalTag"],
        },
        changed={"name": "order", "type": "COUNT", "archived": True, "teams": []},
        cleared=("description", "type", "owners", "tags"),
    ),
    Case(
        "team",
        "team",
        m.Team,
        created={
            "name": "Payments",
            "initials": "PA",
            "color": "#fa0",
            "description": "Takes money.",
            "directoryId": "dir-7",
            "parent": "@team",
            "users": ["@ann", "@ben"],
        },
        changed={"name": "Billing", "parent": "@otherTeam", "users": ["@ben"], "archived": True},
        cleared=("initials", "color", "description", "directoryId", "parent", "users"),
        holds="users",
    ),
    Case(
        "user",
        "user",
        m.User,
        created={
            "email": "zoe@example.com",
            "firstName": "Zoë",
            "lastName": "Young",
            "department": "Growth",
            "jobTitle": "Analyst",
            "directoryId": "dir-8",
            "avatar": "@file",
            "avatarUrl": "https://example.com/zoe.png",
        },
        changed={"email": "zoe.young@example.com", "lastName": "Older", "archived": True},
        cleared=("firstName", "lastName", "department", "jobTitle", "avatar", "avatarUrl"),
        named="email",
    ),
    Case(
        "tag",
        "tag",
        m.Tag,
        created={"tag": "checkout", "kind": "GOAL"},
        changed={"tag": "basket"},
        cleared=(),
        named="tag",
    ),
    Case(
        "application",
        "application",
        m.Application,
        created={"name": "shop", "description": "Where people buy."},
        changed={"name": "store", "archived": True},
        cleared=("description",),
    ),
    Case(
        "unitType",
        "unit_type",
        m.UnitType,
        created={"name": "user_id", "description": "People."},
        changed={"name": "device_id", "archived": True},
        cleared=("description",),
    ),
    Case(
        "segment",
        "segment",
        m.Segment,
        created={
            "name": "Visitors",
            "description": "Who comes.",
            "valueSourceAttribute": "country",
            "rules": [{"match": {"country": ["de", "fr"]}}],
        },
        changed={"name": "Guests", "rules": [], "archived": True},
        cleared=("description", "valueSourceAttribute", "rules"),
    ),
    Case(
        "holdout",
        "experiment",
        m.Holdout,
        created={
            "name": "Half a year",
            "description": "Nobody sees anything new.",
            "filters": [{"properties": [{"key": "a"}], "rollout_percentage": 12.5}, "kept"],
        },
        changed={"name": "A year", "exclusionPercentage": 20},
        cleared=("description",),
        follows={"filters": [{"properties": [{"key": "a"}], "rollout_percentage": 20}, "kept"]},
    ),
    Case(
        "savedMetric",
        "experiment_saved_metric",
        m.SavedMetric,
        created={
            "name": "Pageviews",
            "description": "Pages, seen.",
            "query": QUERY,
            "tags": ["web", "core"],
        },
        changed={"name": "Steps", "query": FUNNEL, "tags": ["core"]},
        cleared=("description", "tags"),
        words=frozenset({"tags"}),
    ),
    Case(
        "approvalPolicy",
        "approval_policy",
        m.ApprovalPolicy,
        created={
            "name": "Two pairs of eyes",
            "action": "START",
            "platform": "POSTHOG",
            "team": "@team",
            "quorum": 2,
            "allowSelfApproval": True,
            "expiresAfterHours": 48,
        },
        changed={"name": "Three", "quorum": 3, "enabled": False, "action": "STOP"},
        cleared=("action", "platform", "team", "expiresAfterHours"),
    ),
)
BY_NAME = {case.noun: case for case in CASES}


async def world(database: Database) -> dict[str, str]:
    """The ids of rows of our own source that inputs name."""
    ours = m.Source(name="local", platform=m.Platform.LOCAL)
    await add(database, ours)
    rows: dict[str, Any] = {
        "ann": m.User(source_id=ours.id, email="ann@example.com"),
        "ben": m.User(source_id=ours.id, email="ben@example.com"),
        "team": m.Team(source_id=ours.id, name="Everybody"),
        "otherTeam": m.Team(source_id=ours.id, name="Others"),
        "goal": m.Goal(source_id=ours.id, name="signup"),
        "category": m.MetricCategory(source_id=ours.id, name="Money"),
        "file": m.File(source_id=ours.id, file_name="zoe.png"),
    }
    for kind in m.TagKind:
        rows[f"{kind.lower()}Tag"] = m.Tag(source_id=ours.id, kind=kind, tag="a word")
    await add(database, *rows.values())
    return {name: id_of(row) for name, row in rows.items()}


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A value with the ids in the place of their names."""
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return ids.get(value[1:], value) if isinstance(value, str) and value.startswith("@") else value


@dataclass(frozen=True)
class Editor:
    """A client that edits rows of one noun."""

    client: httpx.AsyncClient
    case: Case
    headers: dict[str, str] | None = None

    async def create(self, **given: Any) -> Any:
        """The payload of a creation."""
        return await self._mutate("create", given)

    async def update(self, **given: Any) -> Any:
        """The payload of a change."""
        return await self._mutate("update", given)

    async def delete(self, **given: Any) -> Any:
        """The payload of a deletion."""
        return await self._mutate("delete", given)

    async def read(self, number: str) -> Any:
        """The row by its id."""
        query = f"""query($id: ID!) {{ node(id: $id) {{
          ... on {self.case.type} {{ {self.case.selection()} }} }} }}"""
        return await ask(self.client, query, self.headers, id=number)

    async def _mutate(self, verb: str, given: dict[str, Any]) -> Any:
        name = f"{verb}{self.case.type}"
        query = f"""mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
          ok replayed errors {{ ...Reason }} {EVENT}
          {self.case.noun} {{ {self.case.selection()} }} }} }} {REASON}"""
        return await ask(self.client, query, self.headers, input=given)


def wrong(payload: Any) -> list[tuple[str, str]]:
    """The fields of a payload's only reason, which is ValidationFailed, with their rules."""
    [error] = payload["errors"]
    assert error["__typename"] == "ValidationFailed", error
    return [(".".join(each["path"]), each["rule"]) for each in error["fields"]]
