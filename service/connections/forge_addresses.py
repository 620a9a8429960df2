"""Addresses of forges: host and base URL. Pure."""

from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS
from service.connections.web_addresses import checked_address
from vocabulary.web_addresses import WebAddress

EXAMPLE = "https://gitlab.example.com"


def forge_host(forge: str, base_url: str | None) -> str:
    """Return the host of a forge's base URL, or its default host; raises BadInputError."""
    if forge not in DEFAULT_HOSTS:
        raise BadInputError("must be github or gitlab", field="forge")
    return DEFAULT_HOSTS[forge] if base_url is None else _address(base_url).host


def forge_base(base_url: str | None) -> str | None:
    """Return scheme, host, port and path of a base URL; raises BadInputError."""
    return None if base_url is None else _address(base_url).text


def _address(base_url: str) -> WebAddress:
    """Read a base URL; a host alone means https."""
    cleaned = base_url.strip()
    return checked_address(cleaned if "://" in cleaned else f"https://{cleaned}", "base_url", example=EXAMPLE)
