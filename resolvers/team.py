"""What can be written of a team: teams are a tree, with members."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

import models as m
from models.arguments import FieldError
from models.rules import key_text, long_text, name_text
from resolvers.change import Change
from resolvers.writing import Links, Noun, Patch, Reference, Value


async def stays_a_tree(change: Change, row: Any, patch: Patch) -> None:
    """No team is above itself. Whoever moves teams waits for others who do."""
    parent = patch.values.get("parent_id")
    if row is None or parent is None:
        return
    await change.session.execute(_moving(patch.source))
    if row.id in set(await change.session.scalars(_and_above(parent))):
        message = "This team is above the parent that it is given."
        patch.wrong.append(FieldError(("parent",), message, "cycle"))


async def stays_below(change: Change, row: Any, patch: Patch) -> None:
    """A key that is bound to teams keeps a team below one of its own."""
    if change.viewer.teams is None or patch.values.get("parent_id") is not None:
        return
    if row is None or ("parent_id" in patch.values and row.parent_id is not None):
        message = "Your key is bound to teams: parent must be one of them."
        patch.wrong.append(FieldError(("parent",), message, "team_bound"))


async def root_stays(_: Change, row: Any, patch: Patch) -> None:
    """The team to which everybody belongs is never archived, as on ABsmartly."""
    if row is not None and row.is_global and patch.values.get("archived"):
        message = "The team to which everybody belongs cannot be archived."
        patch.wrong.append(FieldError(("archived",), message, "root"))


def _moving(source: m.Source) -> Select[Any]:
    """The sources whose teams may stand above each other: all of our own, or the one."""
    number = col(m.Source.id)
    together = [number == source.id]
    if source.platform is m.Platform.LOCAL:
        together.append(col(m.Source.platform) == m.Platform.LOCAL)
    statement = select(number).where(or_(*together)).order_by(number)
    return statement.with_for_update(key_share=True)


def _and_above(team: int) -> Select[Any]:
    """The numbers of a team and of all above it."""
    near: Any = aliased(m.Team)
    above: Any = aliased(m.Team)
    tree = select(near.id, near.parent_id).where(near.id == team).cte("above", recursive=True)
    further = select(above.id, above.parent_id).join(tree, above.id == tree.c.parent_id)
    return select(tree.union(further).c.id)


TEAM = Noun(
    model=m.Team,
    fields={
        "name": Value(name_text),
        "initials": Value(key_text),
        "color": Value(key_text),
        "description": Value(long_text),
        "directory_id": Value(key_text),
        "archived": Value(),
        "parent": Reference(m.Team),
        "users": Links(m.TeamMember, m.User, "team_id", "user_id"),
    },
    checks=(stays_a_tree, stays_below, root_stays),
    held_by=(m.TeamMember,),
)
