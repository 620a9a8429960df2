"""Partitions of token events, one a UTC day of arrival: made ahead, listed, dropped.

What arrives on a day without a partition goes to the one for the rest, so that a worker that stands still never keeps
anything from being stored; it moves to a partition of its own as soon as one is made.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from schema.database import Connection

_NAME = re.compile(r"token_event_(\d{4})_(\d{2})_(\d{2})")
REST = "token_event_rest"

# Intake waits in line behind whoever waits for a lock, so that nobody may do that for long.
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '3s'"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('token_event_partitions', 0))"

_LIST = """
SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'token_event'::regclass
"""
_RESTING = f"SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date AS day FROM {REST}"  # noqa: S608 - a name of ours

_POLICY = """
CREATE POLICY tenant ON {name}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


async def days(connection: Connection) -> set[date]:
    """Days that have a partition. This and all here needs an operator's transaction."""
    names = [_NAME.fullmatch(row["name"]) for row in await connection.fetch(_LIST)]
    return {date(*map(int, name.groups())) for name in names if name}


async def resting_days(connection: Connection) -> set[date]:
    """Days whose events came before their partition."""
    return {row["day"] for row in await connection.fetch(_RESTING)}


async def oldest_event(connection: Connection) -> datetime:
    """An instant that no event which still lives came before."""
    living = await days(connection) | await resting_days(connection)
    return min((span(day)[0] for day in living), default=datetime.now(UTC))


async def make(connection: Connection, day: date) -> None:
    """Make the partition of a day, with what arrived on it already."""
    await connection.execute(_LOCK_TIMEOUT)
    await connection.execute(_LOCK)
    if day in await days(connection):
        return
    name, (begins, ends) = _name(day), span(day)
    # Nothing more goes to the rest until the partition is there; what others hold of it they give back soon.
    await connection.execute(f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE")
    await connection.execute(f"CREATE TABLE {name} (LIKE token_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    await connection.execute(
        f"WITH moved AS (DELETE FROM {REST} WHERE received_at >= $1 AND received_at < $2 RETURNING *)"  # noqa: S608 - ours
        f" INSERT INTO {name} SELECT * FROM moved",
        begins,
        ends,
    )
    await connection.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    await connection.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    await connection.execute(_POLICY.format(name=name))
    await connection.execute(
        f"ALTER TABLE token_event ATTACH PARTITION {name}"
        f" FOR VALUES FROM ('{begins.isoformat()}') TO ('{ends.isoformat()}')"
    )


async def drop(connection: Connection, day: date) -> None:
    """Drop the partition of a day, and what of it is in the rest."""
    await connection.execute(_LOCK_TIMEOUT)
    await connection.execute(_LOCK)
    await connection.execute(f"DROP TABLE IF EXISTS {_name(day)}")
    await connection.execute(
        f"DELETE FROM {REST} WHERE received_at >= $1 AND received_at < $2",  # noqa: S608 - a name of ours
        *span(day),
    )


def span(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight, UTC."""
    begins = datetime.combine(day, time(), UTC)
    return begins, begins + timedelta(days=1)


def _name(day: date) -> str:
    return f"token_event_{day:%Y_%m_%d}"
