"""Imports that wait: begun and claimed one at a time, and completed with what became of their items."""

from collections.abc import Sequence
from typing import NamedTuple

from schema.database import Tenant
from schema.kinds import ImportEvent
from schema.work_rows import WorkKind
from workers.work_queue import WAITING, WorkQueue

# Deliveries of no connection.
QUEUE = WorkQueue(
    WorkKind.DELIVERY,
    due=f"{WAITING} AND {{table}}.connection_id IS NULL",
    order="next_attempt_at, delivery_id",
)

_BEGIN = "UPDATE import SET begun_at = coalesce(begun_at, now()) WHERE organization_id = $1 AND delivery_id = $2"

_CLAIM = """
SELECT event, sealed_body FROM delivery
 WHERE organization_id = $1 AND delivery_id = $2 AND state = 'waiting' FOR UPDATE
"""

_NOTE_OUTCOMES = """
UPDATE import SET outcomes = $3::text[], reasons = $4::text[] WHERE organization_id = $1 AND delivery_id = $2
"""


class ClaimedImport(NamedTuple):
    """What its items are, and its sealed body; None once it was forgotten."""

    event: ImportEvent
    sealed_body: bytes | None


async def begin(tenant: Tenant) -> int | None:
    """Note that the oldest import that is due is worked on; its delivery, None where nothing is due."""
    found = await QUEUE.peek(tenant, "delivery_id", limit=1)
    if not found:
        return None
    delivery_id: int = found[0]["delivery_id"]
    await tenant.execute(_BEGIN, delivery_id)
    return delivery_id


async def claim(tenant: Tenant, delivery_id: int) -> ClaimedImport | None:
    """The import, its row locked until the transaction ends; None where another worker has completed it."""
    row = await tenant.fetchrow(_CLAIM, delivery_id)
    return None if row is None else ClaimedImport(ImportEvent(row["event"]), row["sealed_body"])


async def note_outcomes(
    tenant: Tenant, delivery_id: int, outcomes: Sequence[str], reasons: Sequence[str | None]
) -> None:
    """Keep what became of each item, and why it was refused if it was."""
    await tenant.execute(_NOTE_OUTCOMES, delivery_id, list(outcomes), list(reasons))
