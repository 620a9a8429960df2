"""Backfills: connections that can be backfilled, and the progress of each backfill."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from schema.backfills import LISTING
from schema.database import Tenant

_CONNECTIONS = """
SELECT connection_id, host FROM connection
 WHERE organization_id = $1 AND forge = $2 AND state = 'active'
   AND (sealed_token IS NOT NULL OR registration_id IS NOT NULL)
   AND ($3::uuid IS NULL OR connection_id = $3)
 ORDER BY created_at, connection_id
"""

_ADD = """
INSERT INTO backfill (organization_id, backfill_id, connection_id, since, is_dry_run) VALUES ($1, $2, $3, $4, $5)
"""

_ADD_LISTING = """
INSERT INTO backfill_step (organization_id, backfill_id, repository, sealed_name, stage) VALUES ($1, $2, $3, $4, 'list')
"""

_SHOW = """
SELECT backfill.backfill_id, backfill.connection_id, connection.forge, backfill.since, backfill.is_dry_run,
       backfill.requests, backfill.created_at, steps.*
  FROM backfill
  JOIN connection ON connection.organization_id = $1 AND connection.connection_id = backfill.connection_id
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE stage <> 'list') AS repositories,
              count(*) FILTER (WHERE stage <> 'list' AND state <> 'waiting') AS finished_repositories,
              coalesce(sum(coalesce(CASE WHEN state = 'processed' AND NOT backfill.is_dry_run
                                         THEN pull_requests END, expected)), 0)::bigint AS expected_pull_requests,
              coalesce(sum(pull_requests), 0)::bigint AS pull_requests,
              coalesce(sum(releases), 0)::bigint AS releases,
              count(*) FILTER (WHERE state = 'waiting') AS waiting,
              min(next_attempt_at) FILTER (WHERE state = 'waiting') AS continues_at,
              max(finished_at) AS finished_at,
              array_agg(failure) FILTER (WHERE state = 'dead') AS failures
         FROM backfill_step
        WHERE organization_id = $1 AND backfill_step.backfill_id = backfill.backfill_id) AS steps
 WHERE backfill.organization_id = $1 AND ($2::uuid IS NULL OR backfill.backfill_id = $2)
   AND ($3::timestamptz IS NULL OR (backfill.created_at, backfill.backfill_id) < ($3, $4))
 ORDER BY backfill.created_at DESC, backfill.backfill_id DESC LIMIT $5
"""


class Place(NamedTuple):
    """A connection with access to its forge's API, and the forge's host."""

    connection_id: UUID
    host: str


async def find_connections(tenant: Tenant, forge: str, connection_id: UUID | None) -> list[Place]:
    """Return the connections to a forge that have a token or belong to a registered App."""
    return [Place(**row) for row in await tenant.fetch(_CONNECTIONS, forge, connection_id)]


async def add_backfill(
    tenant: Tenant,
    backfill_id: UUID,
    connection_id: UUID,
    since: datetime,
    sealed_name: bytes | None,
    *,
    is_dry_run: bool,
) -> None:
    """Store a backfill of all repositories of a connection, or of the one whose name is sealed."""
    await tenant.execute(_ADD, backfill_id, connection_id, since, is_dry_run)
    await tenant.execute(_ADD_LISTING, backfill_id, LISTING, sealed_name)


async def read_backfills(
    tenant: Tenant, *, backfill_id: UUID | None = None, after: tuple[datetime, UUID] | None = None, limit: int
) -> list[Mapping[str, Any]]:
    """Return backfills with their progress, newest first."""
    rows: list[asyncpg.Record] = await tenant.fetch(_SHOW, backfill_id, *(after or (None, None)), limit)
    return [dict(row) for row in rows]
