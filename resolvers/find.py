"""Finding things: by id, by key, by text. One statement for each type that is asked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, or_
from sqlmodel import col

from models import Experiment, Source
from models.errors import BadUserInput
from models.folding import FUNCTION, fold
from resolvers.access import visible
from resolvers.context import Context
from resolvers.filters import checked_text, contained
from resolvers.identity import decode, decode_as, shorten
from resolvers.keys import keyed_by

MOST_IDS = 200
MOST_MATCHES = 200


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


@dataclass(frozen=True, slots=True)
class Searched:
    """A model with the text columns that a search looks through; the first is its name."""

    model: type[Any]
    columns: tuple[str, ...]


async def search(
    context: Context,
    text: str,
    first: int,
    searched: Sequence[Searched],
) -> list[Any]:
    """Rows that hold the text, best first: names that are it, begin with it, contain it; the rest.

    One statement for each model. Raises BadUserInput for an empty text.
    """
    if not text.strip():
        raise BadUserInput("text is empty.")
    if not 1 <= first <= MOST_MATCHES:
        raise BadUserInput(f"first is {first}; it may be 1 to {MOST_MATCHES}.")
    wanted = checked_text("text", text.strip())
    matches: list[tuple[int, int, str, int, Any]] = []
    for place, entry in enumerate(searched):
        for row, rank, name in await _matches(context, entry, wanted, first):
            matches.append((rank, place, name or "", row.id, row))
    return [row for *_, row in sorted(matches, key=lambda match: match[:4])[:first]]


async def _matches(
    context: Context, entry: Searched, wanted: str, first: int
) -> Sequence[tuple[Any, int, str | None]]:
    model = entry.model
    columns = [getattr(model, column) for column in entry.columns]
    name = columns[0]
    folded: Any = getattr(func, FUNCTION)(name)
    rank = case(
        (folded == fold(wanted), 0),
        (folded.startswith(fold(wanted), autoescape=True), 1),
        (contained(wanted, name), 2),
        else_=3,
    ).label("rank")
    statement = (
        visible(model, context.viewer)
        .where(or_(*(contained(wanted, column) for column in columns)))
        .add_columns(rank, name.label("name"))
        .order_by(rank, name.asc().nulls_last(), model.id)
        .limit(first)
    )
    async with context.database.read() as session:
        return [row.tuple() for row in await session.execute(statement)]
