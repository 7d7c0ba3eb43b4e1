"""A read that is given up at any moment ends as one that is given up, and leaves nothing locked."""

import asyncio
from random import Random

from sqlalchemy import text

from models.database import Database

ROWS = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
    "SELECT i FROM n ORDER BY i"
)


async def test_a_read_that_is_given_up_at_any_moment_is_cancelled_and_nothing_else(
    database: Database,
) -> None:
    async def read() -> None:
        async with database.read() as session:
            for _ in range(3):
                await session.execute(ROWS)

    random = Random(1)  # noqa: S311  moments, and no secret
    for _ in range(150):
        task = asyncio.create_task(read())
        await asyncio.sleep(random.random() * 0.01)
        task.cancel()
        [found] = await asyncio.gather(task, return_exceptions=True)
        assert found is None or isinstance(found, asyncio.CancelledError), repr(found)

    async with database.write() as session:
        await session.execute(text("CREATE TABLE written (never INTEGER)"))
