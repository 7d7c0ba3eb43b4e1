"""A company of two teams that each own a row for every mutation, and keys that see some of it."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import httpx
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import models as m
from models.base import Table
from models.database import Database
from resolvers.identity import decode
from resolvers.scopes import ADMIN, known_scopes
from tests.asking import Call, request
from tests.making import add, everything, experiment, id_of, source
from tests.nouns import QUERY, filled
from tests.permitting import CASES, SOON, STANDING

EVERY_SCOPE = frozenset(known_scopes()) - {ADMIN}
FAR_OFF = datetime(2125, 1, 1, tzinfo=UTC)
AT_ONCE = 8
GATED = ("approved", "rejected", "cancelled")
"""Experiments whose start waits for approval."""


@dataclass
class Company:
    """Rows of two teams: ``ids`` are the first's, and shared ones; ``others`` the second's.

    The ``asker`` of the first team has planned what is planned, and asked for what waits.
    """

    client: httpx.AsyncClient
    database: Database
    ids: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    asker: dict[str, str] = field(default_factory=dict)

    async def key(
        self,
        scopes: Iterable[str] = EVERY_SCOPE,
        team: str | None = None,
        user: str | None = None,
        *,
        unowned: bool = False,
    ) -> dict[str, str]:
        """The headers of a new key, which using it does not change."""
        made = len(self.numbers) + 1
        secret = f"tg_{made:043d}"
        digest = hashlib.sha256(secret.encode()).hexdigest()
        row = m.ApiKey(name=f"key {made}", prefix=secret[:11], digest=digest)
        row.scopes, row.team_bound = sorted(scopes), team is not None
        row.include_unowned, row.last_used_at = unowned, FAR_OFF
        row.user_id = decode(user)[1] if user else None
        await add(self.database, row)
        if team:
            await add(self.database, m.ApiKeyTeam(api_key_id=row.id, team_id=decode(team)[1]))
        headers = {"Authorization": f"Api-Key {secret}"}
        self.numbers[headers["Authorization"]] = row.id
        return headers

    async def change_key(self, headers: dict[str, str], **values: Any) -> None:
        """Take something away from a key, or give it."""
        async with self.database.write() as session:
            row = await session.get_one(m.ApiKey, self.numbers[headers["Authorization"]])
            for name, value in values.items():
                setattr(row, name, value)

    async def move_key(self, headers: dict[str, str], team: str) -> None:
        """Bind a key to another team than before."""
        number = self.numbers[headers["Authorization"]]
        async with self.database.write() as session:
            bound = col(m.ApiKeyTeam.api_key_id) == number
            await session.execute(delete(m.ApiKeyTeam).where(bound))
            session.add(m.ApiKeyTeam(api_key_id=number, team_id=decode(team)[1]))

    def calls(self, *cases: Any) -> list[Call]:
        """The calls of cases, on rows of the first team."""
        return [(case.name, filled(case.given, self.ids)) for case in cases]

    async def make(
        self, calls: Sequence[Call], headers: dict[str, str] | None = None, levels: int = 0
    ) -> list[Any]:
        """The payloads of the calls, with a key (an admin's unless said)."""
        payloads: list[Any] = []
        for start in range(0, len(calls), AT_ONCE):
            body = request(calls[start : start + AT_ONCE], levels)
            answer = (await self.client.post("/graphql", json=body, headers=headers)).json()
            assert "errors" not in answer, answer["errors"][:3]
            payloads += answer["data"].values()
        return payloads

    async def one(
        self, name: str, given: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Any:
        """The payload of one mutation, with the first team's rows in the place of their names."""
        [payload] = await self.make([(name, filled(given, self.ids))], headers)
        return payload

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        return await everything(self.database)


@dataclass(frozen=True)
class Joined:
    """A database that stays in one transaction: what is written there is written at once."""

    session: AsyncSession

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """The same session again."""
        yield self.session

    read = write


async def company(client: httpx.AsyncClient, database: Database) -> Company:
    """Write it into an empty database."""
    made = Company(client, database)
    async with database.write() as session:
        made.database = cast("Database", Joined(session))
        await _write(made, made.database)
    made.database = database
    await _wait(made)
    return made


async def _write(made: Company, database: Database) -> None:
    ours = await source(database, m.Platform.LOCAL)
    made.ids |= await _shared(database, ours)
    for side, ids in (("a", made.ids), ("b", made.others)):
        ids.update({**made.ids, **ids} if side == "b" else {})
        ids.update(await _people(database, ours, side))
        ids.update(await _things(database, ours, side, ids))
    await _experiments(made)
    policy = m.ApprovalPolicy(name="gate", platform=m.Platform.CHECKMANGO)
    await add(database, policy)
    made.ids["gate"] = id_of(policy)


async def _named(database: Database, rows: dict[str, Any]) -> dict[str, str]:
    await add(database, *rows.values())
    return {name: id_of(row) for name, row in rows.items()}


async def _shared(database: Database, ours: int) -> dict[str, str]:
    rows: dict[str, Any] = {
        "source": await _source(database, ours),
        "category": m.MetricCategory(source_id=ours, name="category"),
        "spare user": m.User(source_id=ours, email="spare@example.com"),
    }
    for name in ("", "spare "):
        rows[f"{name}tag"] = m.Tag(source_id=ours, kind=m.TagKind.EXPERIMENT, tag=f"{name}tag")
        rows[f"{name}application"] = m.Application(source_id=ours, name=f"{name}application")
        rows[f"{name}unitType"] = m.UnitType(source_id=ours, name=f"{name}unit")
    for kind in (m.TagKind.METRIC, m.TagKind.GOAL):
        rows[f"{kind.lower()} tag"] = m.Tag(source_id=ours, kind=kind, tag="word")
    for noun, model in (("segment", m.Segment), ("holdout", m.Holdout)):
        rows[f"spare {noun}"] = model(source_id=ours, name=f"spare {noun}")
    rows["spare savedMetric"] = m.SavedMetric(source_id=ours, name="spare")
    return await _named(database, rows)


async def _source(database: Database, ours: int) -> m.Source:
    async with database.read() as session:
        return await session.get_one(m.Source, ours)


async def _people(database: Database, ours: int, side: str) -> dict[str, str]:
    face = m.File(source_id=ours, file_name=f"{side}.png")
    team = m.Team(source_id=ours, name=f"team {side}")
    await add(database, face, team)
    user = m.User(source_id=ours, email=f"{side}@example.com", avatar_id=face.id)
    below = {
        "own team": team,
        "team": m.Team(source_id=ours, name=f"below {side}", parent_id=team.id),
        "spare team": m.Team(source_id=ours, name=f"spare {side}", parent_id=team.id),
    }
    ids = await _named(database, {"file": face, "user": user, **below})
    await add(database, m.TeamMember(team_id=below["team"].id, user_id=user.id))
    return ids


async def _things(database: Database, ours: int, side: str, ids: dict[str, str]) -> dict[str, str]:
    team = decode(ids["team"])[1]
    rows: dict[str, Any] = {}
    for name in ("", "spare "):
        called = f"{name}{side}"
        rows[f"{name}metric"] = m.Metric(source_id=ours, name=called)
        rows[f"{name}goal"] = m.Goal(source_id=ours, name=called)
        rows[f"{name}approvalPolicy"] = m.ApprovalPolicy(name=called, team_id=team, enabled=False)
    rows |= {
        "segment": m.Segment(source_id=ours, name=side),
        "holdout": m.Holdout(source_id=ours, name=side),
        "savedMetric": m.SavedMetric(source_id=ours, name=side, query=QUERY),
        "flag": m.FeatureFlag(source_id=ours, key=side),
        "key": m.ApiKey(name=side, prefix="tg_", digest=side, scopes=["tag:read"]),
    }
    rows["key"].team_bound = True
    found = await _named(database, rows)
    links: list[Table] = [m.ApiKeyTeam(api_key_id=rows["key"].id, team_id=team)]
    for name in ("", "spare "):
        links.append(m.MetricTeam(metric_id=rows[f"{name}metric"].id, team_id=team))
        links.append(m.GoalTeam(goal_id=rows[f"{name}goal"].id, team_id=team))
    await add(database, *links)
    return found


async def _experiments(made: Company) -> None:
    """An experiment of the first team for each mutation of one, and some of the second's."""
    names = [case.name for case in CASES if f"@{case.name}" in json.dumps(case.given)]
    for name in (*names, "deleteVariant", "using"):
        row = await _owned(made, made.ids, name, **STANDING.get(name, {}))
        made.ids[name] = id_of(row)
        if name == "deleteVariant":
            await _extra_variant(made, row)
    for name in GATED:
        row = await _owned(made, made.ids, name, platform=m.Platform.CHECKMANGO)
        made.ids[f"{name} experiment"] = id_of(row)
    for name in ("using", "template"):
        kind = m.ExperimentType.TEST_TEMPLATE if name == "template" else m.ExperimentType.TEST
        for ids in (made.ids, made.others):
            ids[name] = id_of(await _owned(made, ids, name, type=kind))
    for ids in (made.ids, made.others):
        await _uses(made.database, ids)


async def _owned(made: Company, ids: dict[str, str], name: str, **values: Any) -> m.Experiment:
    side = "A" if ids is made.ids else "B"
    row = await experiment(made.database, key=f"{name.upper()}_{side}_{len(ids)}", **values)
    team = decode(ids["team"])[1]
    await add(made.database, m.ExperimentTeam(experiment_id=row.id, team_id=team))
    return row


async def _extra_variant(made: Company, row: m.Experiment) -> None:
    third = m.Variant(experiment_id=row.id, index=2, key="third", weight=33)
    await add(made.database, third)
    made.ids["spare variant"] = id_of(third)


async def _uses(database: Database, ids: dict[str, str]) -> None:
    """Let an experiment use what belongs to its teams only by that; and say something of it."""
    number = {name: decode(text)[1] for name, text in ids.items()}
    using = number["using"]
    note = m.Note(
        source_id=number["source"],
        experiment_id=using,
        note="A word.",
        created_by_id=number["user"],
    )
    variant = m.Variant(experiment_id=using, index=2, key="c")
    await add(database, note, variant)
    ids |= {"note": id_of(note), "variant": id_of(variant)}
    await add(
        database,
        m.Allocation(experiment_id=using, segment_id=number["segment"], position=9),
        m.ExperimentSavedMetric(experiment_id=using, saved_metric_id=number["savedMetric"]),
    )
    async with database.write() as session:
        row = await session.get_one(m.Experiment, using)
        row.holdout_id, row.feature_flag_id = number["holdout"], number["flag"]


async def _wait(made: Company) -> None:
    """What is planned, and what is asked for, by somebody of the first team."""
    asker = made.asker = await made.key(team=made.ids["own team"])
    wanted = {"id": made.ids["using"], "action": "DELETE", "at": SOON}
    [planned] = await made.make([("scheduleTransition", wanted)], asker)
    made.ids["planned"] = planned["scheduledAction"]["id"]
    for name in GATED:
        given = {"id": made.ids[f"{name} experiment"]}
        [asked] = await made.make([("startExperiment", given)], asker)
        made.ids[name] = asked["changeRequest"]["id"]
