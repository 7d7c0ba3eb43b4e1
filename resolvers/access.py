"""What a viewer may see and do. Every read starts here, and nothing else decides."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from models.errors import Forbidden, Refusal

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking, and what for; ``admin`` is every scope.

    ``actor`` tells callers apart and never changes; ``name`` is for people. ``teams`` are the row
    numbers of the teams whose rows are seen, with every team below them; None sees every row.
    """

    actor: str
    name: str
    scopes: frozenset[str] = frozenset()
    teams: frozenset[int] | None = None
    include_unowned: bool = False
    user_id: int | None = None
    api_key_id: int | None = None

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


def visible(entity: Any, viewer: Viewer) -> Select[Any]:
    """The rows of a model (or of an alias of it) that exist for the viewer.

    Lists, edges, counts, search, filters and orders are all made from this statement, so that a
    row which may not be seen is absent from each of them alike.
    """
    del viewer  # a viewer on loopback sees everything
    return select(entity)
