"""What a viewer may see and do. Every read starts here, and nothing else decides."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, inspect, or_, select
from sqlalchemy.orm import aliased

import models as m
from models.errors import Forbidden, Refusal
from resolvers.ownership import RULES, SHARED, WITH_EXPERIMENT, Reach
from resolvers.scopes import ADMIN, READ


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking, and what for; ``admin`` is every scope.

    ``actor`` tells callers apart and never changes; ``name`` is for people. ``teams`` are the row
    numbers of the teams whose rows are seen, with every team below them; None sees every row.
    ``rate_limit`` is in points a minute; None is the one that everybody has.
    ``until`` is when the credential expires; what was begun with it ends then.
    """

    actor: str
    name: str
    scopes: frozenset[str] = frozenset()
    teams: frozenset[int] | None = None
    include_unowned: bool = False
    user_id: int | None = None
    api_key_id: int | None = None
    rate_limit: int | None = None
    until: datetime | None = field(default=None, compare=False)

    @property
    def sight(self) -> Hashable:
        """What decides which rows exist: two viewers with the same one see the same."""
        return self.scopes, self.teams, self.include_unowned

    @property
    def team_bound(self) -> bool:
        """Whether the rows of some teams are all that is seen."""
        return self.teams is not None

    def lacks(self, scope: str) -> str | None:
        """The scope, if the viewer does not have it. Whoever may write may read."""
        noun, _, verb = scope.rpartition(":")
        sufficient = {scope, ADMIN} | ({f"{noun}:write"} if verb == "read" else set())
        return None if sufficient & self.scopes else scope

    def require(self, scope: str) -> None:
        """Raises a Refusal with Forbidden where the scope is missing."""
        if self.lacks(scope):
            raise Refusal(Forbidden.lacking(scope))


ANYBODY = Viewer("anybody", "anybody")
"""Whoever gave no credential: sees nothing and may do nothing."""


def require_read(model: type[Any], viewer: Viewer) -> None:
    """Raises a Refusal with Forbidden for a viewer who can see no row of the model at all."""
    if model in READ:
        viewer.require(READ[model])


def visible(entity: Any, viewer: Viewer) -> Select[Any]:
    """The rows of a model (or of an alias of it) that exist for the viewer.

    Lists, edges, counts, search, filters and orders are all made from this statement, so that a
    row which may not be seen is absent from each of them alike.
    """
    return narrowed(select(entity), entity, viewer)


def narrowed(statement: Select[Any], entity: Any, viewer: Viewer) -> Select[Any]:
    """A statement over a model or an alias, without the rows that do not exist for the viewer."""
    model = inspect(entity).mapper.class_
    if sees_all(model, viewer):
        return statement
    if _sees_none(model, viewer):
        return statement.where(false())
    if model in FOLLOWING:
        return statement.where(FOLLOWING[model].rule(entity, viewer))
    reach = Reach(tuple(sorted(viewer.teams or ())), viewer.include_unowned)
    return statement.where(RULES[model](entity, reach))


def sees_all(model: type[Any], viewer: Viewer) -> bool:
    """Whether every row of the model exists for the viewer."""
    if model in FOLLOWING:
        return all(sees_all(followed, viewer) for followed in FOLLOWING[model].models)
    return not _sees_none(model, viewer) and (viewer.teams is None or model in SHARED)


def _sees_none(model: type[Any], viewer: Viewer) -> bool:
    if model in FOLLOWING:
        return all(_sees_none(followed, viewer) for followed in FOLLOWING[model].models)
    return viewer.lacks(READ[model]) is not None


def _numbers(model: type[Any], column: str, viewer: Viewer) -> Select[Any]:
    """What a column of the visible rows holds."""
    row: Any = aliased(model)
    return narrowed(select(getattr(row, column)), row, viewer)


def _shown(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Some screenshot shows the file, or it is some user's avatar."""
    return or_(
        entity.id.in_(_numbers(m.Screenshot, "file_id", viewer)),
        entity.id.in_(_numbers(m.User, "avatar_id", viewer)),
    )


def _told(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The thing that changed exists; what belonged to an experiment is known by that."""
    models: tuple[type[Any], ...] = (*READ, m.File)
    subjects = [model for model in models if not _sees_none(model, viewer)]
    whole = [model for model in subjects if sees_all(model, viewer)]
    parts = [model for model in subjects if model not in whole]
    within = [model for model in parts if model in (m.Experiment, *WITH_EXPERIMENT)]
    ways = [entity.subject_type.in_([model.__name__ for model in whole])]
    if within:
        about = entity.subject_type.in_([model.__name__ for model in within])
        experiments = _numbers(m.Experiment, "id", viewer)
        ways.append(and_(about, entity.experiment_id.in_(experiments)))
    for model in parts:
        if model not in within:
            numbers = _numbers(model, "id", viewer)
            about = entity.subject_type == model.__name__
            ways.append(and_(about, entity.subject_id.in_(numbers)))
    return or_(*ways)


class Follows(NamedTuple):
    """Rows that take no scope of their own, with what they belong to and how that is known."""

    models: tuple[type[Any], ...]
    rule: Callable[[Any, Viewer], ColumnElement[bool]]


FOLLOWING: Mapping[type[Any], Follows] = {
    m.File: Follows((m.Screenshot, m.User), _shown),
    m.Event: Follows(tuple(READ), _told),
}
"""Models whose rows exist for a viewer with what they belong to."""
