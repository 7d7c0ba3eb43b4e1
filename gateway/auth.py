"""From the credential of a request to its viewer, or to a refusal that gives nothing away."""

from hmac import compare_digest

from starlette.requests import Request

from gateway.errors import Refused
from gateway.settings import Settings
from resolvers.access import ANYBODY, Viewer
from resolvers.scopes import ADMIN

SCHEMES = {"api-key", "bearer"}
CHALLENGE = 'Api-Key realm="trialgraph", Bearer realm="trialgraph"'

BOOTSTRAP = Viewer("bootstrap", "the bootstrap key", frozenset({ADMIN}))
"""Whoever has the key that the process was started with."""


class Unauthenticated(Refused):
    """The request has no credential, or one that is not accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(401, message, {"WWW-Authenticate": CHALLENGE})


class Authentication:
    """Who asks. One for the process."""

    def __init__(self, settings: Settings) -> None:
        key = settings.bootstrap_key
        self._bootstrap = key and key.get_secret_value().strip().encode()

    async def viewer(self, request: Request) -> Viewer:
        """Whose credential the request carries; ANYBODY without one. Raises Unauthenticated."""
        given = request.headers.getlist("authorization")
        if not given:
            return ANYBODY
        secret = _secret(given)
        if self._bootstrap and compare_digest(secret, self._bootstrap):
            return BOOTSTRAP
        raise Unauthenticated("The key is not known.")


def _secret(given: list[str]) -> bytes:
    """What stands behind the scheme, as the bytes that were sent."""
    scheme, _, secret = given[0].strip().partition(" ")
    if len(given) > 1 or scheme.lower() not in SCHEMES or not secret.strip():
        raise Unauthenticated(
            "The header Authorization must be 'Api-Key KEY' or 'Bearer TOKEN', once."
        )
    return secret.strip().encode("latin-1")
