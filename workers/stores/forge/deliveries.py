"""Deliveries that wait: claimed in batches, completed, ignored with a reason, or tried again later."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schema.database import Tenant
from schema.failures import Failure
from schema.kinds import RowState
from schema.work_rows import WorkKind
from workers.work_queue import WAITING, Retry, WorkQueue

# One organization's deliveries are worked through one batch at a time, in the order in which they came: what two
# deliveries say of one repository then never crosses. Other organizations, and other rows of this one, do not wait.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('deliveries', $1::bigint))"

# What a suspended installation reported before waits until it is active again; only that it is so is read.
QUEUE = WorkQueue(
    WorkKind.DELIVERY,
    joins=(
        "JOIN connection ON connection.organization_id = {organization}"
        " AND connection.connection_id = delivery.connection_id"
    ),
    due=f"{WAITING} AND (connection.state <> 'suspended' OR delivery.event LIKE 'installation%')",
    order="delivery.next_attempt_at, delivery.delivery_id",
)

_BODIES = "SELECT delivery_id, sealed_body FROM delivery WHERE organization_id = $1 AND delivery_id = ANY($2::bigint[])"

_COMPLETE = QUEUE.completing(
    "state = chosen.state, reason = chosen.reason, processed_at = now()", {"state": "text", "reason": "text"}
)


class ClaimedDelivery(NamedTuple):
    """A delivery that is due, its row locked by whoever claimed it until the transaction ends, and where it came from.

    `size` is that of the sealed body in bytes; None once it was forgotten.
    """

    delivery_id: int
    event: str
    received_at: datetime
    size: int | None
    connection_id: UUID
    forge: str
    host: str
    due_at: datetime


_COLUMN = {
    "delivery_id": "delivery.delivery_id",
    "event": "delivery.event",
    "received_at": "delivery.received_at",
    "size": "octet_length(delivery.sealed_body)",
    "connection_id": "connection.connection_id",
    "forge": "connection.forge",
    "host": "connection.host",
    "due_at": "delivery.next_attempt_at",
}
_COLUMNS = ", ".join(f"{_COLUMN[name]} AS {name}" for name in ClaimedDelivery._fields)


async def lock(tenant: Tenant) -> None:
    """Let nothing else be stored of what the organization's forges tell until the transaction ends."""
    await tenant.execute(_LOCK)


async def claim(tenant: Tenant, limit: int) -> list[ClaimedDelivery]:
    """The organization's deliveries that are due, oldest first; within `recording`, which keeps other workers out."""
    return [ClaimedDelivery._make(row) for row in await QUEUE.claim(tenant, _COLUMNS, limit=limit)]


async def following(tenant: Tenant, last: ClaimedDelivery, limit: int) -> list[ClaimedDelivery]:
    """Those that are due behind a delivery, not claimed: who claims them may find others."""
    behind = "(delivery.next_attempt_at, delivery.delivery_id) > ($2, $3)"
    rows = await QUEUE.peek(tenant, _COLUMNS, limit=limit, also=behind, arguments=(last.due_at, last.delivery_id))
    return [ClaimedDelivery._make(row) for row in rows]


async def load_bodies(tenant: Tenant, deliveries: Sequence[ClaimedDelivery]) -> dict[int, bytes]:
    """The sealed bodies by delivery, but for those that were forgotten."""
    rows = await tenant.fetch(_BODIES, [each.delivery_id for each in deliveries])
    return {row["delivery_id"]: row["sealed_body"] for row in rows if row["sealed_body"] is not None}


async def complete(tenant: Tenant, reasons: Mapping[int, str | None]) -> None:
    """Done with: each processed, or ignored when there is a reason."""
    rows = [
        (each, RowState.PROCESSED if reason is None else RowState.IGNORED, reason) for each, reason in reasons.items()
    ]
    await QUEUE.run(tenant, _COMPLETE, rows)


async def back_off(tenant: Tenant, delivery_id: int, failure: Failure, retry: Retry) -> None:
    """Try again later, or never again once the limit is reached."""
    await QUEUE.back_off(tenant, [(delivery_id,)], failure, retry)
