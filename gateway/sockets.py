"""WebSockets: who may open one, and what of theirs is spoken over it."""

from http import HTTPStatus

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from gateway.draining import Draining
from gateway.errors import Refused
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
        try:
            self._require(websocket)
        except Refused as refusal:
            denial = PlainTextResponse(refusal.message, refusal.status)
            await websocket.send_denial_response(denial)
            return
        if PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(SUBPROTOCOL_NOT_ACCEPTABLE, f"Only {PROTOCOL} is spoken here.")
        else:
            await websocket.accept(PROTOCOL)
            with self._draining.stream():
                socket = Socket(
                    websocket, self._operations, self._subscriptions, self._settings, self._draining
                )
                await socket.run()

    def _require(self, websocket: WebSocket) -> None:
        """Raises Refused where there is no room, and for pages of origins that are not allowed.

        Browsers let every page open a socket to anywhere, and say which one does.
        """
        self._draining.require_room(self._settings.max_streams)
        for origin in websocket.headers.getlist("origin"):
            is_own = origin.partition("://")[2] == websocket.headers.get("host")
            if not is_own and origin not in self._settings.allowed_origins:
                message = "Pages of this origin may not open sockets here."
                raise Refused(HTTPStatus.FORBIDDEN, message)
