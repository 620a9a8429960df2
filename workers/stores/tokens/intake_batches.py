"""Batches of token events that wait to be counted: claimed, split, settled, put off."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant


class Batch(NamedTuple):
    """Events that were stored together, at one instant."""

    batch_id: int
    received_at: datetime
    events: int


# Batches looked at for one claim; those of a single event are many.
LOOK = 2_000

_CLAIM = """
SELECT batch_id, received_at, events FROM intake_batch
 WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
 ORDER BY next_attempt_at, batch_id
 LIMIT $2 FOR UPDATE SKIP LOCKED
"""

_COMPLETE = """
UPDATE intake_batch SET state = 'processed', attempts = 0, failure = NULL
 WHERE organization_id = $1 AND batch_id = ANY($2::bigint[])
"""

_BACK_OFF = """
UPDATE intake_batch
   SET attempts = attempts + 1, failure = $3,
       state = CASE WHEN attempts + 1 >= $4 THEN 'dead' ELSE 'waiting' END,
       next_attempt_at = now() + $5::interval * power(2, attempts) * (0.75 + random() / 2)
 WHERE organization_id = $1 AND batch_id = $2
"""

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
    """Batches that are due, locked until the transaction ends: the first one, and more up to so many events."""
    return within(await tenant.fetch(_CLAIM, LOOK), limit)


def within(rows: Iterable[Record], limit: int) -> list[Batch]:
    """The first batch, and more up to so many events."""
    taken: list[Batch] = []
    events = 0
    for row in rows:
        events += row["events"]
        if taken and events > limit:
            break
        taken.append(Batch(*row))
    return taken


async def complete(tenant: Tenant, batches: Sequence[Batch]) -> None:
    """Note that every event of these batches counts."""
    await tenant.execute(_COMPLETE, [batch.batch_id for batch in batches])


async def split(tenant: Tenant, batch: Batch) -> tuple[Batch, Batch]:
    """Make two batches of one of at least two events."""
    half = batch.events // 2
    batch_id = await tenant.fetchval(_SPLIT, batch.batch_id, half, batch.received_at)
    return Batch(batch_id, batch.received_at, half), batch._replace(events=batch.events - half)


async def back_off(tenant: Tenant, batch: Batch, *, failure: str, retry_limit: int, retry_base: timedelta) -> None:
    """Try again later, or never again once the limit is reached; `failure` is the type of the error."""
    await tenant.execute(_BACK_OFF, batch.batch_id, failure, retry_limit, retry_base)


def keys_of(batches: Sequence[Batch]) -> tuple[list[int], list[datetime]]:
    """The ids of batches, and when they arrived, which their events are found by."""
    return [batch.batch_id for batch in batches], sorted({batch.received_at for batch in batches})
