"""Storing a delivery: sealed, once, in one commit."""

from dataclasses import dataclass

from schema.database import Database
from service.webhooks.connection_names import ConnectionName

_STORE = """
    INSERT INTO delivery (organization_id, connection_id, deduplication_key, event, sealed_body)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, connection_id, deduplication_key) DO NOTHING
    RETURNING delivery_id
"""

# Health needs minutes, not every delivery: one row that all deliveries update would make them wait for each other.
_SEEN = """
    UPDATE connection SET last_delivery_at = now()
    WHERE organization_id = $1 AND connection_id = $2
      AND (last_delivery_at IS NULL OR last_delivery_at < now() - interval '1 minute')
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified webhook request, its body sealed."""

    connection: ConnectionName
    deduplication_key: str
    event: str
    sealed_body: bytes


async def store_delivery(database: Database, delivery: Delivery) -> bool:
    """Keep a delivery; False when it was here before. Raises UnavailableError when PostgreSQL is away."""
    organization_id, connection_id = delivery.connection
    async with database.organization(organization_id) as connection:
        stored = await connection.fetchval(
            _STORE, organization_id, connection_id, delivery.deduplication_key, delivery.event, delivery.sealed_body
        )
        await connection.execute(_SEEN, organization_id, connection_id)
    return stored is not None
