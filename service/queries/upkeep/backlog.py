"""Backlog: rows that wait for a worker, over all organizations."""

from typing import NamedTuple

from schema.database import Connection

BACKLOG = """
    SELECT 'delivery' AS name,
           count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'dead') AS dead,
           min(received_at) FILTER (WHERE state = 'waiting') AS oldest
    FROM delivery WHERE state IN ('waiting', 'dead')
    UNION ALL
    SELECT 'token_event',
           coalesce(sum(events) FILTER (WHERE state = 'waiting'), 0)::bigint,
           coalesce(sum(events) FILTER (WHERE state = 'dead'), 0)::bigint,
           min(received_at) FILTER (WHERE state = 'waiting')
    FROM intake_batch WHERE state <> 'processed'
    UNION ALL
    SELECT 'settlement',
           count(*) FILTER (WHERE state = 'waiting'),
           count(*) FILTER (WHERE state = 'dead'),
           min(next_attempt_at) FILTER (WHERE state = 'waiting' AND NOT refit)
    FROM settlement WHERE state IN ('waiting', 'dead')
"""


class Waiting(NamedTuple):
    """Waiting and dead rows of one table, and the age of the oldest waiting row in seconds."""

    name: str
    waiting: int
    dead: int
    oldest_seconds: float


async def backlog(connection: Connection) -> list[Waiting]:
    """Count rows by table; needs a connection of operator scope."""
    rows = await connection.fetch(
        f"SELECT name, waiting, dead, coalesce(extract(epoch FROM now() - oldest), 0)::float8 AS age FROM ({BACKLOG}) t"  # noqa: S608 - a constant
    )
    return [Waiting(row["name"], row["waiting"], row["dead"], max(0.0, row["age"])) for row in rows]
