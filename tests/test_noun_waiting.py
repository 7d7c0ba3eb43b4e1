"""What an import still waits for, and who changes the row meanwhile."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.making import add, ask, everything, id_of, rows_of
from tests.nouns import BY_NAME, Editor

IMPORT = "mutation($input: ImportPayloadInput!) { importPayload(input: $input) { ok } }"
METRIC = {
    "id": 5,
    "name": "Revenue",
    "type": "goal_count",
    "goal_id": 77,
    "owners": [{"metric_id": 5, "user_id": 9}],
}
LATE = {"goals": [{"id": 77, "name": "late"}]}
LATE_USER = {"users": [{"id": 9, "email": "late@example.com"}]}


async def take(client: httpx.AsyncClient, payload: Any) -> None:
    assert (await ask(client, IMPORT, input={"payload": payload}))["ok"] is True


@pytest.fixture
async def metric(client: httpx.AsyncClient, database: Database) -> m.Metric:
    """A metric that waits for its goal and its owner."""
    await take(client, {"metrics": [METRIC]})
    [number] = await rows_of(database, m.Metric)
    waiting = [row["field"] for row in (await rows_of(database, m.Reference)).values()]
    assert sorted(waiting) == ["goal_id", "metric_owner"]
    async with database.read() as session:
        return await session.get_one(m.Metric, number)


async def test_what_arrives_late_is_joined_if_nobody_said_otherwise(
    client: httpx.AsyncClient, metric: m.Metric
) -> None:
    editor = Editor(client, BY_NAME["metric"])
    await editor.update(id=id_of(metric), description="What comes in.")
    await take(client, LATE)
    await take(client, LATE_USER)
    row = await editor.read(id_of(metric))

    assert (row["goal"] is not None, len(row["owners"])) == (True, 1)


@pytest.mark.parametrize("cleared", [True, False])
async def test_what_somebody_said_meanwhile_stays(
    client: httpx.AsyncClient, database: Database, metric: m.Metric, *, cleared: bool
) -> None:
    goal = m.Goal(source_id=metric.source_id, name="ours")
    user = m.User(source_id=metric.source_id, email="ours@example.com")
    await add(database, goal, user)
    said: dict[str, Any] = {"goal": id_of(goal), "owners": [id_of(user)]}
    editor = Editor(client, BY_NAME["metric"])
    before = (await everything(database))["reference"]
    await editor.update(id=id_of(metric), **said, dryRun=True)
    assert (await everything(database))["reference"] == before

    said = dict.fromkeys(said) if cleared else said
    row = (await editor.update(id=id_of(metric), **said))["metric"]
    await take(client, LATE)
    await take(client, LATE_USER)

    assert await editor.read(id_of(metric)) == row
    assert await rows_of(database, m.Reference) == {}


async def test_only_what_was_said_waits_no_longer(
    client: httpx.AsyncClient, database: Database, metric: m.Metric
) -> None:
    editor = Editor(client, BY_NAME["metric"])
    await editor.update(id=id_of(metric), goal=None)
    left = [row["field"] for row in (await rows_of(database, m.Reference)).values()]

    assert left == ["metric_owner"]
