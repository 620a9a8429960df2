"""Backlog: rows that wait for a worker, over all organizations or of one."""

from typing import NamedTuple

from schema.database import Connection, Tenant

_COUNT = "SELECT name, waiting, dead, oldest_seconds FROM count_backlog()"

# The same rows as that function of the owner, which counts all organizations.
_COUNT_OWN = """
    SELECT name, waiting, dead, greatest(0, coalesce(extract(epoch FROM now() - oldest), 0))::float8 AS oldest_seconds
      FROM (SELECT 'delivery' AS name,
                   count(*) FILTER (WHERE state = 'waiting') AS waiting,
                   count(*) FILTER (WHERE state = 'dead') AS dead,
                   min(received_at) FILTER (WHERE state = 'waiting') AS oldest
              FROM delivery WHERE organization_id = $1 AND state IN ('waiting', 'dead')
             UNION ALL
            SELECT 'token_event',
                   coalesce(sum(events) FILTER (WHERE state = 'waiting'), 0)::bigint,
                   coalesce(sum(events) FILTER (WHERE state = 'dead'), 0)::bigint,
                   min(received_at) FILTER (WHERE state = 'waiting')
              FROM intake_batch WHERE organization_id = $1 AND state <> 'processed'
             UNION ALL
            SELECT 'settlement',
                   count(*) FILTER (WHERE state = 'waiting'),
                   count(*) FILTER (WHERE state = 'dead'),
                   min(next_attempt_at) FILTER (WHERE state = 'waiting' AND NOT refit)
              FROM settlement WHERE organization_id = $1 AND state IN ('waiting', 'dead')) AS counted
"""


class Waiting(NamedTuple):
    """Waiting and dead rows of one table, and the age of the oldest waiting row in seconds."""

    name: str
    waiting: int
    dead: int
    oldest_seconds: float


async def backlog(connection: Connection) -> list[Waiting]:
    """Count rows of all organizations by table."""
    return [Waiting(*row) for row in await connection.fetch(_COUNT)]


async def backlog_of(tenant: Tenant) -> list[Waiting]:
    """Count rows of one organization by table."""
    return [Waiting(*row) for row in await tenant.fetch(_COUNT_OWN)]
