"""Checks of whether a forge can reach an address, judging by the address alone. Pure."""

from urllib.parse import urlsplit

from schema.identifiers import DEFAULT_HOSTS
from service.connections.web_addresses import checked_address
from vocabulary.ip_addresses import is_loopback, reached_address

UNREACHABLE = (
    "GitHub cannot reach {url}, so the App is created without a webhook and pull requests arrive by backfill only; "
    "pass the public address of this service (--public-url, or SHIPLEDGER_PUBLIC_URL)"
)


def web_address(text: str, field: str) -> str:
    """Return a normalised http or https address; raises BadInputError for anything else."""
    return checked_address(text, field).text


def is_reachable(url: str, forge_host: str) -> bool:
    """Return whether a forge could reach an address: never this machine, private networks only if self-hosted."""
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return False
    is_public_forge = forge_host == DEFAULT_HOSTS["github"]
    try:
        address = reached_address(host)
    except ValueError:
        return "." in host.rstrip(".") or not is_public_forge
    return not address.is_unspecified and (address.is_global or not is_public_forge)
