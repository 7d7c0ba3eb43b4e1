"""Goals: events that units achieve, and what metrics are computed from."""

from enum import StrEnum

from models.base import Link, Sourced, choice, owned_by, text


class GoalType(StrEnum):
    """How achievements are counted, where a platform says so."""

    UNIQUE = "UNIQUE"
    COUNT = "COUNT"
    OTHER = "OTHER"


class Goal(Sourced, table=True):
    """An event worth measuring."""

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    type: GoalType | None = choice(GoalType)
    native_type: str | None = text()
    archived: bool = False


class GoalTag(Link, table=True):
    """A tag on a goal."""

    goal_id: int = owned_by("goal", primary_key=True, index=False)
    tag_id: int = owned_by("tag", primary_key=True)


class GoalTeam(Link, table=True):
    """A team that owns a goal."""

    goal_id: int = owned_by("goal", primary_key=True, index=False)
    team_id: int = owned_by("team", primary_key=True)


class GoalOwner(Link, table=True):
    """A user who owns a goal."""

    goal_id: int = owned_by("goal", primary_key=True, index=False)
    user_id: int = owned_by("user", primary_key=True)
