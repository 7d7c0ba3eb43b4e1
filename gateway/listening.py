"""The socket that the gateway answers on, taken before any other work starts."""

import errno
import os
import socket

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  an address to be told otherwise
"""Every address of this machine, and one that it has among them."""


class CannotListen(Exception):
    """The address cannot be served; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that already accepts connections, so that no one else can take the port.

    Raises CannotListen.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if (error.errno or 0) < 0:  # a resolver's code, which strerror does not know
            raise CannotListen(f"{host} is no name of this machine.") from error
        reason = f"cannot be listened on: {os.strerror(error.errno or 0)}"
        if error.errno == errno.EADDRINUSE:
            reason = "is taken: stop the program that has it, or set TRIALGRAPH_PORT to another"
        raise CannotListen(f"Port {port} of {host} {reason}.") from error


def url_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds what listens there."""
    host, port = listener.getsockname()[:2]
    host = EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
