"""Answering requests until told to stop."""

import asyncio
import signal
from types import FrameType

import uvicorn

from gateway import logs
from gateway.app import create_app
from gateway.draining import Draining
from gateway.settings import Settings
from models.database import Database


class Server(uvicorn.Server):
    """A server that ends in order when it is told to, and at once when it is told again.

    For `drain_seconds` it goes on, saying that it is not ready; then streams end; then nobody new
    is let in, and what is under way is finished. All but the first takes `shutdown_seconds` each
    at the most.
    """

    def __init__(self, config: uvicorn.Config, settings: Settings, draining: Draining) -> None:
        super().__init__(config)
        self._settings = settings
        self._draining = draining
        self._drained: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Be told to stop. uvicorn would raise the signal once more when all is closed."""
        del sig, frame
        self._draining.announced = True
        for again in (signal.SIGINT, signal.SIGTERM):
            signal.signal(again, signal.SIG_DFL)

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop letting anybody in; asked ten times a second."""
        if self._draining.announced and self._drained is None:
            self._drained = asyncio.create_task(self._drain())
        return await super().on_tick(counter)

    async def _drain(self) -> None:
        await asyncio.sleep(self._settings.drain_seconds)
        await self._draining.end_streams(self._settings.shutdown_seconds)
        self.should_exit = True


def server(settings: Settings) -> Server:
    """What serves, once it is run, until SIGTERM or Ctrl-C, and then for as long as settings allow.

    Nothing is opened yet. Raises InvalidManifest.
    """
    logs.configure(settings.log_level, as_json=settings.logs_json)
    draining = Draining()
    config = uvicorn.Config(
        create_app(settings, Database(settings.database_url), draining),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        ws="websockets-sansio",
        ws_max_size=settings.max_body_bytes,
        ws_per_message_deflate=False,
    )
    return Server(config, settings, draining)
