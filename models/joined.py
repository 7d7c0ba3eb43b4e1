"""Several statements at once, where the rows of one give the keys of the next.

On PostgreSQL they are one statement, which answers an array for each column: its driver reads
those as fast as rows, and there is one way there and back. SQLite is in the same process, so that
they run in turn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import CTE, Dialect, Select, func, select, true

from models.readers import Reader
from models.rows import Make, Ready, compiled, maker, ready


class Part(NamedTuple):
    """One of the statements, which selects columns of a model and then anything else.

    ``select`` makes it of the keys: a parameter's name, or an expression for an array of them. Its
    keys are what the column ``near`` holds in the rows of the part ``of``, an earlier one; those of
    the first part, if it takes any, are given.
    """

    model: type[Any]
    names: tuple[str, ...]
    select: Callable[[Any], Select[Any]]
    of: int = 0
    near: str = ""


class Joined(Protocol):
    """The parts of a join, compiled."""

    @property
    def is_one(self) -> bool:
        """Whether one statement is all of it."""

    async def rows(self, reader: Reader, given: Mapping[str, Any]) -> list[list[Any]]:
        """The rows of each part, as `models.rows.Ready` gives them."""


def joined(parts: Sequence[Part], on: Dialect) -> Joined:
    """The parts, ready to be asked for."""
    if len(parts) > 1 and on.name == "postgresql":
        return AtOnce.of(parts, on)
    statements = [ready(part.select("keys"), part.model, part.names, on) for part in parts]
    return InTurn(tuple(parts), tuple(statements))


@dataclass(frozen=True, slots=True)
class InTurn:
    """A statement for each part."""

    parts: tuple[Part, ...]
    statements: tuple[Ready, ...]

    @property
    def is_one(self) -> bool:
        """Whether one statement is all of it."""
        return len(self.parts) == 1

    async def rows(self, reader: Reader, given: Mapping[str, Any]) -> list[list[Any]]:
        """The rows of each part."""
        first, *others = self.statements
        found = [await first.rows(reader, given)]
        for part, statement in zip(self.parts[1:], others, strict=True):
            near = dict.fromkeys(getattr(row, part.near) for row, *_ in found[part.of])
            keys = [key for key in near if key is not None]
            found.append(await statement.rows(reader, {"keys": keys}) if keys else [])
        return found


@dataclass(frozen=True, slots=True)
class AtOnce:
    """One statement for all parts, of one record: the columns of each part as arrays."""

    statement: Ready
    makes: tuple[tuple[Make, slice], ...]

    @property
    def is_one(self) -> bool:
        """Whether one statement is all of it."""
        return True

    @classmethod
    def of(cls, parts: Sequence[Part], on: Dialect) -> "AtOnce":
        """The parts as one statement."""
        whole: Any = None
        ctes: list[CTE] = []
        makes: list[tuple[Make, slice]] = []
        columns: list[Any] = []
        for number, part in enumerate(parts):
            statement = part.select(_keys(ctes[part.of], parts[part.of], part) if ctes else "keys")
            selected = list(statement.selected_columns)
            named = [column.label(f"c{place}") for place, column in enumerate(selected)]
            cte = statement.with_only_columns(*named, maintain_column_froms=True).cte(f"p{number}")
            gathered = [func.array_agg(column).label(f"a{n}") for n, column in enumerate(cte.c)]
            table = select(*gathered).subquery(f"x{number}")
            ctes.append(cte)
            whole = table if whole is None else whole.join(table, true())
            makes.append(
                (
                    maker(part.model, part.names, [column.type for column in selected], on),
                    slice(len(columns), len(columns) + len(selected)),
                )
            )
            columns += table.c
        return cls(compiled(select(*columns).select_from(whole), list, on), tuple(makes))

    async def rows(self, reader: Reader, given: Mapping[str, Any]) -> list[list[Any]]:
        """The rows of each part."""
        [record] = await self.statement.rows(reader, given)
        found = []
        for make, place in self.makes:
            columns = record[place]
            found.append(make(zip(*columns, strict=True)) if columns[0] is not None else [])
        return found


def _keys(cte: CTE, of: Part, part: Part) -> Any:
    """The keys of a part, out of the rows of another: an array, which an index is asked for."""
    column = cte.c[f"c{of.names.index(part.near)}"]
    return func.array(select(column).correlate(None).scalar_subquery())
