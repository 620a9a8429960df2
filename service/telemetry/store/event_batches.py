"""Token events on their way into the table, as one batch: only those that are not there yet, by COPY.

Row-level security forbids COPY into a table, so that the rows go through a table of the session, and what they
share comes beside them.
"""

from collections.abc import Collection, Iterable
from typing import TypeAlias

from schema.database import Tenant, rows_as_columns
from schema.planner import PlannerSwitches
from service.http.event_packing import OWN_COLUMNS, SHARED_COLUMNS, EventRow, pack

# The id of a team, and what it told.
TeamEvent: TypeAlias = tuple[int, EventRow]

_OWN, _SHARED = ", ".join(OWN_COLUMNS), ", ".join(SHARED_COLUMNS)

STAGING = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS arriving_event ON COMMIT DELETE ROWS
    AS SELECT 0 AS place, {_OWN} FROM token_event WITH NO DATA
"""  # noqa: S608 - names of ours
# Looked up one by one in the key, which the limit makes sure of: statistics say nothing yet of a day that has begun. A
# condition on the day would have the planner take another index for it, and read all that has arrived; this one, true
# of all rows, only spares days that are still ahead. A day, as those who held the lock before may have begun later.
FIND_KNOWN = """
    SELECT staged.event_id
      FROM arriving_event AS staged,
           LATERAL (SELECT FROM token_event AS known
                     WHERE known.organization_id = $1 AND known.event_id = staged.event_id
                       AND known.received_at < now() + interval '1 day'
                     LIMIT 1) AS found
"""
# For the same reason, and planned for the rows at hand: of a new day, a whole partition would be read for a few events.
PLAN: PlannerSwitches = {"enable_seqscan": "off", "plan_cache_mode": "force_custom_plan"}
ADD_BATCH = "INSERT INTO intake_batch (organization_id, events) VALUES ($1, $2) RETURNING batch_id"
ADD_EVENTS = f"""
    INSERT INTO token_event (organization_id, batch_id, received_at, {_OWN}, {_SHARED})
    SELECT $1, $2, now(), {_OWN}, {_SHARED}
      FROM arriving_event
      JOIN unnest(
               $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
               $12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[], $16::bytea[], $17::bytea[]
           ) AS shared (place, {_SHARED}) USING (place)
     WHERE event_id <> ALL($3::bytea[])
"""  # noqa: S608 - names of ours
REMEMBER = """
    INSERT INTO idempotency_key (organization_id, event_id)
    SELECT $1::bigint, event_id FROM unnest($2::bytea[]) AS event (event_id)
    ON CONFLICT (organization_id, event_id) DO NOTHING
    RETURNING event_id
"""
# Two processes that take in the same events must follow each other, or neither would find what the other adds.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('token_intake', $1::bigint))"


async def lock_intake(tenant: Tenant) -> None:
    """Let nobody else store token events of the organization until this transaction ends."""
    await tenant.execute(LOCK)


async def add_events(tenant: Tenant, events: dict[bytes, TeamEvent]) -> dict[bytes, TeamEvent]:
    """Store events, given by their ids, as a batch that waits to be counted; gives those that were new.

    Needs `lock_intake`.
    """
    known = await remember(tenant, [row.event_id for _, row in events.values() if row.remembered])
    new = {event_id: event for event_id, event in events.items() if event_id not in known} if known else events
    if not new:
        return {}
    await tenant.connection.execute(STAGING)
    # Parts of the indexes are then visited one after the other.
    rows, shared = pack(map(new.__getitem__, sorted(new)))
    # As a view, since asyncpg takes bytes for the path of a file.
    reported = memoryview(rows)
    await tenant.connection.copy_to_table(
        "arriving_event", source=reported, format="binary", columns=["place", *OWN_COLUMNS]
    )
    async with tenant.planner(**PLAN):
        stored = {row["event_id"] for row in await tenant.fetch(FIND_KNOWN)}
        if len(stored) == len(new):
            return {}
        batch_id = await tenant.fetchval(ADD_BATCH, len(new) - len(stored))
        await tenant.execute(ADD_EVENTS, batch_id, sorted(stored), range(len(shared)), *rows_as_columns(shared))
    return {event_id: event for event_id, event in new.items() if event_id not in stored} if stored else new


async def remember(tenant: Tenant, event_ids: Iterable[bytes]) -> Collection[bytes]:
    """Keep the ids of events that may be told again long after their rows are gone; which of them were known before."""
    reported = sorted(event_ids)
    if not reported:
        return ()
    new = await tenant.fetch(REMEMBER, reported)
    return set(reported).difference(row["event_id"] for row in new)
