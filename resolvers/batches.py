"""Following an edge from many parents at once: one statement, and one answer for each parent."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from resolvers import paging
from resolvers.access import visible
from resolvers.connection import Question, windowed
from resolvers.edges import Asked, ToMany, ToOne
from resolvers.filters import sortable, terms
from resolvers.keys import keyed_by

if TYPE_CHECKING:
    from resolvers.context import Context


async def ones(context: "Context", edge: ToOne, parents: Sequence[Any]) -> Sequence[Any]:
    """The target of each parent; None where it names none, or none that the viewer sees."""
    near = [getattr(parent, edge.near) for parent in parents]
    keys = [key for key in dict.fromkeys(near) if key is not None]
    if not keys:
        return [None] * len(parents)
    far = getattr(edge.target, edge.far)
    statement = visible(edge.target, context.viewer).where(keyed_by(far, keys))
    async with context.database.read() as session:
        rows = (await session.scalars(statement)).all()
    found = {getattr(row, edge.far): row for row in rows}
    return [found.get(key) for key in near]


async def lists(context: "Context", edge: ToMany, parents: Sequence[Any]) -> Sequence[list[Any]]:
    """All targets of each parent."""
    target = edge.target
    found: dict[int, list[Any]] = {parent.id: [] for parent in parents}
    keys = list(found)
    attached = edge.attach(
        visible(target, context.viewer),
        target,
        lambda parent: keyed_by(parent, keys),
        Asked(context.viewer),
    )
    order = [
        *(sortable(column).asc().nulls_last() for column in attached.order),
        *(column.asc() for column in target.__table__.primary_key.columns),
    ]
    statement = attached.statement.add_columns(attached.parent.label("_parent"))
    async with context.database.read() as session:
        for row, parent in (await session.execute(statement.order_by(*order))).all():
            found[parent].append(row)
    return [found[parent.id] for parent in parents]


async def pages(
    context: "Context", question: Question, asked: paging.Window, parents: Sequence[Any]
) -> Sequence[paging.Page]:
    """One page of the targets of each parent."""
    rows: list[Any] = []
    order = terms(question.order_by, question.model, context.viewer)
    keys = list(dict.fromkeys(parent.id for parent in parents))
    statement = windowed(question, order, asked, keys, context.viewer)
    if asked.size:
        async with context.database.read() as session:
            rows = list((await session.execute(statement)).all())
    groups = {
        parent: [(row[0], *row[2:]) for row in group]
        for parent, group in groupby(rows, key=itemgetter(1))
    }
    return [
        paging.page(groups.get(parent.id, []), order, asked, question, parent=parent.id)
        for parent in parents
    ]
