"""Marks of what was counted: keyed hashes of spans, traces, responses and points, kept as long as raw events."""

from collections.abc import Collection

from schema.database import Tenant

FIND = "SELECT measurement_id FROM measurement WHERE organization_id = $1 AND measurement_id = ANY($2::bytea[])"
ADD = """
    INSERT INTO measurement (organization_id, measurement_id)
    SELECT $1::bigint, measurement_id FROM unnest($2::bytea[]) AS measurement (measurement_id)
    ON CONFLICT (organization_id, measurement_id) DO NOTHING
    RETURNING measurement_id
"""


async def known_marks(tenant: Tenant, marks: Collection[bytes]) -> set[bytes]:
    """Return which of the marks are stored."""
    rows = await tenant.fetch(FIND, sorted(marks)) if marks else []
    return {row["measurement_id"] for row in rows}


async def add_marks(tenant: Tenant, marks: Collection[bytes]) -> set[bytes]:
    """Store marks; return those that are new."""
    rows = await tenant.fetch(ADD, sorted(marks)) if marks else []
    return {row["measurement_id"] for row in rows}
