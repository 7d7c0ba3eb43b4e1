"""Strawberry the way its guides show it: SQLModel, asyncpg and a DataLoader for every relation.

A type for each table, filled from rows; a session for each batch; the caches of documents and of
their validation, which the guides advise for production.
"""

import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Self

import strawberry
import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlmodel import col, select
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

import models as m

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=10)
Session = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
Info = strawberry.Info[dict[str, DataLoader[int, Any]], None]


def by_id(model: Any) -> Callable[[list[int]], Awaitable[Sequence[Any]]]:
    async def load(ids: list[int]) -> Sequence[Any]:
        async with Session() as session:
            rows = await session.scalars(select(model).where(col(model.id).in_(ids)))
            found = {row.id: row for row in rows}
        return [found.get(number) for number in ids]

    return load


def by_parent(
    model: Any, column: str, order: Sequence[str]
) -> Callable[[list[int]], Awaitable[Sequence[Any]]]:
    async def load(ids: list[int]) -> Sequence[Any]:
        statement = select(model).where(getattr(model, column).in_(ids))
        async with Session() as session:
            rows = await session.scalars(
                statement.order_by(*(getattr(model, name) for name in order))
            )
            found = defaultdict(list)
            for row in rows:
                found[getattr(row, column)].append(row)
        return [found[number] for number in ids]

    return load


def linked(
    model: Any, link: Any, near: str, far: str
) -> Callable[[list[int]], Awaitable[Sequence[Any]]]:
    async def load(ids: list[int]) -> Sequence[Any]:
        parent = getattr(link, near)
        statement = (
            select(parent, model)
            .join(link, getattr(link, far) == model.id)
            .where(parent.in_(ids))
            .order_by(link.position, model.id)
        )
        async with Session() as session:
            found = defaultdict(list)
            for number, row in await session.execute(statement):
                found[number].append(row)
        return [found[number] for number in ids]

    return load


LOADERS: dict[str, Callable[[list[int]], Awaitable[Sequence[Any]]]] = {
    "metric": by_id(m.Metric),
    "goal": by_id(m.Goal),
    "variants": by_parent(m.Variant, "experiment_id", ["index"]),
    "secondary_metrics": by_parent(m.ExperimentMetric, "experiment_id", ["role", "position"]),
    "owners": linked(m.User, m.ExperimentOwner, "experiment_id", "user_id"),
    "teams": linked(m.Team, m.ExperimentTeam, "experiment_id", "team_id"),
    "tags": linked(m.Tag, m.ExperimentTag, "experiment_id", "tag_id"),
    "metric_owners": linked(m.User, m.MetricOwner, "metric_id", "user_id"),
    "metric_tags": linked(m.Tag, m.MetricTag, "metric_id", "tag_id"),
}


@strawberry.type
class User:
    id: strawberry.ID
    first_name: str | None
    last_name: str | None
    email: str | None

    @classmethod
    def of(cls, row: m.User) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            first_name=row.first_name,
            last_name=row.last_name,
            email=row.email,
        )


@strawberry.type
class Team:
    id: strawberry.ID
    name: str

    @classmethod
    def of(cls, row: m.Team) -> Self:
        return cls(id=strawberry.ID(str(row.id)), name=row.name)


@strawberry.type
class Tag:
    id: strawberry.ID
    tag: str

    @classmethod
    def of(cls, row: m.Tag) -> Self:
        return cls(id=strawberry.ID(str(row.id)), tag=row.tag)


@strawberry.type
class Variant:
    index: int
    name: str | None
    weight: float | None
    is_control: bool

    @classmethod
    def of(cls, row: m.Variant) -> Self:
        return cls(index=row.index, name=row.name, weight=row.weight, is_control=row.is_control)


@strawberry.type
class Goal:
    id: strawberry.ID
    name: str

    @classmethod
    def of(cls, row: m.Goal) -> Self:
        return cls(id=strawberry.ID(str(row.id)), name=row.name)


@strawberry.type
class Metric:
    row: strawberry.Private[m.Metric]
    id: strawberry.ID
    name: str
    type: str
    effect: str
    created_at: datetime | None

    @classmethod
    def of(cls, row: m.Metric) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            name=row.name,
            type=row.type,
            effect=row.effect,
            created_at=row.created_at,
        )

    @strawberry.field
    async def goal(self, info: Info) -> Goal | None:
        if self.row.goal_id is None:
            return None
        row = await info.context["goal"].load(self.row.goal_id)
        return Goal.of(row) if row else None

    @strawberry.field
    async def owners(self, info: Info) -> list[User]:
        return [User.of(row) for row in await info.context["metric_owners"].load(self.row.id)]

    @strawberry.field
    async def tags(self, info: Info) -> list[Tag]:
        return [Tag.of(row) for row in await info.context["metric_tags"].load(self.row.id)]


@strawberry.type
class ExperimentMetric:
    metric_id: strawberry.Private[int]
    role: str
    position: int

    @strawberry.field
    async def metric(self, info: Info) -> Metric | None:
        row = await info.context["metric"].load(self.metric_id)
        return Metric.of(row) if row else None


@strawberry.type
class Experiment:
    row: strawberry.Private[m.Experiment]
    id: strawberry.ID
    key: str
    name: str
    description: str | None
    phase: str
    iteration: int
    archived: bool
    created_at: datetime | None
    started_at: datetime | None
    percentage_of_traffic: float | None

    @classmethod
    def of(cls, row: m.Experiment) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            key=row.key,
            name=row.name,
            description=row.description,
            phase=row.phase,
            iteration=row.iteration,
            archived=row.archived,
            created_at=row.created_at,
            started_at=row.started_at,
            percentage_of_traffic=row.percentage_of_traffic,
        )

    @strawberry.field
    async def owners(self, info: Info) -> list[User]:
        return [User.of(row) for row in await info.context["owners"].load(self.row.id)]

    @strawberry.field
    async def teams(self, info: Info) -> list[Team]:
        return [Team.of(row) for row in await info.context["teams"].load(self.row.id)]

    @strawberry.field
    async def tags(self, info: Info) -> list[Tag]:
        return [Tag.of(row) for row in await info.context["tags"].load(self.row.id)]

    @strawberry.field
    async def variants(self, info: Info) -> list[Variant]:
        return [Variant.of(row) for row in await info.context["variants"].load(self.row.id)]

    @strawberry.field
    async def primary_metric(self, info: Info) -> Metric | None:
        if self.row.primary_metric_id is None:
            return None
        row = await info.context["metric"].load(self.row.primary_metric_id)
        return Metric.of(row) if row else None

    @strawberry.field
    async def secondary_metrics(self, info: Info) -> list[ExperimentMetric]:
        links = await info.context["secondary_metrics"].load(self.row.id)
        return [
            ExperimentMetric(metric_id=row.metric_id, role=row.role, position=row.position)
            for row in links
        ]


@strawberry.type
class Experiments:
    nodes: list[Experiment]


@strawberry.type
class Query:
    @strawberry.field
    async def experiments(self, first: int = 25, after: str | None = None) -> Experiments:
        statement = (
            select(m.Experiment)
            .where(col(m.Experiment.id) > int(after or 0))
            .order_by(col(m.Experiment.id))
            .limit(first)
        )
        async with Session() as session:
            rows = await session.scalars(statement)
            return Experiments(nodes=[Experiment.of(row) for row in rows])

    @strawberry.field
    async def experiment(self, id: strawberry.ID) -> Experiment | None:  # noqa: A002
        async with Session() as session:
            row = await session.get(m.Experiment, int(id))
        return Experiment.of(row) if row else None


@strawberry.input
class UpdateExperimentInput:
    id: strawberry.ID
    description: str | None = None


@strawberry.type
class UpdateExperimentPayload:
    experiment: Experiment | None


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def update_experiment(
        self,
        input: UpdateExperimentInput,  # noqa: A002
    ) -> UpdateExperimentPayload:
        async with Session() as session, session.begin():
            row = await session.get(m.Experiment, int(input.id))
            if row is None:
                return UpdateExperimentPayload(experiment=None)
            row.description = input.description
            row.version += 1
            row.updated_at = datetime.now(UTC)
        return UpdateExperimentPayload(experiment=Experiment.of(row))


class App(GraphQL[Any, None]):
    async def get_context(self, request: Any, response: Any) -> dict[str, DataLoader[int, Any]]:
        del request, response
        return {name: DataLoader(load_fn=load) for name, load in LOADERS.items()}


schema = strawberry.Schema(
    Query,
    Mutation,
    extensions=[lambda: ParserCache(), lambda: ValidationCache()],  # noqa: PLW0108  as its guides
)

if __name__ == "__main__":
    uvicorn.run(App(schema), host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
