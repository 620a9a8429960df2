"""IP addresses by what they reach: this machine, a private network or the internet."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# RFC 6052: the last 32 bits are an IPv4 address that a gateway would reach.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def reached_address(text: str) -> IPv4Address | IPv6Address:
    """Return the address that packets reach: without its zone, and for one that embeds an IPv4 address, that one.

    Raises ValueError if it is not an IP address.
    """
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(text: str) -> bool:
    """Return whether an IP address is on the internet. Raises ValueError if it is not an IP address."""
    address = reached_address(text)
    return address.is_global and not address.is_multicast


def is_loopback(host: str) -> bool:
    """Return whether a host name or IP address, with or without brackets, is this machine's loopback."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return reached_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
