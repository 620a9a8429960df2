"""Partitions of token events by UTC day of arrival: create ahead, list, drop.

Events that arrive on a day without a partition go to a default partition, so that a stopped worker never blocks intake.
They move to the day's partition as soon as it is created. Partitions belong to the owner of the tables, so that its
functions make and drop them.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from schema.database import Connection

_NAME = re.compile(r"token_event_(\d{4})_(\d{2})_(\d{2})")
_LIST = """
SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'token_event'::regclass
"""


async def days(connection: Connection) -> set[date]:
    """Return days that have a partition."""
    names = [_NAME.fullmatch(row["name"]) for row in await connection.fetch(_LIST)]
    return {date(*map(int, name.groups())) for name in names if name}


async def resting_days(connection: Connection) -> set[date]:
    """Return days whose events arrived before their partition existed."""
    return {day for (day,) in await connection.fetch("SELECT day FROM find_resting_days() AS day")}


async def oldest_event(connection: Connection) -> datetime:
    """Return an instant before all existing events."""
    living = await days(connection) | await resting_days(connection)
    return min((begins for begins, _ in map(span, living)), default=datetime.now(UTC))


async def make(connection: Connection, day: date) -> None:
    """Create the partition of a day, and move its events there. Waits at most 3 s for a lock, as intake waits too."""
    await connection.execute("SELECT make_token_event_partition($1)", day)


async def drop(connection: Connection, day: date) -> None:
    """Drop the partition of a day that is over, and delete its events from the default partition."""
    await connection.execute("SELECT drop_token_event_partition($1)", day)


def span(day: date) -> tuple[datetime, datetime]:
    """Return a UTC day from midnight to midnight."""
    begins = datetime.combine(day, time(), UTC)
    return begins, begins + timedelta(days=1)
