"""Finding things by id and by key. One statement for each type that is asked."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Select, bindparam
from sqlmodel import col

from models import Experiment, Source
from models.errors import BadUserInput
from resolvers.access import require_read, visible
from resolvers.context import Context
from resolvers.filters import checked_text
from resolvers.identity import decode, decode_as, shorten
from resolvers.keys import keyed_by
from resolvers.reading import WHOLE, Statement, Wanted
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
        for row in await _numbered(context, model, numbers):
            found[model, row.id] = row
    return [found.get(key) for key in wanted]


async def node(context: Context, id: str) -> Any:  # noqa: A002  the argument is called id
    """The row of a global id; None where it is not there for the viewer."""
    return (await by_ids(context, [id]))[0]


async def nodes(context: Context, ids: Sequence[str]) -> list[Any]:
    """The rows of global ids, in their order."""
    return await by_ids(context, ids)


def one_of(model: type[Any]) -> Callable[..., Awaitable[Any]]:
    """A function that finds a row of one model by its global id."""

    async def find(
        context: Context,
        id: str,  # noqa: A002  the argument is called id
        wanted: Wanted = WHOLE,
        *,
        is_all: bool = False,
    ) -> Any:
        require_read(model, context.viewer)
        number = decode_as(model, id)
        found = await _numbered(context, model, [number], wanted, is_all=is_all)
        return found[0] if found else None

    return find


async def experiment(
    context: Context,
    id: str | None = None,  # noqa: A002  the argument is called id
    key: str | None = None,
    source: str | None = None,
    wanted: Wanted = WHOLE,
    *,
    is_all: bool = False,
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
        return await one_of(Experiment)(context, id, wanted, is_all=is_all)
    found = await _keyed(context, str(key), source, wanted)
    sources = {row.source_id for row in found}
    if len(sources) > 1:
        raise await _ambiguous(context, str(key), sources)
    return found[0] if found else None


async def _numbered(
    context: Context,
    model: Any,
    numbers: Sequence[int],
    wanted: Wanted = WHOLE,
    *,
    is_all: bool = False,
) -> list[Any]:
    """The rows of these numbers that are there for the viewer."""
    taken = wanted.columns(model)

    def build() -> Select[Any]:
        seen = visible(model, context.viewer).where(keyed_by(model.id, "keys"))
        return seen.with_only_columns(
            *(getattr(model, name) for name in taken), maintain_column_froms=True
        )

    statement = Statement(model, taken, build, model, wanted)
    found = await statement.rows(context, {"keys": numbers}, is_all=is_all)
    return [row for (row,) in found]


async def _keyed(context: Context, key: str, source: str | None, wanted: Wanted) -> list[Any]:
    """The iterations of an experiment, the latest one first."""
    row: Any = Experiment
    taken = wanted.columns(row, "source_id")
    given = {"wanted_key": checked_text("key", key)}
    if source is not None:
        given["wanted_source"] = checked_text("source", source)

    def build() -> Select[Any]:
        statement = visible(row, context.viewer).where(row.key == bindparam("wanted_key", ""))
        if source is not None:
            named = visible(Source, context.viewer).where(
                col(Source.name) == bindparam("wanted_source", "")
            )
            statement = statement.where(row.source_id.in_(named.with_only_columns(col(Source.id))))
        return statement.with_only_columns(
            *(getattr(row, name) for name in taken), maintain_column_froms=True
        ).order_by(row.iteration.desc(), row.id.desc())

    found = await Statement(row, taken, build, ("keyed", *given), wanted).rows(context, given)
    return [each for (each,) in found]


async def _ambiguous(context: Context, key: str, sources: Collection[int]) -> BadUserInput:
    """What is said of a key of several sources: only those who may read sources are told which."""
    message = f"The key {shorten(key)} is found in several sources"
    if context.viewer.lacks(read_scope(Source)):
        return BadUserInput(f"{message}. Ask with id.")
    statement = visible(Source, context.viewer).where(keyed_by(Source.id, list(sources)))
    async with context.database.read() as session:
        names = sorted(source.name for source in await session.scalars(statement))
    return BadUserInput(f"{message}: {', '.join(names)}. Say which with source.")
