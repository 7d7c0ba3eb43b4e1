"""One page of the targets of each of many parents, in one statement."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select

from resolvers import paging
from resolvers.connection import Question, windowed
from resolvers.ordering import terms
from resolvers.reading import WHOLE, Statement, Wanted

if TYPE_CHECKING:
    from resolvers.context import Context


async def pages(
    context: "Context",
    question: Question,
    asked: paging.Window,
    parents: Sequence[Any],
    wanted: Wanted = WHOLE,
) -> Sequence[paging.Page]:
    """One page of the targets of each parent; those that parents share are the same object."""
    model, viewer = question.model, context.viewer
    order = terms(question.order_by, model, viewer)
    keys = list(dict.fromkeys(parent.id for parent in parents))
    taken = wanted.columns(model)
    between = paging.between(order, asked)
    found: list[Any] = []

    def build() -> Select[Any]:
        return windowed(question, order, asked, between, taken, viewer)

    if asked.size:
        key = question.key(asked, order, between)
        given = {"keys": keys, **question.values, **between.values}
        found = await Statement(model, taken, build, key, wanted).rows(context, given)
    once: dict[int, Any] = {}
    groups = {
        parent: [(once.setdefault(row.id, row), *values) for row, _, *values in group]
        for parent, group in groupby(found, key=itemgetter(1))
    }
    return [
        paging.page(groups.get(parent.id, []), order, asked, question, parent=parent.id)
        for parent in parents
    ]
