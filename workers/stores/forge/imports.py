"""Waiting imports: begin and claim one at a time, and record the outcome of each item."""

from collections.abc import Sequence
from typing import NamedTuple

from schema.database import Tenant
from schema.kinds import ImportEvent
from schema.work_rows import WorkKind
from workers.work_queue import WAITING, WorkQueue

# Imports are deliveries without a connection.
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
    """The kind of an import's items, and its sealed body; None once it is deleted."""

    event: ImportEvent
    sealed_body: bytes | None


async def begin(tenant: Tenant) -> int | None:
    """Record that work on the oldest due import begins; return its delivery, None when none is due."""
    found = await QUEUE.peek(tenant, "delivery_id", limit=1)
    if not found:
        return None
    delivery_id: int = found[0]["delivery_id"]
    await tenant.execute(_BEGIN, delivery_id)
    return delivery_id


async def claim(tenant: Tenant, delivery_id: int) -> ClaimedImport | None:
    """Return the import, locked until the transaction ends; None if another worker completed it."""
    row = await tenant.fetchrow(_CLAIM, delivery_id)
    return None if row is None else ClaimedImport(ImportEvent(row["event"]), row["sealed_body"])


async def record_outcomes(
    tenant: Tenant, delivery_id: int, outcomes: Sequence[str], reasons: Sequence[str | None]
) -> None:
    """Record the outcome of each item, and the reasons for refusals."""
    await tenant.execute(_NOTE_OUTCOMES, delivery_id, list(outcomes), list(reasons))
