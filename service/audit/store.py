"""Rows of the audit log."""

from datetime import datetime

import asyncpg

from schema.database import Tenant

# Whoever has DATABASE_URL may do anything; the log shows that it was done on the machine.
OPERATOR = "operator"

_RECORD = """
    INSERT INTO audit_entry (organization_id, actor, action, subject) VALUES ($1, $2, $3, $4)
"""

_LIST = """
    SELECT entry_id, acted_at, actor, action, subject
    FROM audit_entry
    WHERE organization_id = $1
      AND ($2::bigint IS NULL OR entry_id < $2)
      AND ($3::timestamptz IS NULL OR acted_at >= $3)
      AND ($4::timestamptz IS NULL OR acted_at < $4)
    ORDER BY entry_id DESC
    LIMIT $5
"""


async def record_act(tenant: Tenant, actor: str, action: str, subject: str = "") -> None:
    """Add an act. `subject` is the id of what was changed, never a person or content."""
    await tenant.execute(_RECORD, actor, action, subject)


async def list_acts(
    tenant: Tenant,
    *,
    before: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> list[asyncpg.Record]:
    """List acts, newest first: entry_id, acted_at, actor, action, subject."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, before, since, until, limit)
    return rows
