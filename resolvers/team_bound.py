"""Keys that are bound to teams: what they make or change must stay in their sight."""

from typing import Any

from sqlalchemy import select

from models.arguments import FieldError
from models.base import Link
from resolvers.change import Change
from resolvers.writing import Check, Patch

MESSAGE = "Your key is bound to teams: teams must name at least one of them."


def owned_by_own_team(link: type[Link], near: str) -> Check:
    """Teams that keep the row in sight; for nouns that teams own, through the link table.

    At least one of the viewer's teams is among them, or none at all where the viewer sees what
    nobody owns.
    """

    async def check(change: Change, row: Any, patch: Patch) -> None:
        viewer = change.viewer
        if viewer.teams is None or (row is not None and "teams" not in patch.links):
            return
        wanted = {entry["team_id"] for entry in patch.links.get("teams", ())}
        if wanted & viewer.teams:
            return
        hidden = row is not None and await _has_others(change, link, near, row)
        if wanted or hidden or not viewer.include_unowned:
            patch.wrong.append(FieldError(("teams",), MESSAGE, "team_bound"))

    return check


async def _has_others(change: Change, link: Any, near: str, row: Any) -> bool:
    """Whether teams own the row that the viewer does not see: they stay in its list."""
    teams = await change.session.scalars(select(link.team_id).where(getattr(link, near) == row.id))
    return not set(teams) <= (change.viewer.teams or set())
