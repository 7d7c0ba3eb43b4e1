"""Which columns of a model's rows a selection reads, so that no others are fetched."""

from collections.abc import Iterable, Iterator
from typing import Any

from execution import Field, Selection
from models.rows import columns_of
from resolvers.reading import Names
from schema.kinds import KIND, Column, Computed, Many, One, Paged


def of_rows(field: Field, model: type[Any]) -> Names:
    """The columns of the rows that a field leads to; None for all of them."""
    return _known(model, field.selections.values())


def of_page(field: Field, model: type[Any]) -> Names:
    """The columns of the rows on the page that a field leads to; None for all of them."""
    rows: list[Selection] = []
    for page in field.selections.values():
        for each in page.fields:
            if each.name == "nodes":
                rows += each.selections.values()
            elif each.name == "edges":
                rows += _nodes(each)
    return _known(model, rows)


def _nodes(edges: Field) -> Iterator[Selection]:
    for edge in edges.selections.values():
        for each in edge.fields:
            yield from each.selections.values()


def _known(model: type[Any], selections: Iterable[Selection]) -> Names:
    names: set[str] = set()
    for selection in selections:
        for field in selection.fields:
            read = _read(field)
            if read is None:
                return None
            names |= set(read)
    return tuple(sorted(names)) if names <= set(columns_of(model)) else None


def _read(field: Field) -> tuple[str, ...] | None:
    """The attributes that a field reads of its parent; None where that may be any."""
    declared = field.definition.extensions.get("strawberry-definition")
    if declared is None:  # __typename
        return ()
    kind = declared.metadata[KIND]
    if isinstance(kind, Column):
        return (declared.python_name,)
    if isinstance(kind, Computed):
        return kind.columns
    if isinstance(kind, One):
        return (kind.edge.near,)
    return ("id",) if isinstance(kind, Many | Paged) else None
