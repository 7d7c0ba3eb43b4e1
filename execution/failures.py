"""What failed, where it stands in the answer, and what becomes null because of it.

The errors are those that the reference reports where every field answers at once, in its order: a
field is finished, with all that is below it, before the next one begins. What a failure makes null
is not executed any further, so that what would have failed there later is not reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from graphql import GraphQLError, located_error

from execution.completing import At
from execution.plan import Field, Selection

Path = tuple[str | int, ...]
Rank = tuple[int, ...]
"""A path with the numbers of fields in place of their keys: paths are passed in this order."""


@dataclass(slots=True, eq=False)
class Frame:
    """The objects that one selection is answered for, each of them once, and their answers.

    An object may stand at several places of the answer, which then share what is answered for it.
    """

    selection: Selection
    rows: Sequence[Any]
    within: "Frame | None" = None
    by: Field | None = None
    """The field that leads here; None at the root."""
    values: Sequence[Any] = ()
    """What it gave for each row of the frame around this one."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    _places: list[list[tuple[Path, Rank]]] | None = None

    @property
    def places(self) -> list[list[tuple[Path, Rank]]]:
        """Where each object stands, from the top of the answer."""
        if self._places is None:
            self._places = self._find()
        return self._places

    def _find(self) -> list[list[tuple[Path, Rank]]]:
        if self.within is None or self.by is None:
            return [[((), ())]]
        numbers = {id(row): number for number, row in enumerate(self.rows)}
        found: list[list[tuple[Path, Rank]]] = [[] for _ in self.rows]
        for places, value in zip(self.within.places, self.values, strict=True):
            for path, rank in places:
                start = ((*path, self.by.key), (*rank, self.by.number))
                _walk(value, self.by.shape.depth, start, numbers, found)
        return found


def _walk(
    value: Any,
    depth: int,
    place: tuple[Path, Rank],
    numbers: dict[int, int],
    found: list[list[tuple[Path, Rank]]],
) -> None:
    path, rank = place
    if depth and value is not None:
        for index, item in enumerate(value):
            _walk(item, depth - 1, ((*path, index), (*rank, index)), numbers, found)
    elif (number := numbers.get(id(value))) is not None:
        found[number].append(place)


class Failure(NamedTuple):
    """An exception, and the value that it stands for."""

    frame: Frame
    field: Field
    at: At
    error: Exception


class Located(NamedTuple):
    """A failure at one of its places."""

    rank: Rank
    path: Path
    failure: Failure

    @property
    def survivor(self) -> int:
        """How long the path is of what becomes null."""
        return self.failure.field.survivor(len(self.failure.at) - 1)


def settled(
    answer: dict[str, Any], failures: Sequence[Failure]
) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """The answer with its nulls, and the errors in their order."""
    errors: list[GraphQLError] = []
    nulled: set[Rank] = set()
    data: dict[str, Any] | None = answer
    for located in sorted(_located(failures), key=attrgetter("rank")):
        rank = located.rank
        if any(rank[:length] in nulled for length in range(len(rank) + 1)):
            continue
        failure = located.failure
        errors.append(located_error(failure.error, failure.field.nodes, list(located.path)))
        length = located.survivor
        nulled.add(rank[:length])
        if length:
            _clear(answer, located.path[:length])
        else:
            data = None
    return data, errors


def _located(failures: Sequence[Failure]) -> list[Located]:
    found = []
    for failure in failures:
        row, *indexes = failure.at
        for path, rank in failure.frame.places[row]:
            key, number = failure.field.key, failure.field.number
            found.append(Located((*rank, number, *indexes), (*path, key, *indexes), failure))
    return found


def _clear(answer: Any, path: Path) -> None:
    """Put null at a place, unless something above it is null already: places share answers."""
    *way, last = path
    for key in way:
        answer = answer[key]
        if answer is None:
            return
    answer[last] = None
