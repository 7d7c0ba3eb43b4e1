"""A demo graph into a database: all of it in one transaction, or nothing."""

from collections.abc import Callable, Iterator

from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from gateway.demo.catalog import SOURCES
from gateway.demo.growth import MOST
from gateway.demo.ledger import Ledger
from gateway.demo.story import tell
from models.database import Database
from models.errors import BadUserInput

BATCH = 20_000
"""How many rows wait at most before they are written."""

UNTIMED = -(10**12)
"""Where events are numbered from, until they are numbered by time."""

TABLES = SQLModel.metadata.tables


async def load(
    database: Database,
    experiments: int = 200,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Load a demo graph of that many experiments (1 to 100,000) beside what is there.

    The same number makes the same rows, on every database and any day. ``progress`` is told how
    many experiments are written, and of how many. Raises BadUserInput, having changed nothing,
    for another number and for a database that has a demo already.
    """
    if not 1 <= experiments <= MOST:
        raise BadUserInput(f"A demo has 1 to {MOST:,} experiments, not {experiments:,}.")
    async with database.write() as session:
        connection = await session.connection()
        await _lock(connection)
        await _refuse_a_second(connection)
        last = await _last_ids(connection)
        ledger = Ledger(last | {"event": UNTIMED})
        for done in tell(ledger, experiments):
            if ledger.size >= BATCH or done in {0, experiments}:
                await _write(connection, ledger)
                if progress is not None:
                    progress(done, experiments)
        await _number_events(connection, last["event"])
        await _move_sequences(connection)


async def _lock(connection: AsyncConnection) -> None:
    """Keep other writers out: ids are given here. On SQLite the transaction itself does."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(map(_quoted, TABLES))
        await connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


async def _refuse_a_second(connection: AsyncConnection) -> None:
    name = TABLES["source"].c.name
    known = select(name).where(name.in_(SOURCES.values())).order_by(name)
    found = await connection.scalar(known.limit(1))
    if found is not None:
        raise BadUserInput(f"There is a demo already: its source {found!r} exists.")


async def _last_ids(connection: AsyncConnection) -> dict[str, int]:
    return {
        table.name: await connection.scalar(select(func.max(table.c.id))) or 0
        for table in _numbered()
    }


async def _write(connection: AsyncConnection, ledger: Ledger) -> None:
    for table, rows in ledger.drain():
        await connection.execute(insert(table), rows)


async def _number_events(connection: AsyncConnection, last: int) -> None:
    """Number the events by time, as a log is: they were noted experiment by experiment."""
    event = TABLES["event"]
    rank = func.row_number().over(order_by=(event.c.at, event.c.id)).label("rank")
    ranked = select(event.c.id, rank).where(event.c.id < 0).subquery()
    await connection.execute(
        update(event).values(id=last + ranked.c.rank).where(event.c.id == ranked.c.id)
    )


async def _move_sequences(connection: AsyncConnection) -> None:
    """Let PostgreSQL number the next rows behind ours; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in _numbered():
        sequence = func.pg_get_serial_sequence(_quoted(table.name), "id")
        await connection.execute(select(func.setval(sequence, func.max(table.c.id))))


def _numbered() -> Iterator[Table]:
    """The tables whose rows have a number of their own."""
    return (
        table for table in TABLES.values() if "id" in table.c and table.c.id.type.python_type is int
    )


def _quoted(name: str) -> str:
    return f'"{name}"'
