"""What an orchestrator asks: is the process alive, and may it be sent requests."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.draining import STOPS, Draining
from migrations.revisions import head, stands_at
from models.database import Database


async def live(_: Request) -> Response:
    """Whether the process answers at all; it touches nothing else."""
    return JSONResponse({"status": "ok"})


class Readiness:
    """Whether the database answers, has the schema of this code, and the process is to go on."""

    def __init__(self, database: Database, draining: Draining) -> None:
        self._database = database
        self._draining = draining
        self._head = head()

    async def respond(self, _: Request) -> Response:
        """200, or 503 with the reason."""
        problem = await self._problem()
        if problem:
            return JSONResponse({"status": "unavailable", "reason": problem}, 503)
        return JSONResponse({"status": "ok"})

    async def _problem(self) -> str | None:
        if self._draining.announced:
            return STOPS
        try:
            async with self._database.read() as session:
                found = await stands_at(session)
        except (SQLAlchemyError, OSError):
            found = None
        if found is None:
            return "The database does not answer, or was never migrated."
        if found != self._head:
            return f"The database is at migration {found}; this version needs {self._head}."
        return None
