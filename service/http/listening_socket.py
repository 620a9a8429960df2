"""The socket that the service listens on. It is opened first, so that a busy port fails at once."""

import errno
import socket

from schema.errors import SetUpError
from vocabulary.web_addresses import local_address

BACKLOG = 2048
_REASONS = {
    errno.EADDRINUSE: "is in use",
    errno.EACCES: "needs more permissions than this user has",
    errno.EADDRNOTAVAIL: "is not an address of this machine",
}


def listen(host: str, port: int, chosen_by: str = "--port") -> socket.socket:
    """Open a listening socket; port 0 means any free port. Raises SetUpError that names `chosen_by` if that fails."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SetUpError(f"cannot listen on {host}; choose another with --host") from error
    try:
        # Connections of an earlier process may linger in TIME_WAIT.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        reason = _REASONS.get(error.errno or 0, "cannot be opened")
        raise SetUpError(f"port {port} on {host} {reason}; choose another with {chosen_by}") from error
    return listening


def local_url(listening: socket.socket) -> str:
    """Return the URL of a listening socket for programs on this machine."""
    host, port = listening.getsockname()[:2]
    return local_address(host, port)
