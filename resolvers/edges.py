"""The forms that an edge of the graph can take. `resolvers.relations` is made of them.

Every edge is a frozen value, and says once in SQL what joins its two ends: a to-one edge by ``on``,
a to-many edge by ``attach``, which joins a statement over targets to their parents. Loaders,
filters and orders follow the same edges. With ``once`` False a pair may count several times, which
is cheaper where only existence is asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, union, union_all
from sqlalchemy.orm import aliased

from models.base import Link, Row, Table
from resolvers.access import Viewer

Restriction = Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who follows an edge, and with which arguments of its field."""

    viewer: Viewer
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Attached(NamedTuple):
    """A statement over targets, with the column that names each one's parent."""

    statement: Select[Any]
    parent: Any
    order: Sequence[Any]


@dataclass(frozen=True, slots=True)
class ToOne:
    """At most one target: the parent's column ``near`` holds what the target's ``far`` does."""

    target: type[Row]
    near: str
    far: str = "id"

    def on(self, parent: Any, target: Any) -> ColumnElement[bool]:
        """When the two are joined."""
        joined: ColumnElement[bool] = getattr(target, self.far) == getattr(parent, self.near)
        return joined


@dataclass(frozen=True, slots=True)
class Owned:
    """Many targets that each name their parent in ``column``."""

    target: type[Table]
    column: str
    order: tuple[str, ...] = ()

    def attach(
        self,
        statement: Select[Any],
        target: Any,
        restriction: Restriction,
        asked: Asked,
        *,
        once: bool = True,
    ) -> Attached:
        """The statement over the targets of the parents that the restriction lets through."""
        del asked, once
        parent = getattr(target, self.column)
        order = [getattr(target, name) for name in self.order]
        return Attached(statement.where(restriction(parent)), parent, order)


@dataclass(frozen=True, slots=True)
class Linked:
    """Many targets through a link table, in the order that the link rows keep."""

    target: type[Row]
    link: type[Link]
    near: str
    far: str

    def attach(
        self,
        statement: Select[Any],
        target: Any,
        restriction: Restriction,
        asked: Asked,
        *,
        once: bool = True,
    ) -> Attached:
        """The statement over the targets of the parents that the restriction lets through."""
        del asked, once
        link: Any = aliased(self.link)
        parent = getattr(link, self.near)
        joined = statement.join(link, getattr(link, self.far) == target.id)
        return Attached(joined.where(restriction(parent)), parent, [link.position])


@dataclass(frozen=True, slots=True)
class Paired:
    """Many targets by pairs of row numbers, for edges that several tables make together.

    ``arms`` answers, for what is asked, the statements that select ``parent`` and ``child``; a pair
    that several of them find counts once. What lies between the two must exist for the viewer.
    """

    target: type[Row]
    arms: Callable[[Asked], Sequence[Select[Any]]]

    def attach(
        self,
        statement: Select[Any],
        target: Any,
        restriction: Restriction,
        asked: Asked,
        *,
        once: bool = True,
    ) -> Attached:
        """The statement over the targets of the parents that the restriction lets through."""
        arms = [arm.where(restriction(_parent(arm))) for arm in self.arms(asked)]
        if once:
            pairs = (arms[0].distinct() if len(arms) == 1 else union(*arms)).subquery()
        else:
            pairs = union_all(*arms).subquery()
        return Attached(statement.join(pairs, pairs.c.child == target.id), pairs.c.parent, [])


def _parent(arm: Select[Any]) -> Any:
    return arm.exported_columns["parent"].element


ToMany = Owned | Linked | Paired
Edge = ToOne | ToMany
