"""API keys: who may ask, what for, and whose experiments."""

from datetime import datetime

from sqlmodel import Field

from models.base import Link, Row, document, link, now, owned_by, text


class ApiKey(Row, table=True):
    """A credential. The secret itself is shown once and never kept: ``digest`` is its SHA-256.

    ``team_bound`` says that the key sees the rows of its teams only. It is a column of its own, so
    that a key whose teams are gone sees nothing, and not everything. ``rate_limit`` is in points a
    minute; None is the one that everybody has.
    """

    name: str = text(nullable=False)
    prefix: str = text(nullable=False)
    digest: str = text(unique=True, nullable=False)
    scopes: list[str] = document()
    team_bound: bool = False
    include_unowned: bool = False
    user_id: int | None = link("user")
    rate_limit: int | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)
    created_by: str | None = text()


class ApiKeyTeam(Link, table=True):
    """A team whose rows a key sees, with those of the teams below it."""

    api_key_id: int = owned_by("api_key", primary_key=True, index=False)
    team_id: int = owned_by("team", primary_key=True)
