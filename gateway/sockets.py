"""WebSockets: who may open one, and what of theirs is spoken over it."""

from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from gateway.draining import Draining
from gateway.following import Subscriptions
from gateway.operations import Operations
from gateway.settings import Settings
from gateway.socket import PROTOCOL, Socket

SUBPROTOCOL_NOT_ACCEPTABLE = 4406


class Sockets:
    """Opens sockets for GraphQL."""

    def __init__(
        self,
        operations: Operations,
        subscriptions: Subscriptions,
        settings: Settings,
        draining: Draining,
    ) -> None:
        self._operations = operations
        self._subscriptions = subscriptions
        self._settings = settings
        self._draining = draining

    async def respond(self, websocket: WebSocket) -> None:
        """Speak with a client until one of the two ends it."""
        if self._draining.announced:
            await _deny(websocket, 503, "The gateway stops.")
        elif not self._may_come(websocket):
            await _deny(websocket, 403, "Pages of this origin may not open sockets here.")
        elif PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(SUBPROTOCOL_NOT_ACCEPTABLE, f"Only {PROTOCOL} is spoken here.")
        else:
            await websocket.accept(PROTOCOL)
            with self._draining.stream():
                socket = Socket(
                    websocket, self._operations, self._subscriptions, self._settings, self._draining
                )
                await socket.run()

    def _may_come(self, websocket: WebSocket) -> bool:
        """Whether it is no browser, or one that shows our own page or an allowed one.

        Browsers let every page open a socket to anywhere, and say which one does.
        """
        origins = websocket.headers.getlist("origin")
        if not origins:
            return True
        [origin] = origins if len(origins) == 1 else [""]
        own = urlsplit(origin).netloc == websocket.headers.get("host")
        return bool(origin) and (own or origin in self._settings.allowed_origins)


async def _deny(websocket: WebSocket, status: int, message: str) -> None:
    await websocket.send_denial_response(PlainTextResponse(message, status))
