"""Following an edge from many parents at once: one statement, and one answer for each parent."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select

from resolvers import paging
from resolvers.access import visible
from resolvers.connection import Question, windowed
from resolvers.edges import Asked, Owned, ToMany, ToOne
from resolvers.filters import sortable, terms
from resolvers.keys import keyed_by
from resolvers.reading import Names, chosen, rows

if TYPE_CHECKING:
    from resolvers.context import Context


async def ones(
    context: "Context", edge: ToOne, parents: Sequence[Any], names: Names = None
) -> Sequence[Any]:
    """The target of each parent; None where it names none, or none that the viewer sees."""
    near = [getattr(parent, edge.near) for parent in parents]
    keys = [key for key in dict.fromkeys(near) if key is not None]
    if not keys:
        return [None] * len(parents)
    target = edge.target
    taken = chosen(target, names, edge.far)

    def build() -> Select[Any]:
        seen = visible(target, context.viewer).where(keyed_by(getattr(target, edge.far), "keys"))
        return seen.with_only_columns(
            *(getattr(target, name) for name in taken), maintain_column_froms=True
        )

    found = await rows(context, target, taken, build, edge, keys=keys)
    by_key = {getattr(row, edge.far): row for (row,) in found}
    return [by_key.get(key) for key in near]


async def lists(
    context: "Context", edge: ToMany, parents: Sequence[Any], names: Names = None
) -> Sequence[list[Any]]:
    """All targets of each parent; those that parents share are the same object."""
    target: Any = edge.target
    lists: dict[int, list[Any]] = {parent.id: [] for parent in parents}
    taken = chosen(target, names)

    def build() -> Select[Any]:
        attached = edge.attach(
            visible(target, context.viewer),
            target,
            lambda parent: keyed_by(parent, "keys"),
            Asked(context.viewer),
        )
        return attached.statement.with_only_columns(
            *(getattr(target, name) for name in taken),
            attached.parent.label("_parent"),
            maintain_column_froms=True,
        ).order_by(
            *(sortable(column).asc().nulls_last() for column in attached.order),
            *(column.asc() for column in target.__table__.primary_key.columns),
        )

    found = await rows(context, target, taken, build, edge, keys=list(lists))
    if isinstance(edge, Owned):
        for row, parent in found:
            lists[parent].append(row)
    else:
        once: dict[int, Any] = {}
        for row, parent in found:
            lists[parent].append(once.setdefault(row.id, row))
    return [lists[parent.id] for parent in parents]


async def pages(
    context: "Context",
    question: Question,
    asked: paging.Window,
    parents: Sequence[Any],
    names: Names = None,
) -> Sequence[paging.Page]:
    """One page of the targets of each parent; those that parents share are the same object."""
    model, viewer = question.model, context.viewer
    order = terms(question.order_by, model, viewer)
    keys = list(dict.fromkeys(parent.id for parent in parents))
    taken = chosen(model, names)
    found: list[Any] = []

    def build() -> Select[Any]:
        statement = windowed(question, order, asked, taken, viewer)
        return statement.params(keys=keys) if key is None else statement

    key = question.key(asked)
    if asked.size:
        found = await rows(context, model, taken, build, key, keys=keys)
    once: dict[int, Any] = {}
    groups = {
        parent: [(once.setdefault(row.id, row), *values) for row, _, *values in group]
        for parent, group in groupby(found, key=itemgetter(1))
    }
    return [
        paging.page(groups.get(parent.id, []), order, asked, question, parent=parent.id)
        for parent in parents
    ]
