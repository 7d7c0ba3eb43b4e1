"""Answering requests until told to stop."""

import asyncio
import os
import signal
import socket
from types import FrameType

import uvicorn

from gateway import logs
from gateway.app import create_app
from gateway.draining import Draining
from gateway.protocol import Protocol, SocketProtocol
from gateway.settings import Settings
from gateway.workers import Workers
from models.database import Database


class Server(uvicorn.Server):
    """A server that ends in order when it is told to, and at once when it is told again.

    For `drain_seconds` it goes on, saying that it is not ready; then streams end; then nobody new
    is let in, and what is under way is finished. All but the first takes `shutdown_seconds` each
    at the most.
    """

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet. Raises InvalidManifest."""
        self._settings = settings
        self._began_by = os.getpid() if settings.workers > 1 else None
        self.draining = Draining()
        self._drained: asyncio.Task[None] | None = None
        super().__init__(_config(settings, self.draining))

    def serve_on(self, listener: socket.socket) -> int:
        """Serve on a socket that listens until SIGTERM or Ctrl-C. Returns the exit status."""
        logs.configure(self._settings.log_level, as_json=self._settings.logs_json)
        if self._settings.workers == 1:
            self.run(sockets=[listener])
            return 0
        return Workers(lambda: self.run(sockets=[listener]), self._settings.workers).run()

    def stop(self) -> None:
        """Begin to end."""
        self.draining.announced = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Be told to stop. uvicorn would raise the signal once more when all is closed."""
        del sig, frame
        self.stop()
        for again in (signal.SIGINT, signal.SIGTERM):
            signal.signal(again, signal.SIG_DFL)

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop letting anybody in; asked ten times a second."""
        if self._began_by not in {None, os.getppid()}:
            self.stop()  # nobody is left who could tell it to
        if self.draining.announced and self._drained is None:
            self._drained = asyncio.create_task(self._drain())
        return await super().on_tick(counter)

    async def _drain(self) -> None:
        await asyncio.sleep(self._settings.drain_seconds)
        await self.draining.end_streams(self._settings.shutdown_seconds)
        self.should_exit = True


def _config(settings: Settings, draining: Draining) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, Database(settings.database_url), draining),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        http=Protocol,
        ws=SocketProtocol,
        ws_max_size=settings.max_body_bytes,
        ws_per_message_deflate=False,
    )
