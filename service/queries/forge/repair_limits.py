"""What repair can do for connections, counted by what they lack for it."""

from typing import NamedTuple

from schema.database import Connection
from schema.failures import Failure

# The operator's diagnosis counts over all organizations.
_COUNT = """
SELECT count(*) AS connections,
       count(*) FILTER (WHERE sealed_token IS NULL AND registration_id IS NULL) AS webhooks_only,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM repair_check AS checked
            WHERE checked.organization_id = connection.organization_id
              AND checked.subject_id = connection.connection_id AND checked.failure = $2))
           AS not_offered
  FROM connection WHERE state = 'active' AND ($1::bigint IS NULL OR organization_id = $1)
"""


class RepairLimits(NamedTuple):
    """Active connections; those that have no way to ask the forge, and those whose forge lists no failed deliveries."""

    connections: int = 0
    webhooks_only: int = 0
    not_offered: int = 0


async def read_repair_limits(connection: Connection, organization_id: int | None) -> RepairLimits:
    """Of one organization, or in an operator's transaction of all."""
    row = await connection.fetchrow(_COUNT, organization_id, Failure.DELIVERIES_NOT_OFFERED)
    return RepairLimits(**dict(row))
