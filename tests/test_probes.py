"""An orchestrator learns the truth: alive, ready, or not ready and why."""

from pathlib import Path

import httpx
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.draining import Draining
from gateway.probes import Readiness
from migrations.revisions import head
from models.database import Database


async def readiness(database: Database) -> httpx.Response:
    app = Starlette(routes=[Route("/readyz", Readiness(database, Draining()).respond)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get("/readyz")


async def test_a_running_process_is_alive(client: httpx.AsyncClient) -> None:
    response = await client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_process_with_an_up_to_date_database_is_ready(client: httpx.AsyncClient) -> None:
    response = await client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_process_is_not_ready_for_a_database_of_another_version(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    response = await readiness(database)
    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "reason": f"The database is at migration older; this version needs {head()}.",
    }


async def test_a_process_without_a_database_is_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'file.db'}")
    response = await readiness(database)
    await database.dispose()
    assert response.status_code == 503
    assert response.json()["reason"] == "The database does not answer, or was never migrated."


async def test_a_process_whose_postgresql_is_gone_is_not_ready() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    response = await readiness(database)
    await database.dispose()
    assert response.status_code == 503
