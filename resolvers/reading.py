"""Rows of statements that are asked again and again: compiled once for whoever sees the same."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select

from execution.kept import Kept
from models.joined import Joined, Part, joined
from models.rows import columns_of, keys_of
from resolvers.access import Viewer
from resolvers.edges import ToMany, ToOne
from resolvers.targets import far_of, found_by, near_of, spread

if TYPE_CHECKING:
    from resolvers.context import Context

KEPT: Kept[Hashable, Joined] = Kept(2_000)
"""Compiled statements by what they depend on; a statement takes some 20 kB."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of the rows at one place: the columns, and the edges that are followed at once.

    All columns are read where ``names`` is None; otherwise those by which edges are followed and
    rows told apart are among them.
    """

    names: tuple[str, ...] | None = None
    along: tuple["Along", ...] = ()

    @classmethod
    def of(cls, model: type[Any], names: set[str], along: Sequence["Along"]) -> "Wanted":
        """Some columns of a model, with those that are needed whatever is asked."""
        near = {near_of(each.edge) for each in along}
        return cls(tuple(sorted({*keys_of(model), *names, *near})), tuple(along))

    def columns(self, model: type[Any], *needed: str) -> tuple[str, ...]:
        """The columns of the model to read, and further ones."""
        if self.names is None:
            return columns_of(model)
        further = [name for name in needed if name not in self.names]
        return tuple(sorted((*self.names, *further))) if further else self.names

    @property
    def size(self) -> int:
        """How many statements that is."""
        return 1 + sum(along.wanted.size for along in self.along)


WHOLE = Wanted()


@dataclass(frozen=True, slots=True)
class Along:
    """An edge that is followed at once; each row has its targets in the attribute ``slot``."""

    edge: ToOne | ToMany
    wanted: Wanted
    slot: str

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the targets to read."""
        return self.wanted.columns(self.edge.target, *far_of(self.edge))

    def parts(self, of: int, at: int, viewer: Viewer) -> Iterator[Part]:
        """The statements for it, of which the first one has the number ``at``."""
        edge, names = self.edge, self.names

        def select(keys: Any) -> Select[Any]:
            return found_by(edge, names, keys, viewer)

        yield Part(edge.target, names, select, of, near_of(edge))
        yield from parts(self.wanted.along, at, viewer)

    def put(self, parents: Sequence[Any], found: Iterator[list[Any]]) -> None:
        """Give the parents what was found for it, by all of its statements."""
        values, rows = spread(self.edge, parents, next(found))
        slot = self.slot
        for parent, value in zip(parents, values, strict=True):
            parent.__dict__[slot] = value
        for along in self.wanted.along:
            along.put(rows, found)


def parts(along: Sequence[Along], of: int, viewer: Viewer) -> Iterator[Part]:
    """The statements for some edges from the rows of the part ``of``, which are the next ones."""
    at = of + 1
    for each in along:
        yield from each.parts(of, at, viewer)
        at += each.wanted.size


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that selects columns of a model, and then anything else.

    What ``build`` makes depends on the key, on what the viewer sees, and on nothing else.
    """

    model: type[Any]
    names: tuple[str, ...]
    build: Callable[[], Select[Any]]
    key: Hashable
    wanted: Wanted

    async def rows(
        self, context: "Context", given: Mapping[str, Any], *, is_all: bool = False
    ) -> list[Any]:
        """(row, *values beside it), with what is ``given`` for parameters that are open.

        ``is_all`` says that nothing more is read for the field that is answered.
        """
        statements = self._ready(context)
        is_all = is_all and statements.is_one
        async with context.database.reading(is_all=is_all) as reader:
            first, *others = await statements.rows(reader, given)
        self._put(first, others)
        return first

    def _ready(self, context: "Context") -> Joined:
        database, viewer = context.database, context.viewer
        key = (self.key, self.names, self.wanted, database.is_sqlite, viewer.sight)
        found = KEPT.get(key)
        if found is None:
            whole = Part(self.model, self.names, lambda _: self.build())
            further = parts(self.wanted.along, 0, viewer)
            made = joined([whole, *further], database.reader.dialect)
            found = KEPT.keep(key, made, self.wanted.size)
        return found

    def _put(self, first: Sequence[Any], others: Sequence[list[Any]]) -> None:
        if others:
            rows, found = _each(first), iter(others)
            for along in self.wanted.along:
                along.put(rows, found)


async def followed(
    context: "Context", edge: ToOne | ToMany, parents: Sequence[Any], wanted: Wanted = WHOLE
) -> Sequence[Any]:
    """Following an edge from many parents at once: the target of each, or all its targets.

    A target is None where a parent names none, or none that the viewer sees. Those that parents
    share are the same object.
    """
    near = near_of(edge)
    keys = [key for key in dict.fromkeys(getattr(row, near) for row in parents) if key is not None]
    if not keys:
        return spread(edge, parents, [])[0]
    names = wanted.columns(edge.target, *far_of(edge))

    def build() -> Select[Any]:
        return found_by(edge, names, "keys", context.viewer)

    found = await Statement(edge.target, names, build, edge, wanted).rows(context, {"keys": keys})
    return spread(edge, parents, found)[0]


def _each(found: Sequence[Any]) -> list[Any]:
    """The rows at the head of records, each of them once."""
    return list({id(row): row for row, *_ in found}.values())
