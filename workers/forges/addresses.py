"""Connections to public addresses only. The resolved address is checked at each connection, not before it."""

import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from vocabulary.ip_addresses import is_public
from workers.forge_access.errors import PrivateAddressError


def connect(host: str, port: int, timeout: Any, options: Any) -> socket.socket:
    """Open a TCP connection to the first public address of a host that accepts one.

    Raises PrivateAddressError without a public address, and OSError when none accepts.
    """
    resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    public = [
        (family, kind, protocol, address)
        for family, kind, protocol, _, address in resolved
        for ip, *_ in [address]
        if is_public(str(ip))
    ]
    if not public:
        raise PrivateAddressError
    failure: OSError | None = None
    for family, kind, protocol, address in public:
        opened = socket.socket(family, kind, protocol)
        try:
            for option in options or ():
                opened.setsockopt(*option)
            opened.settimeout(timeout)
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    assert failure is not None, "each address was tried"
    raise failure


class _PublicOnly(HTTPConnection):
    """An HTTP connection that checks the address before it connects."""

    def _new_conn(self) -> socket.socket:
        try:
            return connect(self._dns_host, self.port, self.timeout, self.socket_options)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "connecting to the forge timed out") from error
        except OSError as error:
            raise NewConnectionError(self, "the forge cannot be reached") from error


class _PublicOnlySecure(_PublicOnly, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _PublicOnly


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _PublicOnlySecure


class PublicAdapter(HTTPAdapter):
    """Sends requests to public addresses only, or to any address if the operator allows it."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Create the pools with connections that check addresses."""
        super().init_poolmanager(*arguments, **named)
        if not self._allow_private:
            self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
