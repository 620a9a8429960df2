"""Copy token events into a temporary table, from which they are inserted.

Row-level security forbids COPY into the table itself. Values that many rows share are sent separately. No other
transaction sees what is staged, so that this needs no lock.
"""

from typing import NamedTuple, TypeAlias

from schema.database import Tenant
from service.http.event_packing import OWN_COLUMNS, PACKED_COLUMNS, EventRow, Shared, pack

# A team's id, and an event of the team.
TeamEvent: TypeAlias = tuple[int, EventRow]

CREATE = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS arriving_event ON COMMIT DELETE ROWS
    AS SELECT 0 AS place, {", ".join(OWN_COLUMNS)} FROM token_event WITH NO DATA
"""  # noqa: S608 - names of ours
CLEAR = "TRUNCATE arriving_event"


class Staged(NamedTuple):
    """The events in the temporary table, by id, and the list of values that they share."""

    events: dict[bytes, TeamEvent]
    shared: list[Shared]


async def stage(tenant: Tenant, events: dict[bytes, TeamEvent]) -> Staged:
    """Copy events (by id) into the empty temporary table."""
    await tenant.connection.execute(CREATE)
    rows, shared = pack(events.values())
    # A view, because asyncpg takes bytes for a file path.
    source = memoryview(rows)
    await tenant.connection.copy_to_table("arriving_event", source=source, format="binary", columns=PACKED_COLUMNS)
    return Staged(events, shared)


async def clear(tenant: Tenant) -> None:
    """Empty the temporary table before the transaction ends, which would empty it, too."""
    await tenant.connection.execute(CLEAR)
