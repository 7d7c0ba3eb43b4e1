"""Who asks, as they see themselves."""

from collections.abc import Sequence

from sqlmodel import col

from models import Team
from resolvers.access import Viewer, visible
from resolvers.context import Context
from resolvers.keys import keyed_by


async def viewer(context: Context) -> Viewer:
    """Whoever asks."""
    return context.viewer


def scopes(viewer: Viewer) -> list[str]:
    """What the viewer may do, by name."""
    return sorted(viewer.scopes)


async def teams(context: Context, viewers: Sequence[Viewer]) -> Sequence[Sequence[Team]]:
    """The teams that each viewer is bound to and those below them, by name."""
    numbers = sorted({team for viewer in viewers for team in viewer.teams or ()})
    if not numbers:
        return [[] for _ in viewers]
    statement = visible(Team, context.viewer).where(keyed_by(Team.id, numbers))
    async with context.database.read() as session:
        rows = list(await session.scalars(statement.order_by(col(Team.name), col(Team.id))))
    return [[row for row in rows if row.id in (viewer.teams or ())] for viewer in viewers]
