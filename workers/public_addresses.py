"""Which IP addresses are on the internet."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# RFC 6052: the last 32 bits are an IPv4 address that a gateway would reach.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Return whether an IP address is public; an IPv6 address that embeds an IPv4 address counts as the latter."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour
        if ip in _TRANSLATED:
            hidden = IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = hidden or ip
    return ip.is_global and not ip.is_multicast
