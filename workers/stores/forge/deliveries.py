"""Waiting deliveries: claim in batches, complete, ignore with a reason, back off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schema.database import Tenant
from schema.kinds import RowState
from schema.work_rows import WorkKind
from workers.work_queue import WAITING, Retry, WorkQueue

# One organization's deliveries are processed one batch at a time in order of arrival, so that two deliveries about one
# repository never conflict. Other organizations, and other rows of this one, do not wait.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('deliveries', $1::bigint))"

# Earlier reports of a suspended installation wait until it is active again; only installation events are read.
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
    """A due delivery and its connection; the row is locked until the transaction ends.

    `size` is that of the sealed body in bytes; None once it is deleted.
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
    """Lock out all other recording of the organization's facts until the transaction ends."""
    await tenant.execute(_LOCK)


async def claim(tenant: Tenant, limit: int) -> list[ClaimedDelivery]:
    """Claim due deliveries, oldest first; call within `recording`, which excludes other workers."""
    return [ClaimedDelivery._make(row) for row in await QUEUE.claim(tenant, _COLUMNS, limit=limit)]


async def following(tenant: Tenant, last: ClaimedDelivery, limit: int) -> list[ClaimedDelivery]:
    """Return due deliveries after a delivery, without claiming them; a later claim may return others."""
    behind = "(delivery.next_attempt_at, delivery.delivery_id) > ($2, $3)"
    rows = await QUEUE.peek(tenant, _COLUMNS, limit=limit, also=behind, arguments=(last.due_at, last.delivery_id))
    return [ClaimedDelivery._make(row) for row in rows]


async def load_bodies(tenant: Tenant, deliveries: Sequence[ClaimedDelivery]) -> dict[int, bytes]:
    """Return the sealed bodies by delivery, without deleted ones."""
    rows = await tenant.fetch(_BODIES, [each.delivery_id for each in deliveries])
    return {row["delivery_id"]: row["sealed_body"] for row in rows if row["sealed_body"] is not None}


async def complete(tenant: Tenant, reasons: Mapping[int, str | None]) -> None:
    """Mark deliveries as processed, or as ignored if there is a reason."""
    rows = [
        (each, RowState.PROCESSED if reason is None else RowState.IGNORED, reason) for each, reason in reasons.items()
    ]
    await QUEUE.run(tenant, _COMPLETE, rows)


async def back_off(tenant: Tenant, delivery_id: int, failure: str, retry: Retry) -> None:
    """Record a failed attempt: retry later, or give up once the limit is reached."""
    await QUEUE.back_off(tenant, [(delivery_id,)], failure, retry)
