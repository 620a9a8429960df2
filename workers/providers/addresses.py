"""HTTP requests to public addresses only. The resolved address is checked at each connection, not before it."""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import httpx
from httpcore import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from vocabulary.ip_addresses import is_public
from workers.providers.client import PrivateHostError


class _PublicOnly(AsyncNetworkBackend):
    """Connects to the first public address of a host that accepts; TLS still verifies the host name."""

    def __init__(self) -> None:
        self._backend = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to a host; raises PrivateHostError when it has only private addresses."""
        try:
            resolved = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ConnectError(type(error).__name__) from None
        addresses = (str(address) for *_, (address, *_) in resolved)
        public = [address for address in addresses if is_public(address)]
        if not public:
            raise PrivateHostError
        for address in public[:-1]:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except ConnectError:
                continue
        return await self._backend.connect_tcp(public[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the library's signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the library's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - the library's signature
    ) -> AsyncNetworkStream:
        """Refuse Unix sockets, because no report is local."""
        raise PrivateHostError

    async def sleep(self, seconds: float) -> None:
        """Sleep between attempts, as the library requires."""
        await self._backend.sleep(seconds)


class PublicTransport(httpx.AsyncHTTPTransport):
    """Sends requests to public addresses only."""

    def __init__(self) -> None:
        super().__init__()
        # httpx has no argument for the backend; a test verifies that private addresses are not reached.
        self._pool._network_backend = _PublicOnly()  # noqa: SLF001 - see above
