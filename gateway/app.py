"""The one place where the parts meet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from strawberry import Schema

from gateway import cors, explorer, probes, scheduler
from gateway.documents import Prepared
from gateway.draining import Draining
from gateway.errors import Refused
from gateway.following import Subscriptions
from gateway.http import Endpoint, refused
from gateway.logs import RequestLog
from gateway.operations import Operations
from gateway.platforms import Platforms
from gateway.settings import Settings
from gateway.sockets import Sockets
from gateway.streams import Streams
from models.database import Database
from schema.roots import build

COMPRESSED = Middleware(
    GZipMiddleware,
    minimum_size=1024,
    # A tenth of the bytes for half a millisecond in 100 kB; the last level takes ten times as long.
    compresslevel=4,
    # What is sent as it is, of what there is here: the list is gone through for each answer.
    exclude_content_types=("text/event-stream", "font/woff", "font/woff2", "image/png"),
)


@cache
def graph() -> Schema:
    """The schema of this process: Strawberry cannot build a second one from the same classes."""
    return build(extensions=[Prepared])


def create_app(
    settings: Settings, database: Database, draining: Draining | None = None
) -> Starlette:
    """The gateway over `database`, which it closes when it stops."""
    draining = draining or Draining()
    platforms = Platforms(database, settings)
    operations = Operations(graph(), database, settings, platforms)
    subscriptions = Subscriptions(graph(), database, operations)
    streams = Streams(subscriptions, settings, draining)
    endpoint = Endpoint(operations, streams, settings)
    sockets = Sockets(operations, subscriptions, settings, draining)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        explorer.tell()
        async with (
            scheduler.running(database, settings.schedule_seconds),
            platforms.running(),
            operations.running(),
        ):
            yield
        await database.dispose()

    return Starlette(
        routes=[
            Route("/graphql", endpoint, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", sockets.respond),
            Route("/livez", probes.live),
            Route("/readyz", probes.Readiness(database, draining).respond),
            *explorer.routes(),
        ],
        middleware=[
            Middleware(RequestLog),
            *cors.allowing(settings.allowed_origins),
            COMPRESSED,
        ],
        exception_handlers={HTTPException: not_routed},
        lifespan=lifespan,
    )


async def not_routed(request: Request, error: Exception) -> Response:
    """The answer where no route, or no method of it, fits."""
    if not isinstance(error, HTTPException):
        raise error
    message = f"There is no {request.method} {request.url.path}; GraphQL is at /graphql."
    return refused(Refused(error.status_code, message, dict(error.headers or {})))
