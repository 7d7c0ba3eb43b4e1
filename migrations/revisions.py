"""Where a database stands, and where it should: all that a process needs to know that serves it.

Alembic, which brings it there, takes a fifth of a second to be imported.
"""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

VERSIONS = Path(__file__).parent / "versions"


def head() -> str:
    """The newest revision that this code knows: files are called by their revisions."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


async def stands_at(session: AsyncSession) -> str | None:
    """The revision of a database; None before the first migration."""
    try:
        found: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        return None
    return found
