"""Whether GitHub can reach an address, as far as the address itself tells. Pure."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS

# It goes into headers and pages as it is; an international name is written in its ASCII form.
_PLACE = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_PATH = re.compile(r"[A-Za-z0-9._~/-]*")

NO_ADDRESS = "must be a web address, for example https://shipledger.example.com"
UNREACHABLE = (
    "GitHub cannot reach {url}, so the App gets no webhook and only backfills tell of pull requests; "
    "pass the public address of this service (--public-url, or SHIPLEDGER_PUBLIC_URL)"
)


def web_address(reported: str, field: str) -> str:
    """An http or https address without credentials, query or trailing slash; raises BadInputError."""
    try:
        parts = urlsplit(reported.strip())
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
    """Whether the forge may reach an address: never this machine, and a private network only from its own server."""
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
