"""Web addresses that people give, checked by one function for settings, requests and commands."""

import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

SCHEMES = ("https", "http")
EXAMPLE = "https://shipledger.example.com"
HIGHEST_PORT = 65535

_LONGEST_NAME = 253
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# A name whose last part looks like this is an IPv4 address, which some programs read in unusual ways.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH = re.compile(r"[A-Za-z0-9._~/-]*")
_PRINTABLE = re.compile(r"[\x21-\x7E]*")


class AddressError(ValueError):
    """A text is not a web address of the kind that is needed; the message says what it must be."""


class WebAddress(NamedTuple):
    """The parts of an address: host in lower case without brackets, port if there is one, path without last slash."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def text(self) -> str:
        """Return the address as text, without a query."""
        return f"{self.scheme}://{place_text(self.host, self.port)}{self.path}"


def read_web_address(
    text: str, *, schemes: Sequence[str] = SCHEMES, takes_query: bool = False, example: str = EXAMPLE
) -> WebAddress:
    """Return the parts of a web address; raises AddressError.

    A base address has neither user, query nor fragment. With `takes_query`, the path may have any printable characters
    and a query may follow, as in addresses that another program generated.
    """
    cleaned = text.strip()
    # Before the address is split, which removes line ends.
    if any(character <= " " or character == "\x7f" for character in cleaned):
        raise AddressError(f"must be a web address without spaces and special characters, for example {example}")
    begins = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(cleaned)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError(f"must be a web address with a valid host and port, for example {example}") from None
    if parts.scheme not in schemes or not cleaned.lower().startswith(f"{parts.scheme}://"):
        raise AddressError(f"must be a web address that begins with {begins}, for example {example}")
    if "@" in parts.netloc:
        raise AddressError(f"must be a web address without a user and a password, for example {example}")
    if parts.fragment or cleaned.endswith("#"):
        raise AddressError(f"must be a web address without a fragment (#), for example {example}")
    if not takes_query and "?" in cleaned:
        raise AddressError(f"must be a web address without a query (?), for example {example}")
    _check_host(parts, host, example)
    if port == 0 or parts.netloc.endswith(":"):
        raise AddressError(f"must be a web address with a port from 1 to {HIGHEST_PORT}, or without a port")
    pattern, rest = (_PRINTABLE, cleaned) if takes_query else (_PATH, parts.path)
    if not pattern.fullmatch(rest):
        raise AddressError(f"must be a web address without spaces and special characters, for example {example}")
    shown = IPv6Address(host).compressed if ":" in host else host.rstrip(".")
    return WebAddress(parts.scheme, shown, port, parts.path.rstrip("/"))


def _check_host(parts: SplitResult, host: str, example: str) -> None:
    if not host:
        raise AddressError(f"must be a web address with a host, for example {example}")
    if "%" in host:
        raise AddressError("must be a web address that is the same for every program: use a host without a zone (%)")
    if not is_host(f"[{host}]" if parts.netloc.startswith("[") else host):
        raise AddressError(
            f"must be a web address with a valid host: a name in ASCII, an IPv4 address, or an IPv6 address in"
            f" brackets, for example {example}"
        )


def is_host(text: str) -> bool:
    """Return whether a text is a host of a URL: a name in ASCII, an IPv4 address, or an IPv6 address in brackets."""
    name = text.lower()
    try:
        if name.startswith("["):
            return name.endswith("]") and bool(IPv6Address(name[1:-1]))
        labels = name.removesuffix(".").split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return bool(IPv4Address(name))
    except AddressValueError:
        return False
    return len(name) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in labels)


def place_text(host: str, port: int | None) -> str:
    """Return host and port as in a URL: an IPv6 address in brackets, its zone encoded."""
    place = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return place if port is None else f"{place}:{port}"


def local_address(host: str, port: int) -> str:
    """Return the URL at which programs on this machine reach a listener; every address is reached by loopback."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - printed, not bound
    return f"http://{place_text(reachable, port)}"
