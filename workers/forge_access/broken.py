"""Why a request got no answer, in words of ours: the errors of libraries name hosts and addresses. Pure."""

import socket
import ssl
from collections.abc import Iterator

CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "its host name is not known"),
    (ssl.SSLError, "its TLS certificate is not accepted"),
    (ConnectionRefusedError, "the connection was refused"),
    (TimeoutError, "the connection timed out"),
)
OTHERWISE = "the connection failed"


def broken_by(error: BaseException) -> str:
    """Return what broke a connection; libraries wrap the reason several times."""
    chain = list(_reasons(error))
    return next((says for kind, says in CAUSES if any(isinstance(each, kind) for each in chain)), OTHERWISE)


def _reasons(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        # urllib3 and requests keep the reason in an argument or an attribute.
        inner = (found.__cause__, found.__context__, getattr(found, "reason", None), *found.args)
        waiting += [each for each in inner if isinstance(each, BaseException)]
