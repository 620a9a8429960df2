"""The address that limits count a client by, also behind a reverse proxy. Pure."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

FORWARDED_FOR = b"x-forwarded-for"
# One customer usually has a whole network of IPv6 addresses.
IPV6_PREFIX = 64

Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Parse addresses and networks separated by commas; raises ValueError that names the wrong one."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


@lru_cache(maxsize=10_000)
def counted_address(host: str) -> str:
    """Return the address to count a client by: itself, or the network of an IPv6 address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)


class Proxies:
    """The reverse proxies whose `X-Forwarded-For` is believed; anyone else could write any address there."""

    def __init__(self, trusted: tuple[Network, ...] = ()) -> None:
        self._trusted = trusted

    def trusts(self, host: str) -> bool:
        """Return whether an address belongs to a trusted proxy."""
        if not self._trusted:
            return False
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._trusted)

    def client_of(self, headers: Iterable[tuple[bytes, bytes]], peer: str) -> str:
        """Return the client of a request that a trusted proxy forwarded: the last address that is not a proxy's.

        Addresses before it were written by the client, who may lie. Without a readable header, it is the proxy itself.
        """
        given = b",".join(value for name, value in headers if name == FORWARDED_FOR).decode("latin-1")
        client = peer
        for part in reversed(given.split(",")):
            host = _host(part.strip())
            if host is None:
                break
            client = host
            if not self.trusts(host):
                break
        return client


def _host(text: str) -> str | None:
    """Return the address in an entry, which may have a port; None if it is not an address."""
    for host in (text, text.strip("[]"), text[1:].partition("]")[0], text.rpartition(":")[0]):
        try:
            return str(ip_address(host))
        except ValueError:
            continue
    return None
