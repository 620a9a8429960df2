"""The public id of a connection: it names its organization, so that a webhook is looked up under its tenant alone."""

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
    """Read a public id; raises NotFoundError when it is none."""
    match = _PUBLIC_ID.fullmatch(text)
    if match is None or int(match[1]) > LARGEST_ID:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    return ConnectionName(int(match[1]), UUID(match[2]))


def own_connection(organization_id: int, text: str | None) -> UUID | None:
    """The connection that a caller names, None when it names none; raises NotFoundError when it has none of that id."""
    if not text:
        return None
    name = parse_connection_name(text)
    if name.organization_id != organization_id:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    return name.connection_id


def webhook_url(base: str, forge: str, name: ConnectionName) -> str:
    """Where the forge shall send this connection's webhooks."""
    return base.rstrip("/") + webhook_path(forge, *name)
