"""Deliveries that never arrived, kept until they do, or for a month."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from schema.database import Tenant
from workers.repair.deliveries import Missed

_LOAD = """
SELECT reference, number, missed_at, requests, requested_at FROM missed_delivery
 WHERE organization_id = $1 AND subject_id = $2 AND recovered_at IS NULL
 ORDER BY missed_at, reference
"""

_KEEP = """
INSERT INTO missed_delivery AS known (organization_id, subject_id, reference, number, missed_at)
SELECT $1, $2, reported.* FROM unnest($3::text[], $4::bigint[], $5::timestamptz[]) AS reported
    ON CONFLICT (organization_id, subject_id, reference) DO UPDATE SET number = excluded.number
RETURNING xmax = 0 AS is_new
"""

_ASKED = """
UPDATE missed_delivery SET requests = requests + 1, requested_at = now()
 WHERE organization_id = $1 AND subject_id = $2 AND reference = $3
"""

_ARRIVED = """
UPDATE missed_delivery SET recovered_at = now()
 WHERE organization_id = $1 AND subject_id = $2 AND reference = ANY($3::text[]) AND recovered_at IS NULL
RETURNING 1
"""

# Every delivery that arrived is known, because only bodies are deleted.
_HERE = """
SELECT deduplication_key FROM delivery
 WHERE organization_id = $1 AND connection_id = $2 AND deduplication_key = ANY($3::text[])
"""

_RECENT = """
SELECT reference, requested_at FROM missed_delivery
 WHERE organization_id = $1 AND subject_id = $2 AND requested_at > $3
"""

_FORGET = """
DELETE FROM missed_delivery
 WHERE organization_id = $1 AND subject_id = $2 AND found_at < now() - interval '30 days'
"""


async def load_missed(tenant: Tenant, subject_id: UUID) -> dict[str, Missed]:
    """Return missing deliveries by reference, the longest missing first."""
    rows = await tenant.fetch(_LOAD, subject_id)
    return {row["reference"]: Missed(**dict(row)) for row in rows}


async def store_missed(tenant: Tenant, subject_id: UUID, missed: Sequence[Missed]) -> int:
    """Store missing deliveries and return the number of new ones; month-old rows are deleted."""
    await tenant.execute(_FORGET, subject_id)
    rows = await tenant.fetch(
        _KEEP,
        subject_id,
        [each.reference for each in missed],
        [each.number for each in missed],
        [each.missed_at for each in missed],
    )
    return sum(row["is_new"] for row in rows)


async def record_request(tenant: Tenant, subject_id: UUID, reference: str) -> None:
    """Record a resend request."""
    await tenant.execute(_ASKED, subject_id, reference)


async def mark_arrived(tenant: Tenant, subject_id: UUID, references: Sequence[str]) -> int:
    """Mark deliveries as arrived; return how many were missing."""
    return len(await tenant.fetch(_ARRIVED, subject_id, list(references)))


async def find_arrived(tenant: Tenant, connection_id: UUID, keys: Sequence[str]) -> set[str]:
    """Return which of these delivery keys were ever stored for a connection."""
    rows = await tenant.fetch(_HERE, connection_id, keys)
    return {row["deduplication_key"] for row in rows}


async def load_requests(tenant: Tenant, subject_id: UUID, since: datetime) -> list[tuple[str, datetime]]:
    """Return resend requests since an instant and their times, arrived or not."""
    rows = await tenant.fetch(_RECENT, subject_id, since)
    return [(row["reference"], row["requested_at"]) for row in rows]
