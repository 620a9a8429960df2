"""The public address of the service, and which hosts and origins are its own.

Off loopback the address is `SHIPLEDGER_PUBLIC_URL`. A Host header is believed only if it names this machine's loopback.
"""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection

from schema.errors import SetUpError
from schema.settings import Settings
from service.errors import MisdirectedError
from vocabulary.ip_addresses import is_loopback

AnyConnection = ASGIConnection[Any, Any, Any, Any]

_PORTS = {"http": 80, "https": 443}


def public_base(connection: AnyConnection, settings: Settings) -> str:
    """Return the configured public address, or the loopback address that this request used.

    Raises MisdirectedError if the address is not configured and the Host is not loopback.
    """
    if settings.public_url:
        return settings.public_url.rstrip("/")
    require_own_host(connection, settings)
    return str(connection.base_url).rstrip("/")


def require_own_host(connection: AnyConnection, settings: Settings) -> None:
    """Raise MisdirectedError unless the Host is that of the public address, or loopback."""
    host = connection.headers.get("host", "")
    if is_loopback(_name(host)):
        return
    if settings.public_url is None:
        raise MisdirectedError("the service does not know this host; set SHIPLEDGER_PUBLIC_URL to its public address")
    own = _place_of(settings.public_url)
    if own is None or _place(own[0], host) != own:
        raise MisdirectedError("the service has another address; open the one in SHIPLEDGER_PUBLIC_URL")


def is_own_origin(connection: AnyConnection, settings: Settings) -> bool:
    """Return whether a browser sent this from one of our pages, by its Origin, or without one by Sec-Fetch-Site."""
    origin = connection.headers.get("origin", "null")
    if origin == "null":
        return connection.headers.get("sec-fetch-site") == "same-origin"
    host = connection.headers.get("host", "")
    own = [settings.public_url] if settings.public_url else []
    if is_loopback(_name(host)):
        own.append(f"{connection.scope['scheme']}://{host}")
    scheme, _, rest = origin.partition("://")
    sent = _place(scheme, rest)
    return sent is not None and any(sent == _place_of(each) for each in own)


def require_public_url(host: str, public_url: str | None) -> None:
    """Raise SetUpError if the service would listen beyond loopback without knowing its public address."""
    if not public_url and not is_loopback(host):
        raise SetUpError(
            f"SHIPLEDGER_PUBLIC_URL is not set, and the service would listen on {host}; set it to the URL that"
            " browsers, forges and agents use, for example https://shipledger.example.com"
        )


def _name(host: str) -> str:
    """Return the name in a Host header, in lower case and without port."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if "@" not in host else ""
    except ValueError:
        return ""


def _place_of(address: str) -> tuple[str, str, int | None] | None:
    """Return scheme, name and port of an address; None for a malformed one."""
    scheme, _, rest = address.partition("://")
    return _place(scheme.lower(), rest.partition("/")[0])


def _place(scheme: str, host: str) -> tuple[str, str, int | None] | None:
    """Return scheme, name and port of a Host header; the port is by default that of the scheme. None if malformed."""
    name = _name(host)
    try:
        return (scheme, name, urlsplit(f"//{host}").port or _PORTS.get(scheme)) if name else None
    except ValueError:
        return None
