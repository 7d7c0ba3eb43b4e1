"""The rows that are asked for: the demo's graph, and beside it one in which nothing is shared.

Every contender reads the same tables. In the demo's graph many experiments name the same metrics,
owners and tags, which favours whoever loads a thing once for all that name it. So there are also
experiments of which each has metrics, goals, tags, teams and owners of its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import models as m
from gateway import demo
from models.database import Database

SHARED, APART = 2_000, 500
METRICS, OWNERS, TAGS, VARIANTS = 4, 2, 3, 3
"""How many of each an experiment has that shares nothing; the first metric is its primary one."""

MADE = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The numbers of the experiments of either graph, in order, and of those that may start."""

    shared: list[int]
    apart: list[int]
    waiting: list[int]


async def load(database: Database, waiting: int) -> Loaded:
    """Load everything into an empty, migrated database: the same rows with the same numbers."""
    await demo.load(database, SHARED)
    async with database.write() as session:
        shared = list(
            await session.scalars(select(col(m.Experiment.id)).order_by(col(m.Experiment.id)))
        )
        apart = await _Graph(session, "apart").load(APART, METRICS)
        startable = await _Graph(session, "waiting").load(waiting, 1)
    if not database.is_sqlite:
        async with database.write() as session:
            await session.execute(text("ANALYZE"))
    return Loaded(shared, apart, startable)


class _Graph:
    """Experiments of a source of their own, each with everything of its own."""

    def __init__(self, session: AsyncSession, name: str) -> None:
        self.session = session
        self.name = name
        self.base: dict[str, Any] = {"version": 1, "created_at": MADE, "updated_at": MADE}

    async def load(self, experiments: int, metrics: int) -> list[int]:
        name = self.name
        [source] = await self.add(m.Source, [{"name": name, "platform": "LOCAL"}], audited=False)
        self.base["source_id"] = source
        goals = await self.named(m.Goal, experiments * metrics)
        measured = await self.add(
            m.Metric,
            [
                {"name": f"{name} metric {goal}", "goal_id": goal, "type": "GOAL_COUNT"}
                for goal in goals
            ],
        )
        families = await self.add(
            m.Family,
            [{"source_id": source, "key": f"{name}_{at:05}"} for at in range(experiments)],
            audited=False,
        )
        primary = measured[::metrics]
        made = await self.add(m.Experiment, list(map(self.experiment, families, primary)))
        await self.variants(made)
        further = [number for at, number in enumerate(measured) if at % metrics]
        await self.link(m.ExperimentMetric, made, "metric_id", further, role="SECONDARY")
        await self.own(made, measured)
        return made

    def experiment(self, family: int, metric: int) -> dict[str, Any]:
        return {
            "key": f"{self.name}_{family:05}",
            "name": f"{self.name.title()} {family}",
            "family_id": family,
            "primary_metric_id": metric,
            "percentage_of_traffic": 100.0,
            "percentages": "34/33/33",
            "variant_count": VARIANTS,
        }

    async def variants(self, experiments: list[int]) -> None:
        rows = [
            {
                "experiment_id": number,
                "index": index,
                "name": f"Arm {index}",
                "weight": 34 if index == 0 else 33,
                "is_control": index == 0,
            }
            for number in experiments
            for index in range(VARIANTS)
        ]
        await self.add(m.Variant, rows, audited=False)

    async def own(self, experiments: list[int], metrics: list[int]) -> None:
        """Owners, teams and tags for each."""
        number = count(1)
        owners = [
            {"email": f"{self.name}{at}@example.com", "first_name": "Own", "last_name": f"No. {at}"}
            for at, _ in zip(number, range(len(experiments) * OWNERS), strict=False)
        ]
        users = await self.add(m.User, owners)
        teams = await self.named(m.Team, len(experiments))
        await self.link(m.ExperimentOwner, experiments, "user_id", users)
        await self.link(m.ExperimentTeam, experiments, "team_id", teams)
        await self.link(m.MetricOwner, metrics, "user_id", (users * METRICS)[: len(metrics)])
        for kind, link, things in (
            ("EXPERIMENT", m.ExperimentTag, experiments),
            ("METRIC", m.MetricTag, metrics),
        ):
            words = [
                {"kind": kind, "tag": f"{self.name}-{kind.lower()}-{at}"}
                for at in range(len(things) * TAGS)
            ]
            await self.link(link, things, "tag_id", await self.add(m.Tag, words))

    async def named(self, model: Any, total: int) -> list[int]:
        word = f"{self.name} {model.__name__.lower()}"
        return await self.add(model, [{"name": f"{word} {at}"} for at in range(total)])

    async def link(
        self, model: Any, parents: list[int], column: str, numbers: list[int], **said: Any
    ) -> None:
        """Give each parent the same number of them."""
        if not numbers:
            return
        near = f"{model.__tablename__.partition('_')[0]}_id"
        share = len(numbers) // len(parents)
        rows = [
            {near: parents[at // share], column: number, "position": at % share, **said}
            for at, number in enumerate(numbers)
        ]
        await self.session.execute(insert(model), rows)

    async def add(
        self, model: Any, rows: list[dict[str, Any]], *, audited: bool = True
    ) -> list[int]:
        """The numbers of the new rows."""
        last = await self.session.scalar(select(func.max(model.id))) or 0
        numbers = list(range(last + 1, last + 1 + len(rows)))
        base = self.base if audited else {}
        whole = [base | row | {"id": number} for number, row in zip(numbers, rows, strict=True)]
        await self.session.execute(insert(model), whole)
        if self.session.get_bind().dialect.name == "postgresql":
            table = f'"{model.__tablename__}"'
            moved = func.setval(func.pg_get_serial_sequence(table, "id"), numbers[-1])
            await self.session.execute(select(moved))
        return numbers
