"""Storage of deliveries: encrypted, deduplicated, and in shared commits."""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from schema.database import Database, Tenant
from service.connections.names import ConnectionName
from service.http.transactions import Storing, open_storing

# Uses RETURNING instead of the command's row count, which differs on Citus.
_STORE = """
    INSERT INTO delivery (organization_id, connection_id, deduplication_key, event, sealed_body)
    SELECT $1::bigint, item.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[]) AS item
    ON CONFLICT (organization_id, connection_id, deduplication_key) DO NOTHING
    RETURNING connection_id, deduplication_key
"""

_SEEN = """
    UPDATE connection SET last_delivery_at = now()
    WHERE organization_id = $1 AND connection_id = ANY($2::uuid[])
      AND (last_delivery_at IS NULL OR last_delivery_at < now() - $3::interval)
"""

# Once a minute is enough for health; updating the row on every delivery would make deliveries wait for each other.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified webhook request with its encrypted body."""

    connection: ConnectionName
    deduplication_key: str
    event: str
    sealed_body: bytes


class Lane(NamedTuple):
    """A database connection in an organization's transaction, and the stack that releases it."""

    closing: AsyncExitStack
    storing: Storing | None = None


class Deliveries:
    """Stores deliveries in groups; keeps the database connection if the next group is already waiting."""

    def __init__(self, database: Database, goes_on: Callable[[int], bool]) -> None:
        self._database = database
        self._goes_on = goes_on
        self._lanes: dict[int, Lane] = {}
        self._seen: dict[UUID, float] = {}

    async def store(self, organization_id: int, deliveries: Sequence[Delivery]) -> list[bool]:
        """Store deliveries of an organization in one commit; returns for each whether it is new.

        Call it for one group per organization at a time, and again at once if `goes_on` returned True. Raises
        UnavailableError if PostgreSQL is unavailable.
        """
        due = self._due({delivery.connection.connection_id for delivery in deliveries})
        lane = self._lanes.pop(organization_id, None) or Lane(AsyncExitStack())
        async with lane.closing:
            storing = lane.storing
            if storing is None:
                storing = await lane.closing.enter_async_context(open_storing(self._database, organization_id))
            added = await _add(storing.tenant, deliveries)
            if due:
                await storing.tenant.execute(_SEEN, due, SEEN_EVERY)
            goes_on = self._goes_on(organization_id)
            await storing.commit(goes_on=goes_on)
            if goes_on:
                self._lanes[organization_id] = Lane(lane.closing.pop_all(), storing)
        self._seen.update(dict.fromkeys(due, time.monotonic()))
        # If a group contains the same delivery twice, only the first is new.
        return [_take(added, (each.connection.connection_id, each.deduplication_key)) for each in deliveries]

    def _due(self, connections: Collection[UUID]) -> list[UUID]:
        """Return the connections whose last_delivery_at this process has not updated recently."""
        since = time.monotonic() - SEEN_EVERY.total_seconds()
        return sorted(each for each in connections if self._seen.get(each, since) <= since)


async def _add(tenant: Tenant, deliveries: Sequence[Delivery]) -> set[tuple[UUID, str]]:
    columns = (
        [each.connection.connection_id for each in deliveries],
        [each.deduplication_key for each in deliveries],
        [each.event for each in deliveries],
        [each.sealed_body for each in deliveries],
    )
    rows = await tenant.fetch(_STORE, *columns)
    return {(row["connection_id"], row["deduplication_key"]) for row in rows}


def _take(added: set[tuple[UUID, str]], key: tuple[UUID, str]) -> bool:
    is_new = key in added
    added.discard(key)
    return is_new
