"""What a viewer may see. Every read starts here, and nothing else decides."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking, and what for; ``admin`` is every scope."""

    name: str
    scopes: frozenset[str] = frozenset()

    def lacks(self, scope: str) -> str | None:
        """The scope, if the viewer does not have it."""
        return None if {scope, "admin"} & self.scopes else scope


LOCAL_VIEWER = Viewer("local", frozenset({"admin"}))
"""Whoever reaches a gateway that is bound to loopback and has no keys yet."""


def visible(entity: Any, viewer: Viewer) -> Select[Any]:
    """The rows of a model (or of an alias of it) that exist for the viewer.

    Lists, edges, counts, search, filters and orders are all made from this statement, so that a
    row which may not be seen is absent from each of them alike.
    """
    del viewer  # a viewer on loopback sees everything
    return select(entity)
