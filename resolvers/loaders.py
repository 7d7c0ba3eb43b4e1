"""How Strawberry's executor asks for many parents at once: one DataLoader for each place.

A place is the response path without list indexes, in one operation. Keyed by less, what another
place had already loaded would answer a tick early and split the batch behind it, and the number of
statements would vary with the data.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from strawberry.dataloader import DataLoader

Place = tuple[str, ...]

Batch = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]


@dataclass(slots=True)
class Loaders:
    """The loaders of one operation."""

    by_place: dict[Place, DataLoader[Any, Any]] = field(default_factory=dict)
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    held: list[Any] = field(default_factory=list)
    """The parents: while they are here, no other object gets the id of one."""

    def load(self, batch: Batch, parent: Any, place: Place) -> Awaitable[Any]:
        """What the batch answers for this parent, asked together with its siblings."""
        loader = self.by_place.get(place)
        if loader is None:

            async def loaded(parents: list[Any]) -> Sequence[Any]:
                if (task := asyncio.current_task()) is not None:
                    self.running.add(task)
                    task.add_done_callback(self.running.discard)
                return await batch(parents)

            loader = self.by_place[place] = DataLoader(loaded, cache_key_fn=id)
        self.held.append(parent)
        return loader.load(parent)

    def give_up(self) -> None:
        """Cancel what is being loaded: nobody waits for it any more."""
        for task in tuple(self.running):
            task.cancel()
