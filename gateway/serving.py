"""Answering requests until told to stop."""

import socket
from contextlib import suppress

import uvicorn

from gateway import logs
from gateway.app import create_app
from gateway.settings import Settings
from models.database import Database


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve on `listener` until SIGTERM or Ctrl-C; what is under way then gets five seconds."""
    logs.configure(settings.log_level, as_json=settings.logs_json)
    config = uvicorn.Config(
        create_app(settings, Database(settings.database_url)),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it once more when all is closed
        uvicorn.Server(config).run(sockets=[listener])
