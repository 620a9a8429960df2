"""Checks of whether a forge can reach an address, judging by the address alone. Pure."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS

# Addresses go into headers and pages unescaped; international names must be in their ASCII form.
_PLACE = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_PATH = re.compile(r"[A-Za-z0-9._~/-]*")

NO_ADDRESS = "must be a web address, for example https://shipledger.example.com"
UNREACHABLE = (
    "GitHub cannot reach {url}, so the App is created without a webhook and pull requests arrive by backfill only; "
    "pass the public address of this service (--public-url, or SHIPLEDGER_PUBLIC_URL)"
)


def web_address(text: str, field: str) -> str:
    """Return a normalised http or https address; raises BadInputError for credentials, a query or a fragment."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or not _PLACE.fullmatch(parts.netloc) or not _PATH.fullmatch(parts.path):
        raise BadInputError(NO_ADDRESS, field=field)
    if parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise BadInputError(NO_ADDRESS, field=field)
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None else f"{shown}:{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


def is_reachable(url: str, forge_host: str) -> bool:
    """Return whether a forge could reach an address: never this machine, private networks only if self-hosted."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return "." in host or forge_host != DEFAULT_HOSTS["github"]
    if address.is_loopback or address.is_unspecified:
        return False
    return address.is_global or forge_host != DEFAULT_HOSTS["github"]
