"""Rows straight from the driver: a statement is compiled once, and its rows are bare objects.

A bare object is of its model and has the columns that were asked for, as attributes. No session
knows it, so that it can be read and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import aiosqlite
from sqlalchemy import Dialect, Select, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

FLOAT8 = 701
"""How PostgreSQL numbers double precision, which is what every column of floats is there."""

Make = Callable[[Iterable[Any]], list[Any]]
"""Makes (object, *values beside it) of each record."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A compiled statement over the columns of one model, and what is selected beside them."""

    text: str
    names: Sequence[str]
    values: Mapping[str, Any]
    writers: Mapping[str, Callable[[Any], Any]]
    make: Make

    async def rows(self, session: AsyncSession, **given: Any) -> list[Any]:
        """The rows in the session's transaction, with ``given`` for parameters of these names."""
        values = {**self.values, **given}
        writers = self.writers
        parameters = [
            writers[name](values[name]) if name in writers else values[name] for name in self.names
        ]
        return self.make(await _fetched(session, self.text, parameters))


def columns_of(model: type[Any]) -> tuple[str, ...]:
    """The names of all columns of a model."""
    return tuple(column.key for column in inspect(model).columns)


def keys_of(model: type[Any]) -> tuple[str, ...]:
    """The names of the columns that tell rows of a model apart."""
    return tuple(column.key for column in inspect(model).primary_key)


@cache
def bare(model: Any, names: tuple[str, ...]) -> Make:
    """What makes bare objects of records that hold the columns of these names first."""
    return _maker(model, names, None)


def ready(statement: Select[Any], model: type[Any], names: Sequence[str], on: Dialect) -> Ready:
    """A statement that selects the columns ``names`` of a model, and then anything else."""
    compiled: Any = statement.compile(dialect=on, compile_kwargs={"render_postcompile": True})
    types = {name: bind.type for name, bind in compiled.binds.items()}
    writers = {}
    for name in compiled.positiontup:
        if name in types and (writer := _impl(types[name], on).bind_processor(on)):
            writers[name] = writer
    selected = list(statement.selected_columns)
    readers = [_impl(column.type, on).result_processor(on, FLOAT8) for column in selected]
    return Ready(
        str(compiled), compiled.positiontup, compiled.params, writers, _maker(model, names, readers)
    )


def _impl(kind: TypeEngine[Any], on: Dialect) -> Any:
    return kind.dialect_impl(on)


async def _fetched(session: AsyncSession, text: str, parameters: Sequence[Any]) -> Iterable[Any]:
    connection = await session.connection()
    pooled = await connection.get_raw_connection()
    driver: Any = pooled.driver_connection
    listening: Any = connection.sync_connection
    for listener in listening.dispatch.before_cursor_execute:
        listener(listening, None, text, parameters, None, False)  # noqa: FBT003  as SQLAlchemy does
    try:
        if isinstance(driver, aiosqlite.Connection):
            return await driver.execute_fetchall(text, parameters)
        if not driver.is_in_transaction():
            # SQLAlchemy begins with the first statement that it runs, and it does not run this.
            await cast("Any", pooled.dbapi_connection)._start_transaction()  # noqa: SLF001
        return cast("Iterable[Any]", await driver.fetch(text, *parameters))
    except Exception as error:
        raise DBAPIError(text, None, error, hide_parameters=True) from error


def _maker(model: type[Any], names: Sequence[str], readers: Sequence[Any] | None) -> Make:
    """Generated code: a line for each row, and a call only for what is stored otherwise."""
    known: dict[str, Any] = {"model": model, "new": object.__new__, "put": object.__setattr__}
    values = []
    for place, reader in enumerate(readers or names):
        known[f"read{place}"] = reader
        values.append(f"read{place}(r[{place}])" if readers and reader else f"r[{place}]")
    entries = [f"{name!r}: {value}" for name, value in zip(names, values, strict=False)]
    beside = "".join(f", {value}" for value in values[len(names) :])
    if readers is None:
        beside = f", *r[{len(names)}:]"
    lines = [
        "def make(records):",
        " made = []",
        " for r in records:",
        "  row = new(model)",
        f"  put(row, '__dict__', {{{', '.join(entries)}}})",
        f"  made.append((row{beside},))",
        " return made",
    ]
    # Names of columns and numbers of ours are all that gets into the text.
    exec(compile("\n".join(lines), "<rows>", "exec"), known)  # noqa: S102
    return cast("Make", known["make"])
