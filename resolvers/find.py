"""Finding things by id and by key. One statement for each type that is asked."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlmodel import col

from models import Experiment, Source
from models.errors import BadUserInput
from resolvers.access import visible
from resolvers.context import Context
from resolvers.filters import checked_text
from resolvers.identity import decode, decode_as, shorten
from resolvers.keys import keyed_by

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
    if (id is None) == (key is None):
        raise BadUserInput("Give either id or key.")
    if id is not None:
        if source is not None:
            raise BadUserInput("source goes with key, not with id.")
        return await one_of(Experiment)(context, id)
    statement = (
        visible(Experiment, context.viewer)
        .join(Source, col(Source.id) == col(Experiment.source_id))
        .add_columns(col(Source.name))
        .where(col(Experiment.key) == checked_text("key", str(key)))
        .order_by(col(Experiment.iteration).desc(), col(Experiment.id).desc())
    )
    if source is not None:
        statement = statement.where(col(Source.name) == checked_text("source", source))
    async with context.database.read() as session:
        rows = (await session.execute(statement)).all()
    names = sorted({name for _, name in rows})
    if len(names) > 1:
        raise BadUserInput(
            f"The key {shorten(str(key))} is found in several sources: {', '.join(names)}. "
            "Say which with source."
        )
    return rows[0][0] if rows else None
