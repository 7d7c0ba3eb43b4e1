"""Finding things by id and by key. One statement for each type that is asked."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import col

from models import Experiment, Source
from models.errors import BadUserInput
from resolvers.access import require_read, visible
from resolvers.context import Context
from resolvers.filters import checked_text
from resolvers.identity import decode, decode_as, shorten
from resolvers.keys import keyed_by
from resolvers.scopes import read_scope

MOST_IDS = 200


async def by_ids(context: Context, ids: Sequence[str]) -> list[Any]:
    """The rows of global ids, in their order; None where a row is not there for the viewer."""
    if len(ids) > MOST_IDS:
        raise BadUserInput(f"{len(ids)} ids were given; {MOST_IDS} is the most.")
    wanted = [decode(text) for text in ids]
    found: dict[tuple[Any, int], Any] = {}
    for model in dict.fromkeys(model for model, _ in wanted):
        numbers = [number for kind, number in wanted if kind is model]
        statement = visible(model, context.viewer).where(keyed_by(model.id, numbers))
        async with context.database.read() as session:
            found |= {(model, row.id): row for row in await session.scalars(statement)}
    return [found.get(key) for key in wanted]


async def node(context: Context, id: str) -> Any:  # noqa: A002  the argument is called id
    """The row of a global id; None where it is not there for the viewer."""
    return (await by_ids(context, [id]))[0]


async def nodes(context: Context, ids: Sequence[str]) -> list[Any]:
    """The rows of global ids, in their order."""
    return await by_ids(context, ids)


def one_of(model: type[Any]) -> Callable[..., Awaitable[Any]]:
    """A function that finds a row of one model by its global id."""

    async def find(context: Context, id: str) -> Any:  # noqa: A002  the argument is called id
        require_read(model, context.viewer)
        decode_as(model, id)
        return await node(context, id)

    return find


async def experiment(
    context: Context,
    id: str | None = None,  # noqa: A002  the argument is called id
    key: str | None = None,
    source: str | None = None,
) -> Any:
    """An experiment by id, or the latest iteration of a key.

    Raises BadUserInput when neither or both are given, and for a key of several sources.
    """
    require_read(Experiment, context.viewer)
    if (id is None) == (key is None):
        raise BadUserInput("Give either id or key.")
    if id is not None:
        if source is not None:
            raise BadUserInput("source goes with key, not with id.")
        return await one_of(Experiment)(context, id)
    row: Any = aliased(Experiment)
    statement = (
        visible(row, context.viewer)
        .where(row.key == checked_text("key", str(key)))
        .order_by(row.iteration.desc(), row.id.desc())
    )
    if source is not None:
        named = visible(Source, context.viewer).where(
            col(Source.name) == checked_text("source", source)
        )
        statement = statement.where(row.source_id.in_(named.with_only_columns(col(Source.id))))
    async with context.database.read() as session:
        rows = list(await session.scalars(statement))
    sources = {found.source_id for found in rows}
    if len(sources) > 1:
        raise await _ambiguous(context, str(key), sources)
    return rows[0] if rows else None


async def _ambiguous(context: Context, key: str, sources: Collection[int]) -> BadUserInput:
    """What is said of a key of several sources: only those who may read sources are told which."""
    message = f"The key {shorten(key)} is found in several sources"
    if context.viewer.lacks(read_scope(Source)):
        return BadUserInput(f"{message}. Ask with id.")
    statement = visible(Source, context.viewer).where(keyed_by(Source.id, list(sources)))
    async with context.database.read() as session:
        names = sorted(source.name for source in await session.scalars(statement))
    return BadUserInput(f"{message}: {', '.join(names)}. Say which with source.")
