"""Checks for missed webhooks: read their results, and request them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from schema.database import Tenant

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
       (SELECT coalesce(sum(mended.recovered), 0)::bigint FROM repair_count AS mended
         WHERE mended.organization_id = $1 AND mended.subject_id = checked.subject_id AND mended.kind = 'hooks'
           AND checked.kind = 'deliveries' AND mended.day > (now() AT TIME ZONE 'UTC')::date - 30) AS hooks_mended
  FROM repair_check AS checked
  LEFT JOIN connection ON connection.organization_id = $1 AND connection.connection_id = checked.subject_id
  LEFT JOIN github_app ON github_app.organization_id = $1 AND github_app.registration_id = checked.subject_id
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(found), 0)::bigint AS found, coalesce(sum(asked_again), 0)::bigint AS asked_again,
              coalesce(sum(recovered), 0)::bigint AS recovered
         FROM repair_count AS counted
        WHERE counted.organization_id = $1 AND counted.subject_id = checked.subject_id
          AND counted.kind = checked.kind AND counted.day > (now() AT TIME ZONE 'UTC')::date - 30) AS counted
 WHERE checked.organization_id = $1 AND ($2::uuid[] IS NULL OR checked.subject_id = ANY($2))
 ORDER BY checked.subject_id, checked.kind
"""

_ASK = """
UPDATE repair_check SET requested_at = now(), next_attempt_at = now()
 WHERE organization_id = $1 AND subject_id = ANY($2::uuid[])
"""

_SUBJECTS = """
SELECT DISTINCT subject.subject_id
  FROM connection
 CROSS JOIN LATERAL (VALUES (connection.connection_id), (connection.registration_id)) AS subject (subject_id)
 WHERE connection.organization_id = $1 AND connection.forge = $2 AND connection.state = 'active'
   AND ($3::uuid IS NULL OR connection.connection_id = $3) AND subject.subject_id IS NOT NULL
   AND EXISTS (SELECT FROM repair_check AS checked
                WHERE checked.organization_id = $1 AND checked.subject_id = subject.subject_id)
"""


async def read_repairs(tenant: Tenant, subjects: list[UUID] | None = None) -> list[Mapping[str, Any]]:
    """Return all checks, or those of the given connections and Apps."""
    return [dict(row) for row in await tenant.fetch(_SHOW, subjects)]


async def find_subjects(tenant: Tenant, forge: str, connection_id: UUID | None) -> list[UUID]:
    """Return the ids of connections and Apps with checks, for all active connections to a forge or for one."""
    return [row["subject_id"] for row in await tenant.fetch(_SUBJECTS, forge, connection_id)]


async def request_repairs(tenant: Tenant, subjects: list[UUID]) -> None:
    """Make the checks of these connections and Apps due now."""
    await tenant.execute(_ASK, subjects)
