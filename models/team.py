"""Teams: a tree, with members."""

from models.base import Link, Sourced, link, owned_by, text


class Team(Sourced, table=True):
    """A team; what it owns is owned by its ancestors as well."""

    name: str = text(index=True, nullable=False)
    initials: str | None = text()
    color: str | None = text()
    description: str | None = text()
    directory_id: str | None = text()
    is_global: bool = False
    archived: bool = False
    parent_id: int | None = link("team")


class TeamMember(Link, table=True):
    """A user who belongs to a team."""

    team_id: int = owned_by("team", primary_key=True, index=False)
    user_id: int = owned_by("user", primary_key=True)
