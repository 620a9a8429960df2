"""Store new token events as one batch.

Row-level security forbids COPY into the table, so rows are copied into a temporary table and inserted from there.
Values that many rows share are sent separately.
"""

from collections.abc import Collection, Iterable
from typing import TypeAlias

from schema.database import Tenant, rows_as_columns
from schema.interpreter import aside
from schema.planner import PlannerSwitches
from service.http.event_packing import OWN_COLUMNS, PACKED_COLUMNS, SHARED_COLUMNS, EventRow, pack

# Shared values of one statement. Only hostile or odd telemetry has so many at a time.
SHARED_PART = 4_000
# A team's id, and an event of the team.
TeamEvent: TypeAlias = tuple[int, EventRow]

_OWN, _SHARED = ", ".join(OWN_COLUMNS), ", ".join(SHARED_COLUMNS)

STAGING = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS arriving_event ON COMMIT DELETE ROWS
    AS SELECT 0 AS place, {_OWN} FROM token_event WITH NO DATA
"""  # noqa: S608 - names of ours
# One array for all ids, which the planner takes for few: so it looks them up in the primary key although it has no
# statistics yet for a new day's partition. A narrower condition on received_at would make it choose another index and
# read everything that has arrived. This condition holds for all rows and only skips future partitions; the day of
# margin is for transactions that began later but committed earlier.
FIND_KNOWN = """
    SELECT event_id FROM token_event
     WHERE organization_id = $1 AND event_id = ANY(ARRAY(SELECT event_id FROM arriving_event))
       AND received_at < now() + interval '1 day'
"""
# For the same reason, and planned for the rows at hand: of a new day, a whole partition would be read for a few events.
# A plan with a switched-off step looks dear enough to be compiled, which took longer than to run it.
PLAN: PlannerSwitches = {"enable_seqscan": "off", "plan_cache_mode": "force_custom_plan", "jit": "off"}
ADD_BATCH = "INSERT INTO intake_batch (organization_id, events) VALUES ($1, $2) RETURNING batch_id"
ADD_EVENTS = f"""
    INSERT INTO token_event (organization_id, batch_id, received_at, {_OWN}, {_SHARED})
    SELECT $1, $2, now(), {_OWN}, {_SHARED}
      FROM arriving_event
      JOIN unnest(
               $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
               $12::text[], $13::text[], $14::int[], $15::int[], $16::bytea[], $17::bytea[], $18::bytea[],
               $19::bytea[], $20::bytea[], $21::bytea[]
           ) AS shared (place, {_SHARED}) USING (place)
     WHERE event_id <> ALL($3::bytea[])
"""  # noqa: S608 - names of ours
REMEMBER = """
    INSERT INTO idempotency_key (organization_id, event_id)
    SELECT $1::bigint, event_id FROM unnest($2::bytea[]) AS event (event_id)
    ON CONFLICT (organization_id, event_id) DO NOTHING
    RETURNING event_id
"""
# Processes that store the same events must run one after another, or neither would see the other's rows.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('token_intake', $1::bigint))"


async def lock_intake(tenant: Tenant) -> None:
    """Lock the organization's intake of token events until this transaction ends."""
    await tenant.execute(LOCK)


async def add_events(tenant: Tenant, events: dict[bytes, TeamEvent]) -> dict[bytes, TeamEvent]:
    """Store the new ones of these events (by id) as a batch to fold, and return them. Call `lock_intake` first."""
    known = await remember(tenant, [row.event_id for _, row in events.values() if row.remembered])
    new = {event_id: event for event_id, event in events.items() if event_id not in known} if known else events
    if not new:
        return {}
    await tenant.connection.execute(STAGING)
    rows, shared = await aside(len(new), pack, new.values())
    # A view, because asyncpg takes bytes for a file path.
    source = memoryview(rows)
    await tenant.connection.copy_to_table("arriving_event", source=source, format="binary", columns=PACKED_COLUMNS)
    async with tenant.planner(**PLAN):
        stored = {row["event_id"] for row in await tenant.fetch(FIND_KNOWN)}
        if len(stored) == len(new):
            return {}
        batch_id = await tenant.fetchval(ADD_BATCH, len(new) - len(stored))
        known_ids = sorted(stored)
        for begin in range(0, len(shared), SHARED_PART):
            part = shared[begin : begin + SHARED_PART]
            places = range(begin, begin + len(part))
            await tenant.execute(ADD_EVENTS, batch_id, known_ids, places, *rows_as_columns(part))
    return {event_id: event for event_id, event in new.items() if event_id not in stored} if stored else new


async def remember(tenant: Tenant, event_ids: Iterable[bytes]) -> Collection[bytes]:
    """Keep ids of events that may be sent again after their rows are deleted; return the ids that were known before."""
    ids = sorted(event_ids)
    if not ids:
        return ()
    new = await tenant.fetch(REMEMBER, ids)
    return set(ids).difference(row["event_id"] for row in new)
