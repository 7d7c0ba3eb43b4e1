"""A bounded memory: what was not asked for longest gives way."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by their keys, each with a weight, which are ``room`` together at most."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        """How many values are kept."""
        return len(self._values)

    def get(self, key: K) -> V | None:
        """The value of a key, if it is kept."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V, weight: int = 1) -> V:
        """Keep a value, unless it alone is heavier than everything may be."""
        _, before = self._values.pop(key, (None, 0))
        self._values[key] = (value, weight)
        self.room += before - weight
        while self.room < 0:
            _, (_, freed) = self._values.popitem(last=False)
            self.room += freed
        return value
