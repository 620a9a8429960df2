"""Marks of what was counted: keyed hashes of spans, traces, responses and points, kept as long as raw events."""

from collections.abc import Collection

from schema.database import Tenant
from schema.interpreter import aside

FIND = "SELECT measurement_id FROM measurement WHERE organization_id = $1 AND measurement_id = ANY($2::bytea[])"
ADD = """
    INSERT INTO measurement (organization_id, measurement_id)
    SELECT $1::bigint, measurement_id FROM unnest($2::bytea[]) AS measurement (measurement_id)
    ON CONFLICT (organization_id, measurement_id) DO NOTHING
    RETURNING measurement_id
"""


# Marks that one statement looks up or adds.
PART = 20_000


async def known_marks(tenant: Tenant, marks: Collection[bytes]) -> set[bytes]:
    """Return which of the marks are stored."""
    return await _each_part(tenant, FIND, marks)


async def add_marks(tenant: Tenant, marks: Collection[bytes]) -> set[bytes]:
    """Store marks; return those that are new."""
    return await _each_part(tenant, ADD, marks)


async def _each_part(tenant: Tenant, statement: str, marks: Collection[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    ordered = await aside(len(marks), sorted, marks)
    for begin in range(0, len(ordered), PART):
        rows = await tenant.fetch(statement, ordered[begin : begin + PART])
        found.update(row["measurement_id"] for row in rows)
    return found
