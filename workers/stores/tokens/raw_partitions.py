"""Partitions of token events by UTC day of arrival: create ahead, list, drop.

Events that arrive on a day without a partition go to a default partition, so that a stopped worker never blocks intake.
They move to the day's partition as soon as it is created.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from schema.database import Connection

_NAME = re.compile(r"token_event_(\d{4})_(\d{2})_(\d{2})")
REST = "token_event_rest"

# Intake queues behind statements that wait for a lock, so none may wait for long.
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '3s'"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('token_event_partitions', 0))"

_LIST = """
SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'token_event'::regclass
"""
_RESTING = f"SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date AS day FROM {REST}"  # noqa: S608 - a fixed name

_POLICY = """
CREATE POLICY tenant ON {name}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


async def days(connection: Connection) -> set[date]:
    """Return days that have a partition. Like all functions here, this needs an operator's transaction."""
    names = [_NAME.fullmatch(row["name"]) for row in await connection.fetch(_LIST)]
    return {date(*map(int, name.groups())) for name in names if name}


async def resting_days(connection: Connection) -> set[date]:
    """Return days whose events arrived before their partition existed."""
    return {row["day"] for row in await connection.fetch(_RESTING)}


async def oldest_event(connection: Connection) -> datetime:
    """Return an instant before all existing events."""
    living = await days(connection) | await resting_days(connection)
    return min((begins for begins, _ in map(span, living)), default=datetime.now(UTC))


async def make(connection: Connection, day: date) -> None:
    """Create the partition of a day, and move its events there."""
    await connection.execute(_LOCK_TIMEOUT)
    await connection.execute(_LOCK)
    if day in await days(connection):
        return
    name, (begins, ends) = _name(day), span(day)
    # Nothing more enters the default partition until the new one exists; other transactions release it soon.
    await connection.execute(f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE")
    await connection.execute(f"CREATE TABLE {name} (LIKE token_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    await connection.execute(
        f"WITH moved AS (DELETE FROM {REST} WHERE received_at >= $1 AND received_at < $2 RETURNING *)"  # noqa: S608 - fixed names
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
    """Drop the partition of a day, and delete its events from the default partition."""
    await connection.execute(_LOCK_TIMEOUT)
    await connection.execute(_LOCK)
    await connection.execute(f"DROP TABLE IF EXISTS {_name(day)}")
    await connection.execute(
        f"DELETE FROM {REST} WHERE received_at >= $1 AND received_at < $2",  # noqa: S608 - a fixed name
        *span(day),
    )


def span(day: date) -> tuple[datetime, datetime]:
    """Return a UTC day from midnight to midnight."""
    begins = datetime.combine(day, time(), UTC)
    return begins, begins + timedelta(days=1)


def _name(day: date) -> str:
    return f"token_event_{day:%Y_%m_%d}"
