"""Which pages of other origins may ask, and what of an answer they see."""

from collections.abc import Collection

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

# No credential is ever sent by a browser of its own accord, so that a page shows its key, or
# nothing: cookies are not allowed, because there are none.
SENT = ("Authorization", "If-None-Match", "Last-Event-ID", "X-Request-Id")
SEEN = ("ETag", "Retry-After", "WWW-Authenticate", "X-Request-Id")


def allowing(origins: Collection[str]) -> list[Middleware]:
    """What lets pages of these origins ask; without any, browsers allow none but our own."""
    if not origins:
        return []
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=SENT,
        expose_headers=SEEN,
    )
    return [cors]
