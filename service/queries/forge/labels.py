"""Labels of an organization's repositories, pull requests and releases: turned on and off, and counted."""

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from schema.database import Tenant
from service.queries.forge.backfills import add_backfill

# The lock under which workers record facts, so that none of them stores a label after labels were turned off.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('deliveries', $1::bigint))"

_SET = """
    UPDATE organization SET show_labels = $2
    FROM (SELECT show_labels FROM organization WHERE organization_id = $1 FOR UPDATE) AS before
    WHERE organization_id = $1
    RETURNING before.show_labels
"""

_DELETE_OF_REPOSITORIES = "UPDATE repository SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"
_DELETE_OF_PULL_REQUESTS = "UPDATE pull_request SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"
_DELETE_OF_RELEASES = "UPDATE release SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"
_DELETE_OF_TEAM_CHANGES = "UPDATE team_change SET label = NULL WHERE organization_id = $1 AND label IS NOT NULL"

# A forge lists pull requests by their last change, which is never before they were opened.
_OLDEST_WITHOUT = """
    SELECT least((SELECT min(coalesce(opened_at, merged_at)) FROM pull_request
                   WHERE organization_id = $1 AND label IS NULL),
                 (SELECT min(released_at) FROM release WHERE organization_id = $1 AND label IS NULL))
"""

_WITH_ACCESS = """
    SELECT connection_id FROM connection
    WHERE organization_id = $1 AND state = 'active' AND (sealed_token IS NOT NULL OR registration_id IS NOT NULL)
    ORDER BY created_at, connection_id
"""

_UNDER_WAY = """
    SELECT backfill_id FROM backfill
    WHERE organization_id = $1 AND NOT is_dry_run
      AND EXISTS (SELECT FROM backfill_step WHERE backfill_step.organization_id = $1
                    AND backfill_step.backfill_id = backfill.backfill_id AND backfill_step.state = 'waiting')
    ORDER BY created_at, backfill_id
"""

_COUNT = """
    SELECT (SELECT show_labels FROM organization WHERE organization_id = $1) AS enabled,
           repositories.*, pull_requests.*, releases.*
    FROM (SELECT count(*) AS repositories, count(label) AS labelled_repositories
          FROM repository WHERE organization_id = $1) AS repositories,
         (SELECT count(*) AS pull_requests, count(label) AS labelled_pull_requests
          FROM pull_request WHERE organization_id = $1) AS pull_requests,
         (SELECT count(*) AS releases, count(label) AS labelled_releases
          FROM release WHERE organization_id = $1) AS releases
"""


async def read_labels(tenant: Tenant) -> asyncpg.Record:
    """Return whether labels are `enabled`, and the numbers of artifacts by kind, all and labelled."""
    return await tenant.fetchrow(_COUNT)


async def are_labels_on(tenant: Tenant) -> bool:
    """Return whether names are stored and shown."""
    return bool(await tenant.fetchval("SELECT show_labels FROM organization WHERE organization_id = $1"))


async def find_backfills(tenant: Tenant) -> list[UUID]:
    """Return the backfills that are under way, oldest first."""
    return [row["backfill_id"] for row in await tenant.fetch(_UNDER_WAY)]


async def set_labels(tenant: Tenant, *, enabled: bool) -> None:
    """Turn labels on or off; off also deletes all stored labels.

    Where they were off, backfills fetch the names of what is stored, through every connection with access.
    """
    await tenant.execute(_LOCK)
    was_enabled = await tenant.fetchval(_SET, enabled)
    if enabled and not was_enabled:
        await _fetch_names(tenant)
    if not enabled:
        await tenant.execute(_DELETE_OF_REPOSITORIES)
        await tenant.execute(_DELETE_OF_PULL_REQUESTS)
        await tenant.execute(_DELETE_OF_RELEASES)
        await tenant.execute(_DELETE_OF_TEAM_CHANGES)


async def _fetch_names(tenant: Tenant) -> None:
    oldest: datetime | None = await tenant.fetchval(_OLDEST_WITHOUT)
    if oldest is None:
        return
    for row in await tenant.fetch(_WITH_ACCESS):
        await add_backfill(tenant, uuid4(), row["connection_id"], oldest, None, is_dry_run=False)
