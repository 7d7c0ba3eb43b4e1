"""Favourites: who follows which experiment."""

from datetime import datetime

from models.base import Link, owned_by


class Favorite(Link, table=True):
    """A user's mark on an experiment."""

    experiment_id: int = owned_by("experiment", primary_key=True, index=False)
    user_id: int = owned_by("user", primary_key=True)
    created_at: datetime | None = None
