"""Asking over HTTP, of public addresses only: what a name resolves to is checked at each connection, not before it."""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import httpx
from httpcore import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from workers.forges.addresses import is_public
from workers.providers.client import PrivateHostError


class _PublicOnly(AsyncNetworkBackend):
    """Connects to the first public address of a host that accepts; TLS still checks the host's name."""

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
        """Raise PrivateHostError when the host has private addresses only."""
        try:
            resolved = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ConnectError(type(error).__name__) from None
        public = [str(place[4][0]) for place in resolved if is_public(str(place[4][0]))]
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
        """Refuse: no report comes from this machine's sockets."""
        raise PrivateHostError

    async def sleep(self, seconds: float) -> None:
        """As the library does between tries."""
        await self._backend.sleep(seconds)


class PublicTransport(httpx.AsyncHTTPTransport):
    """Carries requests to public addresses alone."""

    def __init__(self) -> None:
        super().__init__()
        # httpx has no argument for it; a test shows that private addresses are not reached.
        self._pool._network_backend = _PublicOnly()  # noqa: SLF001 - see above
