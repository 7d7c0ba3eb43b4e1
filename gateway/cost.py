"""What an operation costs, known before it runs: about one point for each thing that it may read.

The price of a field follows from its kind in `schema.fields`, so that a new edge has one already:

=====================  ======================================================================
column, computed       nothing
one                    1 for each parent
many                   `LISTED` for each parent, and what stands behind it as often
a page                 its size (`first` or `last`) for each parent, and what stands behind it
                       as often; 1 where the size is 0
batched                1 for each parent, or `LISTED` where it answers a list of objects
root                   1, or as many as `ids` are given, or `LISTED` where it answers a list
root of a mutation     `CHANGE`, or that as often as `ids` are given
`__schema`, `__type`   `SCHEMA` and `TYPE`
=====================  ======================================================================

Behind an abstract type the dearest branch counts. `nodes` and `edges` of one page show the same
rows, which are paid for as they are read, and a second time where both show them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.selection import Value
from resolvers import paging
from schema.kinds import Batched, Column, Computed, Many, Mutation, One, Paged, Root

LISTED = 3
"""How many things a list is taken to have that nobody gave a size. What comes beyond is paid for
once it has come."""

CHANGE = 10
SCHEMA, TYPE = 5_000, 50

PRICES: Mapping[type[Any], int] = {
    Column: 0,
    Computed: 0,
    One: 1,
    Many: 1,
    Paged: 1,
    Batched: 1,
    Root: 1,
    Mutation: CHANGE,
}
"""What each kind of field costs for one object that it answers."""

Variables = dict[str, Any]


class Cost(NamedTuple):
    """`points` are what is paid; `nodes` is how many things with an id may come.

    `shown` are points for rows of the page around, which were paid for when the page was read.
    """

    points: int = 0
    nodes: int = 0
    shown: int = 0

    @property
    def price(self) -> int:
        """What the whole operation is charged: nothing is for free."""
        return max(self.points + self.shown, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """How many rows a page has."""

    values: tuple[Value, ...]

    def size(self, variables: Variables) -> int:
        """The first value that is there, or the default."""
        for value in self.values:
            found = value.of(variables)
            if isinstance(found, int | float):
                return max(int(found), 0)
        return paging.DEFAULT_SIZE


@dataclass(frozen=True, slots=True)
class Ids:
    """How many ids a root field is given, by themselves or within its input."""

    values: tuple[Value]

    def size(self, variables: Variables) -> int | None:
        """The length of the list; None where no list is given."""
        found = self.values[0].of(variables)
        ids = found.get("ids") if isinstance(found, dict) else found
        return len(ids) if isinstance(ids, list) else None


@dataclass(slots=True)
class Step:
    """One field of the answer, with its price."""

    key: str
    price: int = 0
    sized: Window | Ids | None = None
    is_column: bool = False
    is_list: bool = False
    is_node: bool = False
    branches: tuple[tuple["Step", ...], ...] = ()

    def cost(self, parents: int, around: int | None, variables: Variables) -> Cost:
        """What it costs for so many parents; `around` is the size of the page that it is in."""
        size = self.sized.size(variables) if self.sized else None
        objects = parents * self._each(around if self.is_column else size)
        inner = self._dearest(objects, size, variables)
        nodes = inner.nodes + (objects if self.is_node else 0)
        if self.is_column:
            return Cost(inner.points, nodes, inner.shown + (objects if self.is_node else 0))
        if isinstance(self.sized, Window):
            return Cost(inner.points + max(objects * max(size or 0, 1), inner.shown), nodes)
        times = objects if self.is_list else objects * max(1 if size is None else size, 1)
        return Cost(inner.points + inner.shown + self.price * times, nodes)

    def _each(self, known: int | None) -> int:
        """How many objects come for one parent."""
        if not self.is_list:
            return 1
        return LISTED if known is None else known

    def _dearest(self, objects: int, size: int | None, variables: Variables) -> Cost:
        costs = [total(branch, objects, size, variables) for branch in self.branches]
        return Cost(*map(max, zip(*costs, strict=True))) if costs else Cost()


def total(steps: Sequence[Step], parents: int, around: int | None, variables: Variables) -> Cost:
    """What the fields of one selection cost together."""
    points = nodes = shown = 0
    for step in steps:
        cost = step.cost(parents, around, variables)
        points, nodes, shown = points + cost.points, nodes + cost.nodes, shown + cost.shown
    return Cost(points, nodes, shown)


@dataclass(slots=True)
class Shape:
    """Where in an answer the things stand that have an id."""

    is_node: bool = False
    inner: dict[str, "Shape"] = field(default_factory=dict)

    @classmethod
    def of(cls, steps: Sequence[Step]) -> "Shape":
        """The shape of the answer to an operation."""
        shape = cls()
        shape.add(steps)
        shape.prune()
        return shape

    def add(self, steps: Sequence[Step]) -> None:
        """Take in the fields of one more selection."""
        for step in steps:
            shape = self.inner.setdefault(step.key, Shape())
            shape.is_node |= step.is_node
            for branch in step.branches:
                shape.add(branch)

    def count(self, answer: Any) -> int:
        """How many of them came."""
        if isinstance(answer, list):
            return sum(map(self.count, answer))
        if not isinstance(answer, dict):
            return 0
        found = int(self.is_node)
        for key, shape in self.inner.items():
            inner = answer.get(key)
            if inner is None:
                continue
            if shape.inner:
                found += shape.count(inner)
            else:  # most of what comes is here, and is counted without a look
                found += len(inner) - inner.count(None) if isinstance(inner, list) else 1
        return found

    def prune(self) -> bool:
        """Forget where none of them stand. Whether there are any."""
        self.inner = {key: shape for key, shape in self.inner.items() if shape.prune()}
        return self.is_node or bool(self.inner)
