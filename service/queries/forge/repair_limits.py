"""Counts of connections for which missed webhooks cannot be recovered."""

from typing import NamedTuple

from schema.database import Connection
from schema.failures import Failure

# `doctor` counts over all organizations.
_COUNT = """
SELECT count(*) AS connections,
       count(*) FILTER (WHERE sealed_token IS NULL AND registration_id IS NULL) AS webhooks_only,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM repair_check AS checked
            WHERE checked.organization_id = connection.organization_id
              AND checked.subject_id = connection.connection_id AND split_part(checked.failure, ':', 1) = $2))
           AS not_offered
  FROM connection WHERE state = 'active' AND ($1::bigint IS NULL OR organization_id = $1)
"""


class RepairLimits(NamedTuple):
    """Active connections; those without access to the API, and those whose forge does not list failed deliveries."""

    connections: int = 0
    webhooks_only: int = 0
    not_offered: int = 0


async def read_repair_limits(connection: Connection, organization_id: int | None) -> RepairLimits:
    """Count for one organization, or with None for all, which needs a connection of operator scope."""
    row = await connection.fetchrow(_COUNT, organization_id, Failure.DELIVERIES_NOT_OFFERED)
    return RepairLimits(**dict(row))
