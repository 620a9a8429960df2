"""Deliveries that wait: claimed in batches, completed, ignored with a reason, or tried again later."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from schema.database import Tenant, rows_as_columns

# One organization's deliveries are worked through one batch at a time, in the order in which they came: what two
# deliveries say of one repository then never crosses. Other organizations, and other rows of this one, do not wait.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('deliveries', $1::bigint))"

# What a suspended installation told before waits until it is active again; only that it is so is heard.
_DUE = """
SELECT delivery.delivery_id, delivery.event, delivery.received_at, octet_length(delivery.sealed_body) AS size,
       connection.connection_id, connection.forge, connection.host, delivery.next_attempt_at AS due_at
  FROM delivery
  JOIN connection ON connection.organization_id = $1 AND connection.connection_id = delivery.connection_id
 WHERE delivery.organization_id = $1 AND delivery.state = 'waiting' AND delivery.next_attempt_at <= now()
   AND (connection.state <> 'suspended' OR delivery.event LIKE 'installation%')
"""
_IN_ORDER = "ORDER BY delivery.next_attempt_at, delivery.delivery_id LIMIT $2"
_CLAIM = f"{_DUE} {_IN_ORDER} FOR UPDATE OF delivery SKIP LOCKED"
_FOLLOWING = f"{_DUE} AND (delivery.next_attempt_at, delivery.delivery_id) > ($3, $4) {_IN_ORDER}"

_BODIES = "SELECT delivery_id, sealed_body FROM delivery WHERE organization_id = $1 AND delivery_id = ANY($2::bigint[])"

_PROCESSED = """
UPDATE delivery SET state = 'processed', reason = NULL, processed_at = now(), failure = NULL
 WHERE organization_id = $1 AND delivery_id = ANY($2::bigint[])
"""

_IGNORED = """
UPDATE delivery SET state = 'ignored', reason = reported.reason, processed_at = now(), failure = NULL
  FROM unnest($2::bigint[], $3::text[]) AS reported (delivery_id, reason)
 WHERE delivery.organization_id = $1 AND delivery.delivery_id = reported.delivery_id
"""

_BACK_OFF = """
UPDATE delivery
   SET attempts = attempts + 1, failure = $3,
       state = CASE WHEN attempts + 1 >= $4 THEN 'dead' ELSE 'waiting' END,
       next_attempt_at = now() + $5::interval * power(2, attempts) * (0.75 + random() / 2)
 WHERE organization_id = $1 AND delivery_id = $2
"""


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


async def lock(tenant: Tenant) -> None:
    """Let nothing else be stored of what the organization's forges tell until the transaction ends."""
    await tenant.execute(_LOCK)


async def claim(tenant: Tenant, limit: int) -> list[ClaimedDelivery]:
    """The organization's deliveries that are due, oldest first; within `recording`, which keeps other workers out."""
    return [ClaimedDelivery(*row) for row in await tenant.fetch(_CLAIM, limit)]


async def following(tenant: Tenant, last: ClaimedDelivery, limit: int) -> list[ClaimedDelivery]:
    """Those that are due behind a delivery, not claimed: who claims them may find others."""
    rows = await tenant.fetch(_FOLLOWING, limit, last.due_at, last.delivery_id)
    return [ClaimedDelivery(*row) for row in rows]


async def load_bodies(tenant: Tenant, deliveries: Sequence[ClaimedDelivery]) -> dict[int, bytes]:
    """The sealed bodies by delivery, but for those that were forgotten."""
    rows = await tenant.fetch(_BODIES, [each.delivery_id for each in deliveries])
    return {row["delivery_id"]: row["sealed_body"] for row in rows if row["sealed_body"] is not None}


async def complete(tenant: Tenant, reasons: Mapping[int, str | None]) -> None:
    """Done with: each processed, or ignored when there is a reason."""
    ignored: list[tuple[object, ...]] = [(each, reason) for each, reason in reasons.items() if reason is not None]
    if processed := [each for each, reason in reasons.items() if reason is None]:
        await tenant.execute(_PROCESSED, processed)
    if ignored:
        await tenant.execute(_IGNORED, *rows_as_columns(ignored))


async def back_off(tenant: Tenant, delivery_id: int, *, failure: str, retry_limit: int, retry_base: timedelta) -> None:
    """Try again later, or never again once the limit is reached; `failure` is the type of the error."""
    await tenant.execute(_BACK_OFF, delivery_id, failure, retry_limit, retry_base)
