"""The targets of an edge: the statement that finds them, and whose each of them is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select

from resolvers.access import Viewer, visible
from resolvers.edges import Asked, Owned, ToMany, ToOne
from resolvers.keys import keyed_by
from resolvers.ordering import sortable


def near_of(edge: ToOne | ToMany) -> str:
    """The column of a parent that its targets are found by."""
    return edge.near if isinstance(edge, ToOne) else "id"


def far_of(edge: ToOne | ToMany) -> tuple[str, ...]:
    """The columns of a target that its parents are found by."""
    return (edge.far,) if isinstance(edge, ToOne) else ()


def found_by(edge: ToOne | ToMany, names: Sequence[str], keys: Any, viewer: Viewer) -> Select[Any]:
    """Those of the targets of some parents that exist for the viewer, as columns ``names``.

    Those of a to-many edge come with the key of their parent, in their order.
    """
    target: Any = edge.target
    columns = [getattr(target, name) for name in names]
    if isinstance(edge, ToOne):
        seen = visible(target, viewer).where(keyed_by(getattr(target, edge.far), keys))
        return seen.with_only_columns(*columns, maintain_column_froms=True)
    attached = edge.attach(
        visible(target, viewer), target, lambda parent: keyed_by(parent, keys), Asked(viewer)
    )
    return attached.statement.with_only_columns(
        *columns, attached.parent.label("_parent"), maintain_column_froms=True
    ).order_by(
        *(sortable(column).asc().nulls_last() for column in attached.order),
        *(column.asc() for column in target.__table__.primary_key.columns),
    )


def spread(
    edge: ToOne | ToMany, parents: Sequence[Any], found: Sequence[Any]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """What each parent has of the rows that were found, and these rows, each of them once."""
    if isinstance(edge, ToOne):
        near, far = edge.near, edge.far
        rows = [row for (row,) in found]
        by_key = {getattr(row, far): row for row in rows}
        return [by_key.get(getattr(parent, near)) for parent in parents], rows
    lists: dict[int, list[Any]] = {parent.id: [] for parent in parents}
    if isinstance(edge, Owned):
        for row, parent in found:
            lists[parent].append(row)
        rows = [row for row, _ in found]
    else:
        once: dict[int, Any] = {}
        for row, parent in found:
            lists[parent].append(once.setdefault(row.id, row))
        rows = list(once.values())
    return [lists[parent.id] for parent in parents], rows
