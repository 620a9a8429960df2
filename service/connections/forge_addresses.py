"""Addresses of forges: host and base URL. Pure."""

from urllib.parse import urlsplit

from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS


def forge_host(forge: str, base_url: str | None) -> str:
    """Return the host of a forge's base URL, or its default host; raises BadInputError."""
    if forge not in DEFAULT_HOSTS:
        raise BadInputError("must be github or gitlab", field="forge")
    if base_url is None:
        return DEFAULT_HOSTS[forge]
    try:
        parts = urlsplit(base_url if "://" in base_url else f"https://{base_url}")
        host = parts.hostname if parts.scheme in {"http", "https"} else None
    except ValueError:
        host = None
    if not host:
        raise BadInputError("must be a web address, for example https://gitlab.example.com", field="base_url")
    return host.lower()


def forge_base(base_url: str | None) -> str | None:
    """Return scheme, host, port and path of a base URL that `forge_host` accepted, without credentials."""
    if base_url is None:
        return None
    parts = urlsplit(base_url if "://" in base_url else f"https://{base_url}")
    place = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"
