"""How the service is reached from outside."""

from typing import Any

from litestar import Request
from litestar.datastructures import State

from schema.settings import Settings


def public_base(request: Request[Any, Any, State], settings: Settings) -> str:
    """How the service is reached from outside: as set, or as this request reached it."""
    return (settings.public_url or str(request.base_url)).rstrip("/")
