"""Beginning a backfill: what a user asks for, and what is fetched by itself when an App is installed."""

from datetime import datetime, timedelta
from uuid import UUID

from schema.database import Tenant

DEFAULT_SPAN = timedelta(days=365)

# One step finds the repositories; its key is no hash of any.
LISTING = b"\0" * 32

_ADD = """
INSERT INTO backfill (organization_id, backfill_id, connection_id, since, is_dry_run) VALUES ($1, $2, $3, $4, $5)
"""

_ADD_STEP = """
INSERT INTO backfill_step (organization_id, backfill_id, repository, sealed_name, stage) VALUES ($1, $2, $3, $4, 'list')
"""


async def add_backfill(
    tenant: Tenant,
    backfill_id: UUID,
    connection_id: UUID,
    *,
    since: datetime,
    is_dry_run: bool,
    sealed_name: bytes | None,
) -> None:
    """Store one, to begin with the listing of its repositories."""
    await add_backfill_without_steps(tenant, backfill_id, connection_id, since=since, is_dry_run=is_dry_run)
    await tenant.execute(_ADD_STEP, backfill_id, LISTING, sealed_name)


async def add_backfill_without_steps(
    tenant: Tenant, backfill_id: UUID, connection_id: UUID, *, since: datetime, is_dry_run: bool = False
) -> None:
    """Store one whose repositories are known; the steps of them follow in the same transaction."""
    await tenant.execute(_ADD, backfill_id, connection_id, since, is_dry_run)
