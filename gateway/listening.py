"""The socket that the gateway answers on, taken before any other work starts."""

import errno
import os
import socket
from ipaddress import ip_address

from gateway.settings import InvalidSettings


class CannotListen(Exception):
    """The address cannot be served; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that already accepts connections, so that no one else can take the port.

    Raises CannotListen, and InvalidSettings for an address that other machines can reach.
    """
    _require_loopback(host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = f"cannot be listened on: {os.strerror(error.errno or 0)}"
        if error.errno == errno.EADDRINUSE:
            reason = "is taken: stop the program that has it, or set TRIALGRAPH_PORT to another"
        raise CannotListen(f"Port {port} of {host} {reason}.") from error


def _require_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise InvalidSettings(
            f"TRIALGRAPH_HOST={host} is refused: without API keys, which do not exist yet, "
            "only this machine may reach Trialgraph. Use 127.0.0.1, ::1 or localhost."
        )


def url_of(listener: socket.socket) -> str:
    """Where a browser finds what listens there."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
