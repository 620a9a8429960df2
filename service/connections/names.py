"""Public ids of connections. They contain the organization, so that a webhook is looked up as its tenant."""

import re
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from schema.errors import NotFoundError
from schema.webhook_paths import webhook_path

LARGEST_ID = 2**63 - 1

_PUBLIC_ID = re.compile(r"([1-9][0-9]{0,18})-([0-9a-f]{32})")


class ConnectionName(NamedTuple):
    """A connection and the organization it belongs to."""

    organization_id: int
    connection_id: UUID

    def __str__(self) -> str:
        return f"{self.organization_id}-{self.connection_id.hex}"


@lru_cache(10_000)
def parse_connection_name(text: str) -> ConnectionName:
    """Parse a public id; raises NotFoundError if it is malformed."""
    match = _PUBLIC_ID.fullmatch(text)
    if match is None or int(match[1]) > LARGEST_ID:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    return ConnectionName(int(match[1]), UUID(match[2]))


def own_connection(organization_id: int, text: str | None) -> UUID | None:
    """Parse an optional public id; raises NotFoundError if it belongs to another organization."""
    if not text:
        return None
    name = parse_connection_name(text)
    if name.organization_id != organization_id:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    return name.connection_id


def webhook_url(base: str, forge: str, name: ConnectionName) -> str:
    """Return the URL to which the forge must send this connection's webhooks."""
    return base.rstrip("/") + webhook_path(forge, *name)
