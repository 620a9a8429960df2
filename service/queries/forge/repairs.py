"""Checks for missed webhooks: read their results, and request them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from schema.database import Tenant
from schema.repair_checks import WANTED_CHECKS

# The checks of an App cover all its connections. No forge redelivers after seven days, so older deliveries do not count
# as missing: comparisons with the forge's lists recover them.
_SHOW = """
SELECT checked.subject_id, checked.kind, checked.failure, checked.next_attempt_at, checked.requested_at,
       checked.succeeded_at, github_app.registration_id IS NOT NULL AS is_app,
       coalesce(github_app.host, connection.host) AS host, coalesce(connection.forge, 'github') AS forge,
       counted.*, (SELECT count(*) FROM missed_delivery AS missed
                    WHERE missed.organization_id = $1 AND missed.subject_id = checked.subject_id
                      AND missed.recovered_at IS NULL AND missed.missed_at > now() - interval '7 days'
                      AND checked.kind = 'deliveries') AS missing,
       (SELECT coalesce(sum(repaired.recovered), 0)::bigint FROM repair_count AS repaired
         WHERE repaired.organization_id = $1 AND repaired.subject_id = checked.subject_id AND repaired.kind = 'hooks'
           AND checked.kind = 'deliveries' AND repaired.day > (now() AT TIME ZONE 'UTC')::date - 30) AS hooks_repaired
  FROM repair_check AS checked
  LEFT JOIN connection ON connection.organization_id = $1 AND connection.connection_id = checked.subject_id
  LEFT JOIN github_app ON github_app.organization_id = $1 AND github_app.registration_id = checked.subject_id
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(found), 0)::bigint AS found,
              coalesce(sum(redelivery_requests), 0)::bigint AS redelivery_requests,
              coalesce(sum(recovered), 0)::bigint AS recovered
         FROM repair_count AS counted
        WHERE counted.organization_id = $1 AND counted.subject_id = checked.subject_id
          AND counted.kind = checked.kind AND counted.day > (now() AT TIME ZONE 'UTC')::date - 30) AS counted
 WHERE checked.organization_id = $1 AND ($2::uuid[] IS NULL OR checked.subject_id = ANY($2))
 ORDER BY checked.subject_id, checked.kind
"""

# A request for a check that was never made stores the check.
_REQUEST = f"""
INSERT INTO repair_check AS known (organization_id, subject_id, kind, requested_at)
SELECT $1::bigint, wanted.subject_id, wanted.kind, now()
  FROM ({WANTED_CHECKS}) AS wanted
 WHERE EXISTS (SELECT FROM connection
                WHERE connection.organization_id = $1 AND connection.forge = $2 AND connection.state = 'active'
                  AND ($3::uuid IS NULL OR connection.connection_id = $3)
                  AND wanted.subject_id IN (connection.connection_id, connection.registration_id))
    ON CONFLICT (organization_id, subject_id, kind) DO UPDATE SET requested_at = now(), next_attempt_at = now()
 WHERE known.organization_id = $1
RETURNING subject_id
"""  # noqa: S608 - composed of constants


_TRIAL = """
SELECT failure, requested_at IS NULL AS is_over FROM repair_check
 WHERE organization_id = $1 AND subject_id = $2 AND kind = 'access'
"""


async def read_trial(tenant: Tenant, connection_id: UUID) -> Mapping[str, Any] | None:
    """Return whether the trial of a connection's token is over, and its failure; None without a token."""
    row: Mapping[str, Any] | None = await tenant.fetchrow(_TRIAL, connection_id)
    return row


async def read_repairs(tenant: Tenant, subjects: list[UUID] | None = None) -> list[Mapping[str, Any]]:
    """Return all checks, or those of the given connections and Apps."""
    return [dict(row) for row in await tenant.fetch(_SHOW, subjects)]


async def request_checks(tenant: Tenant, forge: str, connection_id: UUID | None) -> list[UUID]:
    """Have everything checked now for the active connections to a forge, or for one: the connections and Apps."""
    return sorted({row["subject_id"] for row in await tenant.fetch(_REQUEST, forge, connection_id)})
