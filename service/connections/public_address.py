"""The public address of the service."""

from typing import Any

from litestar import Request
from litestar.datastructures import State

from schema.settings import Settings


def public_base(request: Request[Any, Any, State], settings: Settings) -> str:
    """Return the configured public address, or the address that this request used."""
    return (settings.public_url or str(request.base_url)).rstrip("/")
