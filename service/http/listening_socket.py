"""The socket that the service listens on, opened before anything else, so that a busy port is known at once."""

import errno
import socket

from schema.errors import SetUpError

BACKLOG = 2048
_REASONS = {
    errno.EADDRINUSE: "is in use",
    errno.EACCES: "may not be opened by this user",
    errno.EADDRNOTAVAIL: "is not an address of this machine",
}


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises SetUpError when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SetUpError(f"cannot listen on {host}; choose another with --host") from error
    try:
        # Connections of an earlier start that linger in TIME_WAIT are no reason to refuse.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        reason = _REASONS.get(error.errno or 0, "cannot be opened")
        raise SetUpError(f"port {port} on {host} {reason}; choose another with --port") from error
    return listening


def local_url(listening: socket.socket) -> str:
    """How a program on this machine reaches it."""
    host, port = listening.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - printed, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
