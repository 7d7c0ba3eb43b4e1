"""Acting later in somebody's name: what they may do is kept, and looked at again when due."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.errors import Forbidden, Refusal
from resolvers.access import Viewer
from resolvers.api_key import holder_of


def document_of(viewer: Viewer) -> dict[str, Any]:
    """What is kept of a viewer; no secret is in it."""
    return {
        "actor": viewer.actor,
        "name": viewer.name,
        "scopes": sorted(viewer.scopes),
        "teams": None if viewer.teams is None else sorted(viewer.teams),
        "include_unowned": viewer.include_unowned,
        "user_id": viewer.user_id,
        "api_key_id": viewer.api_key_id,
    }


async def viewer_of(session: AsyncSession, document: dict[str, Any] | None, at: datetime) -> Viewer:
    """The viewer that was kept; one with an API key as that key is now.

    Raises a Refusal where the key is no longer good.
    """
    if document is None:
        raise _gone("Nobody knows in whose name this was asked.")
    if document["api_key_id"] is not None:
        return await _by_key(session, document, at)
    return Viewer(
        **{
            **document,
            "scopes": frozenset(document["scopes"]),
            "teams": None if document["teams"] is None else frozenset(document["teams"]),
        }
    )


async def _by_key(session: AsyncSession, document: dict[str, Any], at: datetime) -> Viewer:
    found = await holder_of(session, document["api_key_id"])
    if found is None or found[0].revoked_at is not None:
        raise _gone(f"The API key {document['name']!r} was revoked.")
    key, viewer = found
    if key.expires_at is not None and key.expires_at <= at:
        raise _gone(f"The API key {document['name']!r} has expired.")
    return viewer


def _gone(message: str) -> Refusal:
    return Refusal(Forbidden(message=message, scope=None))
