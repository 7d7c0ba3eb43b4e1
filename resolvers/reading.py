"""Rows of statements that are asked again and again: compiled once for whoever sees the same."""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Select

from execution.kept import Kept
from models.rows import Ready, bare, columns_of, keys_of, ready

if TYPE_CHECKING:
    from resolvers.context import Context

KEPT: Kept[Hashable, Ready] = Kept(2_000)
"""Compiled statements by what they depend on; a statement takes some 20 kB."""

Names = tuple[str, ...] | None
"""The columns to read; None for all of them."""


def chosen(model: type[Any], names: Names, *needed: str) -> tuple[str, ...]:
    """The columns to read, with those that are needed whatever is asked."""
    if names is None:
        return columns_of(model)
    return tuple(sorted({*keys_of(model), *names, *needed}))


async def rows(
    context: "Context",
    model: type[Any],
    names: tuple[str, ...],
    build: Callable[[], Select[Any]],
    key: Hashable,
    **given: Any,
) -> list[Any]:
    """(row, *values beside it) of a statement that selects the columns ``names`` of a model.

    What is built depends on the key, on what the viewer sees, and on nothing else; parameters that
    it leaves open are ``given``. With None as the key it is built each time.
    """
    database, viewer = context.database, context.viewer
    async with database.read() as session:
        if key is None:
            return bare(cast("Any", model), names)((await session.execute(build())).all())
        whole = (
            key,
            names,
            database.is_sqlite,
            viewer.scopes,
            viewer.teams,
            viewer.include_unowned,
        )
        found = KEPT.get(whole)
        if found is None:
            found = KEPT.keep(whole, ready(build(), model, names, database.reader.dialect))
        return await found.rows(session, **given)
