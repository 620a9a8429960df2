"""Batches of token events waiting to be folded: claim, split, complete, back off."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant
from schema.work_rows import WorkKind
from workers.work_queue import Retry, WorkQueue


class Batch(NamedTuple):
    """Events stored together at one instant."""

    batch_id: int
    received_at: datetime
    events: int


_BATCH = ", ".join(Batch._fields)

# The events of batches by their `keys_of`, as `$2` and `$3`.
IN_BATCHES = """
event.organization_id = $1 AND event.batch_id = ANY($2::bigint[]) AND event.received_at = ANY($3::timestamptz[])
"""

# Batches considered for one claim; many hold a single event.
LOOK = 2_000

QUEUE = WorkQueue(WorkKind.TOKEN_EVENT, order="next_attempt_at, batch_id")

_SPLIT = """
WITH half AS (
    INSERT INTO intake_batch (organization_id, received_at, events, attempts)
    SELECT $1, received_at, $3, attempts FROM intake_batch WHERE organization_id = $1 AND batch_id = $2
    RETURNING batch_id
), rest AS (
    UPDATE intake_batch SET events = events - $3 WHERE organization_id = $1 AND batch_id = $2
), moved AS (
    UPDATE token_event SET batch_id = half.batch_id FROM half
     WHERE token_event.organization_id = $1 AND token_event.batch_id = $2 AND token_event.received_at = $4
       AND token_event.event_id IN (SELECT event_id FROM token_event AS event
                                     WHERE event.organization_id = $1 AND event.batch_id = $2
                                       AND event.received_at = $4
                                     ORDER BY event_id LIMIT $3)
)
SELECT batch_id FROM half
"""


async def claim(tenant: Tenant, limit: int) -> list[Batch]:
    """Claim due batches, locked until the transaction ends: the first one, and more up to `limit` events."""
    return within(await QUEUE.claim(tenant, _BATCH, limit=LOOK), limit)


def within(rows: Iterable[Record], limit: int) -> list[Batch]:
    """Return the first batch, and more up to `limit` events."""
    taken: list[Batch] = []
    events = 0
    for row in rows:
        events += row["events"]
        if taken and events > limit:
            break
        taken.append(Batch._make(row))
    return taken


async def complete(tenant: Tenant, batches: Sequence[Batch]) -> None:
    """Mark the batches as folded."""
    await QUEUE.complete(tenant, [(batch.batch_id,) for batch in batches])


async def split(tenant: Tenant, batch: Batch) -> tuple[Batch, Batch]:
    """Split a batch of at least two events in two."""
    half = batch.events // 2
    batch_id = await tenant.fetchval(_SPLIT, batch.batch_id, half, batch.received_at)
    return Batch(batch_id, batch.received_at, half), batch._replace(events=batch.events - half)


async def back_off(tenant: Tenant, batches: Sequence[Batch], failure: str, retry: Retry) -> None:
    """Record a failed attempt: retry later, or give up once the limit is reached."""
    await QUEUE.back_off(tenant, [(batch.batch_id,) for batch in batches], failure, retry)


def keys_of(batches: Sequence[Batch]) -> tuple[list[int], list[datetime]]:
    """Return the ids of batches and their times of arrival, by which events are found."""
    return [batch.batch_id for batch in batches], sorted({batch.received_at for batch in batches})
