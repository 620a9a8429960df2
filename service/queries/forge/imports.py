"""Imports: store each as one encrypted delivery, and read the outcome of its items."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from schema.database import Tenant
from schema.kinds import ImportEvent

_STORE = """
WITH delivered AS (
    INSERT INTO delivery (organization_id, deduplication_key, event, sealed_body)
    VALUES ($1, $2::uuid::text, $3, $4)
    RETURNING organization_id, delivery_id
)
INSERT INTO import (organization_id, import_id, delivery_id, received)
SELECT organization_id, $2::uuid, delivery_id, $5 FROM delivered WHERE organization_id = $1
"""

_SHOW = """
SELECT import.import_id, import.received, import.begun_at, import.outcomes, import.reasons,
       delivery.delivery_id, delivery.state, delivery.received_at, delivery.attempts
  FROM import
  JOIN delivery ON delivery.organization_id = $1 AND delivery.delivery_id = import.delivery_id
 WHERE import.organization_id = $1 AND import.import_id = $2
"""


async def store_import(tenant: Tenant, import_id: UUID, event: ImportEvent, sealed: bytes, received: int) -> None:
    """Store an import of `received` items, encrypted as one body, for a worker."""
    await tenant.execute(_STORE, import_id, event, sealed, received)


async def read_import(tenant: Tenant, import_id: UUID) -> Mapping[str, Any] | None:
    """Return an import and the state of its delivery; None if the organization has no such import."""
    row = await tenant.fetchrow(_SHOW, import_id)
    return None if row is None else dict(row)
