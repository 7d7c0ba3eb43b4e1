"""Finding things by text: one statement for each type, merged into one connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, literal, or_, select

from models.errors import BadUserInput
from models.folding import FUNCTION, fold
from resolvers import paging
from resolvers.access import visible
from resolvers.context import Context
from resolvers.filters import checked_text, contained
from resolvers.ordering import Term


@dataclass(frozen=True, slots=True)
class Searched:
    """A model with what a search looks through: what its rows are called, and further texts."""

    model: type[Any]
    names: tuple[str | Callable[[Any], Any], ...]
    texts: tuple[str, ...] = ()

    def named(self) -> list[Any]:
        """What the rows are called, as expressions; the first is what they are sorted by."""
        return [
            getattr(self.model, name) if isinstance(name, str) else name(self.model)
            for name in self.names
        ]

    def found(self, wanted: str, context: Context) -> Select[Any]:
        """The rows that hold the text."""
        texts = [*self.named(), *(getattr(self.model, text) for text in self.texts)]
        holds = or_(*(contained(wanted, text) for text in texts))
        return visible(self.model, context.viewer).where(holds)

    def terms(self, wanted: str, place: int) -> list[Term]:
        """Names that are the text, begin with it, contain it, then the rest; by type and name."""
        names = self.named()
        folded: list[Any] = [getattr(func, FUNCTION)(name) for name in names]
        rank = case(
            (or_(*(name == fold(wanted) for name in folded)), 0),
            (or_(*(name.startswith(fold(wanted), autoescape=True) for name in folded)), 1),
            (or_(*(contained(wanted, name) for name in names)), 2),
            else_=3,
        )
        model: Any = self.model
        return [
            Term("rank", rank, descending=False),
            Term("type", literal(place), descending=False),
            Term("name", names[0], descending=False),
            Term("id", model.id, descending=False, nullable=False),
        ]


@dataclass(frozen=True, slots=True)
class Search:
    """A text, and where it is looked for."""

    wanted: str
    searched: tuple[Searched, ...]

    async def totals(self, context: Context, pages: Sequence[paging.Page]) -> Sequence[int]:
        """How many rows hold the text, in all types together, in one statement."""
        counts = [
            select(func.count())
            .select_from(
                entry.found(self.wanted, context)
                .with_only_columns(literal(1), maintain_column_froms=True)
                .subquery()
            )
            .scalar_subquery()
            for entry in self.searched
        ]
        async with context.database.read() as session:
            row = (await session.execute(select(*counts))).one() if counts else ()
        return [sum(row) for _ in pages]


async def search(
    context: Context, text: str, searched: Sequence[Searched], asked: paging.Window
) -> paging.Page:
    """A page of the rows that hold the text, best first. Raises BadUserInput for an empty text."""
    if not text.strip():
        raise BadUserInput("text is empty.")
    wanted = checked_text("text", text.strip())
    question = Search(wanted, tuple(searched))
    rows: list[Any] = []
    order: list[Term] = []
    for place, entry in enumerate(searched):
        order = entry.terms(wanted, place)
        between = paging.between(order, asked)
        statement = (
            entry.found(wanted, context)
            .where(between.condition)
            .params(**between.values)
            .add_columns(*(term.expression for term in order))
            .order_by(*paging.ordering(order, backwards=asked.backwards))
            .limit(asked.size + 1)
        )
        async with context.database.read() as session:
            rows += (await session.execute(statement)).all()
    rows.sort(key=_place, reverse=asked.backwards)
    return paging.page(rows[: asked.size + 1], order, asked, question)


def _place(row: Any) -> tuple[Any, ...]:
    _, rank, place, name, number = row
    return rank, place, name is None, name or "", number
