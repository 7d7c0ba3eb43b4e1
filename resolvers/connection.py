"""Connections: one page of a list, for the root or for each of many parents, and its count."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Select, func, literal_column, select

from resolvers import paging
from resolvers.access import Viewer, visible
from resolvers.edges import Asked, ToMany
from resolvers.filters import Conditions
from resolvers.keys import keyed_by
from resolvers.ordering import Term, terms
from resolvers.reading import WHOLE, Statement, Wanted

if TYPE_CHECKING:
    from resolvers.context import Context


PARENT = "_parent"
NUMBER = "_number"


@dataclass(frozen=True, slots=True)
class Question:
    """What a connection was asked for: the edge (None at the root), and its arguments."""

    model: type[Any]
    edge: ToMany | None
    where: Conditions | None = None
    order_by: Sequence[Any] | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the conditions, which are parameters."""
        return self.where.values if self.where else {}

    def matching(self, viewer: Viewer) -> Select[Any]:
        """The rows that the conditions let through, of any parent."""
        statement = visible(self.model, viewer)
        if self.where is None:
            return statement
        return statement.where(self.where.on(self.model, viewer))

    def key(self, asked: paging.Window, order: Sequence[Term], between: paging.Between) -> Hashable:
        """What the statement for a page depends on, beside the viewer."""
        named = tuple(term.name for term in order)
        window = asked.size, asked.backwards, between.form
        form = self.where.form if self.where else None
        return self.model, self.edge, *self.arguments.items(), form, named, window

    async def totals(self, context: "Context", pages: Sequence[paging.Page]) -> Sequence[int]:
        """How many rows the connection of each page has, in one statement."""
        statement = self.matching(context.viewer).params(**self.values)
        if self.edge is None:
            rows = statement.with_only_columns(self.model.id).subquery()
            async with context.database.read() as session:
                total = await session.scalar(select(func.count()).select_from(rows))
            return [total or 0 for _ in pages]
        keys = list({page.parent for page in pages if page.parent is not None})
        attached = self.edge.attach(
            statement,
            self.model,
            lambda parent: keyed_by(parent, keys),
            Asked(context.viewer, self.arguments),
        )
        grouped = attached.statement.with_only_columns(
            attached.parent, func.count(), maintain_column_froms=True
        )
        async with context.database.read() as session:
            counted = (await session.execute(grouped.group_by(attached.parent))).all()
        found = {parent: total for parent, total in counted}  # noqa: C416  rows are no pairs
        return [found.get(page.parent, 0) for page in pages]


async def root_page(
    context: "Context",
    question: Question,
    asked: paging.Window,
    wanted: Wanted = WHOLE,
    *,
    is_all: bool = False,
) -> paging.Page:
    """One page of a root list; ``is_all`` says that nothing more is read for it."""
    model, viewer = question.model, context.viewer
    order = terms(question.order_by, model, viewer)
    taken = wanted.columns(model)
    between = paging.between(order, asked)

    def build() -> Select[Any]:
        return (
            question.matching(viewer)
            .where(between.condition)
            .with_only_columns(
                *(getattr(model, name) for name in taken),
                *(term.expression for term in order),
                maintain_column_froms=True,
            )
            .order_by(*paging.ordering(order, backwards=asked.backwards))
            # Where it cannot see how few are wanted, PostgreSQL plans each time anew.
            .limit(literal_column(str(asked.size + 1), Integer))
        )

    if not asked.size:
        return paging.page([], order, asked, question)
    key = question.key(asked, order, between)
    statement = Statement(model, taken, build, key, wanted)
    given = {**question.values, **between.values}
    found = await statement.rows(context, given, is_all=is_all)
    return paging.page(found, order, asked, question)


async def total_counts(context: "Context", pages: Sequence[paging.Page]) -> Sequence[int]:
    """How many rows the connection of each page has, in one statement for each question.

    Behind an abstract type, pages of different edges stand at one place.
    """
    totals: dict[int, int] = {}
    for question in {id(page.question): page.question for page in pages}.values():
        asked = [page for page in pages if page.question is question]
        counted = await question.totals(context, asked)
        totals |= {id(page): total for page, total in zip(asked, counted, strict=True)}
    return [totals[id(page)] for page in pages]


def windowed(
    question: Question,
    order: Sequence[Any],
    asked: paging.Window,
    between: paging.Between,
    names: Sequence[str],
    viewer: Viewer,
) -> Select[Any]:
    """A page for each parent in the parameter ``keys``, as columns ``names`` and the parent.

    Rows are numbered within their parent, and cut at the size.
    """
    model, edge = question.model, question.edge
    if edge is None:
        raise TypeError("a root list has no parents")
    attached = edge.attach(
        question.matching(viewer).where(between.condition),
        model,
        lambda parent: keyed_by(parent, "keys"),
        Asked(viewer, question.arguments),
    )
    number = func.row_number().over(
        partition_by=attached.parent,
        order_by=paging.ordering(order, backwards=asked.backwards),
    )
    numbered = attached.statement.with_only_columns(
        *(getattr(model, name).label(name) for name in names),
        attached.parent.label(PARENT),
        number.label(NUMBER),
        *(term.expression.label(f"_term_{index}") for index, term in enumerate(order)),
        maintain_column_froms=True,
    ).subquery()
    values = [numbered.c[f"_term_{index}"] for index in range(len(order))]
    return (
        select(*(numbered.c[name] for name in names), numbered.c[PARENT], *values)
        .where(numbered.c[NUMBER] <= asked.size + 1)
        .order_by(numbered.c[PARENT], numbered.c[NUMBER])
    )
