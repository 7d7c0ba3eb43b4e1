"""Rows for tests: experiments of any platform, phase and overlay, sound unless told otherwise."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlmodel import col, select

import models as m
from models.base import Row, Table, now
from models.database import Database
from models.lifecycle import native_state
from resolvers.identity import encode

LONG_AGO = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


async def add(database: Database, *rows: Table) -> None:
    """Write rows; they get their numbers."""
    async with database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def source(database: Database, platform: m.Platform) -> int:
    """The number of the platform's source, made if there is none."""
    async with database.read() as session:
        found = await session.scalar(select(m.Source).where(col(m.Source.platform) == platform))
    made = found or m.Source(name=f"import-{platform.lower()}", platform=platform)
    if found is None:
        await add(database, made)
    return made.id


async def source_of_its_own(database: Database, platform: str, name: str) -> int:
    """The number of a new source, for an experiment that is to stand alone."""
    made = m.Source(name=name, platform=m.Platform(platform))
    await add(database, made)
    return made.id


async def experiment(
    database: Database,
    platform: m.Platform = m.Platform.LOCAL,
    phase: m.Phase = m.Phase.DRAFT,
    **values: Any,
) -> m.Experiment:
    """An experiment that has everything a start needs on its platform."""
    source_id = values.get("source_id") or await source(database, platform)
    key = values.pop("key", f"{platform}_{phase}".lower())
    family = m.Family(source_id=source_id, key=key)
    metric = m.Metric(source_id=source_id, name=f"metric of {key}")
    flag = m.FeatureFlag(source_id=source_id, key=f"flag_of_{key}", active=True)
    await add(database, family, metric, flag)
    begun = phase not in {m.Phase.DRAFT, m.Phase.READY}
    made = m.Experiment(
        **{
            "source_id": source_id,
            "key": key,
            "name": key,
            "platform": platform,
            "family_id": family.id,
            "phase": phase,
            "native_state": native_state(platform, phase, archived=bool(values.get("archived"))),
            "primary_metric_id": metric.id,
            "feature_flag_id": flag.id,
            "variant_count": 2,
            "percentages": "50/50",
            "seed": "1",
            "traffic_seed": "2",
            "ramp_levels": [10, 50, 100],
            "ramp_current_level": 10 if phase is m.Phase.RUNNING else None,
            "started_at": LONG_AGO if begun else None,
            "first_started_at": LONG_AGO if begun else None,
            "stopped_at": LONG_AGO if phase is m.Phase.STOPPED else None,
            "created_at": LONG_AGO,
            **values,
        }
    )
    await add(database, made)
    control, treatment = (
        m.Variant(experiment_id=made.id, index=index, key=key, is_control=index == 0, weight=50)
        for index, key in enumerate(("control", "treatment"))
    )
    await add(database, control, treatment)
    await add(
        database,
        *(
            m.Allocation(
                experiment_id=made.id,
                variant_id=variant.id,
                weight=50,
                is_control=variant.index == 0,
                is_fallback=variant.index == 1,
                position=variant.index,
            )
            for variant in (control, treatment)
        ),
    )
    return made


def id_of(row: Row) -> str:
    """The global id of a row."""
    return encode(type(row).__name__, row.id)


async def counts(database: Database) -> dict[str, int]:
    """How many rows each table has: what a refusal must leave as it was."""
    found = {}
    async with database.read() as session:
        for table in m.Source.metadata.sorted_tables:
            found[table.name] = len((await session.execute(table.select())).all())
    return found


async def rows_of(database: Database, model: type[Row]) -> dict[int, dict[str, Any]]:
    """Every row of one table by its number, column by column."""
    async with database.read() as session:
        found = await session.execute(m.Source.metadata.tables[model.__tablename__].select())
    return {row["id"]: dict(row) for row in found.mappings()}


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table: what a refusal must leave as it was."""
    async with database.read() as session:
        return {
            table.name: sorted(
                (tuple(row) for row in await session.execute(table.select())), key=repr
            )
            for table in m.Source.metadata.sorted_tables
        }


async def key(database: Database, name: str, *scopes: str) -> dict[str, str]:
    """The headers of a new API key with these scopes."""
    secret = f"tg_{name:x<43}"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    made = m.ApiKey(name=name, prefix=secret[:11], digest=digest, scopes=list(scopes))
    made.last_used_at = now()  # so that using it now writes nothing
    await add(database, made)
    return {"Authorization": f"Api-Key {secret}"}


async def ask(
    client: httpx.AsyncClient,
    query: str,
    headers: dict[str, str] | None = None,
    **variables: Any,
) -> Any:
    """The answer's first field; anything but data is a failure."""
    body = {"query": query, "variables": variables}
    answer = (await client.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))
