"""One generic batch for every edge, through Strawberry's DataLoader.

A loader belongs to one place of one operation: the response path without list indexes. Keyed by
the edge alone, a key that another place had already loaded would answer a tick early and split
the batch behind it, and the number of statements would vary with the data.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from strawberry.dataloader import DataLoader

from models.database import Database
from resolvers import paging
from resolvers.access import Viewer, visible
from resolvers.connection import Question, windowed
from resolvers.edges import Asked, ToMany, ToOne
from resolvers.filters import sortable, terms
from resolvers.keys import keyed_by

Place = tuple[str, ...]


@dataclass(slots=True)
class Loaders:
    """The loaders of one operation."""

    database: Database
    viewer: Viewer
    by_place: dict[Hashable, DataLoader[Any, Any]] = field(default_factory=dict)
    running: set[asyncio.Task[Any]] = field(default_factory=set)

    def one(self, edge: ToOne, parent: Any, place: Place) -> Awaitable[Any] | None:
        """The target of a to-one edge; None where the parent names none."""
        key = getattr(parent, edge.near)
        if key is None:
            return None
        return self._at((place, edge), lambda keys: self._ones(edge, keys)).load(key)

    def many(self, edge: ToMany, parent: Any, place: Place) -> Awaitable[Any]:
        """All targets of a to-many edge."""
        return self._at((place, edge), lambda keys: self._lists(edge, keys)).load(parent.id)

    def page(
        self, question: Question, parent: Any, place: Place, asked: paging.Window
    ) -> Awaitable[Any]:
        """One page of the targets of a to-many edge."""
        loader = self._at((place, question.edge), lambda keys: self._pages(question, asked, keys))
        return loader.load(parent.id)

    def batched(
        self,
        answer: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]],
        parent: Any,
        place: Place,
    ) -> Awaitable[Any]:
        """What a batched field answers for this parent, asked together with its siblings."""
        return self._at((place, "batched"), answer, cache_key=id).load(parent)

    def give_up(self) -> None:
        """Cancel what is being loaded: nobody waits for it any more."""
        for task in tuple(self.running):
            task.cancel()

    def _at(
        self,
        place: Hashable,
        load: Callable[[list[Any]], Awaitable[Sequence[Any]]],
        cache_key: Callable[[Any], Hashable] | None = None,
    ) -> DataLoader[Any, Any]:
        loader = self.by_place.get(place)
        if loader is None:

            async def loaded(keys: list[Any]) -> Sequence[Any]:
                if (task := asyncio.current_task()) is not None:
                    self.running.add(task)
                    task.add_done_callback(self.running.discard)
                return await load(keys)

            loader = self.by_place[place] = DataLoader(loaded, cache_key_fn=cache_key)
        return loader

    async def _ones(self, edge: ToOne, keys: Sequence[int]) -> Sequence[Any]:
        statement = visible(edge.target, self.viewer).where(
            keyed_by(getattr(edge.target, edge.far), keys)
        )
        async with self.database.read() as session:
            rows = (await session.scalars(statement)).all()
        found = {getattr(row, edge.far): row for row in rows}
        return [found.get(key) for key in keys]

    async def _lists(self, edge: ToMany, keys: Sequence[int]) -> Sequence[list[Any]]:
        target = edge.target
        attached = edge.attach(
            visible(target, self.viewer),
            target,
            lambda parent: keyed_by(parent, keys),
            Asked(self.viewer),
        )
        order = [
            *(sortable(column).asc().nulls_last() for column in attached.order),
            *_identity(target),
        ]
        statement = attached.statement.add_columns(attached.parent.label("_parent"))
        async with self.database.read() as session:
            rows = (await session.execute(statement.order_by(*order))).all()
        lists: dict[int, list[Any]] = {key: [] for key in keys}
        for row, parent in rows:
            lists[parent].append(row)
        return [lists[key] for key in keys]

    async def _pages(
        self, question: Question, asked: paging.Window, keys: Sequence[int]
    ) -> Sequence[paging.Page]:
        rows: list[Any] = []
        order = terms(question.order_by, question.model, self.viewer)
        statement = windowed(question, order, asked, keys, self.viewer)
        if asked.size:
            async with self.database.read() as session:
                rows = list((await session.execute(statement)).all())
        groups = {
            parent: [(row[0], *row[2:]) for row in group]
            for parent, group in groupby(rows, key=itemgetter(1))
        }
        return [
            paging.page(groups.get(key, []), order, asked, question, parent=key) for key in keys
        ]


def _identity(target: type[Any]) -> list[Any]:
    return [column.asc() for column in target.__table__.primary_key.columns]
