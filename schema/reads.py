"""What is read of a model's rows at one place of an operation: the columns, and what is joined."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from execution import Attribute, Batch, Field, Selection
from models.rows import columns_of
from resolvers.reading import Along, Wanted
from schema.kinds import KIND, Column, Computed, Many, One, Paged

MOST = 24
"""How many statements are joined at most: planning a larger one would take too long."""


def of_rows(field: Field, model: type[Any]) -> Wanted:
    """What is read of the rows that a field leads to."""
    return _Joining().wanted(model, list(field.selections.values()))


def of_page(field: Field, model: type[Any]) -> Wanted:
    """What is read of the rows on the page that a field leads to."""
    rows: list[Selection] = []
    for page in field.selections.values():
        for each in page.fields:
            if each.name == "nodes":
                rows += each.selections.values()
            elif each.name == "edges":
                rows += _nodes(each)
    return _Joining().wanted(model, rows)


def _nodes(edges: Field) -> Iterator[Selection]:
    for edge in edges.selections.values():
        for each in edge.fields:
            yield from each.selections.values()


class _Joining:
    """Takes over the edges below one place, which then need no batch of their own.

    Rows of one place may be shown by several selections; each of them has slots of its own.
    """

    def __init__(self) -> None:
        self._numbers = iter(range(MOST))

    def wanted(self, model: type[Any], selections: Sequence[Selection]) -> Wanted:
        names = _names(model, selections)
        found = [self._along(field) for each in selections for field in each.fields]
        along = [each for each in found if each is not None]
        return Wanted(None, tuple(along)) if names is None else Wanted.of(model, names, along)

    def _along(self, field: Field) -> Along | None:
        kind = _declared(field)
        if not isinstance(kind, One | Many) or not isinstance(field.kind, Batch):
            return None
        number = next(self._numbers, None)
        if number is None:
            return None
        slot = f"_{number}"
        field.kind = Attribute(slot)
        return Along(
            kind.edge, self.wanted(kind.edge.target, list(field.selections.values())), slot
        )


def _names(model: type[Any], selections: Iterable[Selection]) -> set[str] | None:
    """The columns that are read; None where that may be any."""
    names: set[str] = set()
    for selection in selections:
        for field in selection.fields:
            read = _read(field)
            if read is None:
                return None
            names |= set(read)
    return names if names <= set(columns_of(model)) else None


def _read(field: Field) -> tuple[str, ...] | None:
    """The attributes that a field reads of its parent; None where that may be any."""
    kind = _declared(field)
    if kind is None:  # __typename
        return ()
    if isinstance(kind, Column):
        return (field.definition.extensions["strawberry-definition"].python_name,)
    if isinstance(kind, Computed):
        return kind.columns
    if isinstance(kind, One):
        return (kind.edge.near,)
    return ("id",) if isinstance(kind, Many | Paged) else None


def _declared(field: Field) -> Any:
    """The kind of a field, as the schema declares it."""
    declared = field.definition.extensions.get("strawberry-definition")
    return declared.metadata[KIND] if declared is not None else None
