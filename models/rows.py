"""Rows straight from the driver: a statement is compiled once, and its rows are bare objects.

A bare object is of a class below its model, of the same name, and has the columns that were asked
for as plain attributes. No session knows it, so that it can be read and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Dialect, Enum, Select, inspect
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from models.readers import Reader

FLOAT8 = 701
"""How PostgreSQL numbers double precision, which is what every column of floats is there."""

Make = Callable[[Iterable[Any]], list[Any]]
"""Makes (object, *values beside it) of each record."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A compiled statement over the columns of one model, and what is selected beside them.

    ``names`` are its parameters in their order, and ``values`` those that it knows itself.
    """

    text: str
    names: Sequence[str]
    values: Mapping[str, Any]
    writers: Mapping[str, Callable[[Any], Any]]
    make: Make

    async def rows(self, reader: Reader, given: Mapping[str, Any]) -> list[Any]:
        """The rows, with what is ``given`` for parameters of these names."""
        parameters = [self._written(name, given) for name in self.names]
        return self.make(await reader.fetch(self.text, parameters))

    def _written(self, name: str, given: Mapping[str, Any]) -> Any:
        value = given[name] if name in given else self.values[name]
        return self.writers[name](value) if name in self.writers else value


def columns_of(model: type[Any]) -> tuple[str, ...]:
    """The names of all columns of a model."""
    return _columns(cast("Any", model))


@cache
def _columns(model: Any) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(model).columns)


def keys_of(model: type[Any]) -> tuple[str, ...]:
    """The names of the columns that tell rows of a model apart."""
    return tuple(column.key for column in inspect(model).primary_key)


def ready(statement: Select[Any], model: type[Any], names: Sequence[str], on: Dialect) -> Ready:
    """A statement that selects the columns ``names`` of a model, and then anything else."""
    types = [column.type for column in statement.selected_columns]
    return compiled(statement, maker(model, names, types, on), on)


def compiled(statement: Select[Any], make: Make, on: Dialect) -> Ready:
    """A statement, with what is made of its records."""
    found: Any = statement.compile(dialect=on)
    _write_out(found)
    types = {name: bind.type for name, bind in found.binds.items()}
    writers = {}
    for name in found.positiontup:
        if name in types and (writer := _impl(types[name], on).bind_processor(on)):
            writers[name] = writer
    return Ready(str(found), found.positiontup, found.params, writers, make)


def _write_out(found: Any) -> None:
    """Write lists of parameters out, as SQLAlchemy does each time that it runs a statement.

    Its public option for that, `render_postcompile`, does not reach into every expression.
    """
    if found.post_compile_params:
        found._render_postcompile = True  # noqa: SLF001  as above
        parameters = found.construct_params(escape_names=False, _no_postcompile=True)
        found._process_parameters_for_postcompile(parameters, _populate_self=True)  # noqa: SLF001


def maker(
    model: type[Any], names: Sequence[str], types: Sequence[TypeEngine[Any]], on: Dialect
) -> Make:
    """What makes bare objects of records, which hold the columns ``names`` first.

    ``types`` are those of all that the records hold. It is generated: a line for each row, and a
    call only for what is stored otherwise.
    """
    known: dict[str, Any] = {"new": object.__new__}
    known["model"] = _bare_class(cast("Any", model))
    values = []
    for place, kind in enumerate(types):
        reader = known[f"read{place}"] = _reader(kind, on)
        values.append(f"read{place}(v{place})" if reader else f"v{place}")
    entries = [f"{name!r}: {value}" for name, value in zip(names, values, strict=False)]
    taken = "".join(f"v{place}, " for place in range(len(values)))
    beside = "".join(f"{value}, " for value in values[len(names) :])
    lines = [
        "def make(records):",
        " made = []",
        f" for {taken} in records:",
        "  row = new(model)",
        f"  row.__dict__ = {{{', '.join(entries)}}}",
        f"  made.append((row, {beside}))",
        " return made",
    ]
    # Names of columns and numbers of ours are all that gets into the text.
    exec(compile("\n".join(lines), "<rows>", "exec"), known)  # noqa: S102
    return cast("Make", known["make"])


def _impl(kind: TypeEngine[Any], on: Dialect) -> Any:
    return kind.dialect_impl(on)


def _reader(kind: TypeEngine[Any], on: Dialect) -> Callable[[Any], Any] | None:
    """What reads a value that the driver gives: for common types in one step of C."""
    if isinstance(kind, UTCDateTime):
        # asyncpg gives moments in UTC; SQLite has them as texts without a zone.
        return None if on.name == "postgresql" else _moment
    if isinstance(kind, Enum) and kind.enum_class is not None:
        names = kind.values_callable(kind.enum_class) if kind.values_callable else None
        members: dict[Any, Any] = {None: None}
        members |= zip(names or kind.enum_class.__members__, kind.enum_class, strict=True)
        return members.__getitem__
    read: Callable[[Any], Any] | None = _impl(kind, on).result_processor(on, FLOAT8)
    return read


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class _Unread:
    """A column that was not asked for; what is in an object's own dictionary goes before it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, row: object, of: type[Any]) -> Any:
        raise AttributeError(f"{of.__name__}.{self.name} was not read")


@cache
def _bare_class(model: Any) -> type[Any]:
    """A model without what SQLAlchemy does whenever a column is looked at.

    It is made by `type` itself, so that neither SQLModel nor SQLAlchemy takes it for a table.
    """
    names = {column.key: _Unread(column.key) for column in inspect(model).columns}
    own: dict[str, Any] = {
        "__slots__": (),
        "__module__": model.__module__,
        "__doc__": model.__doc__,
        "__setattr__": object.__setattr__,
    }
    made: type[Any] = type.__new__(type(model), model.__name__, (model,), own | names)
    return made
