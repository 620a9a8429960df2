"""Telemetry and rows of imports and reports that hold tokens and are not counted."""

from datetime import date
from typing import NamedTuple

from schema.database import Tenant

_DROPPED = """
    SELECT source, signal, reason, sum(records)::bigint AS records, sum(tokens)::bigint AS tokens, max(day) AS last_day
    FROM dropped_record
    WHERE organization_id = $1 AND day >= coalesce($2::date, '-infinity') AND day <= coalesce($3::date, 'infinity')
    GROUP BY source, signal, reason ORDER BY records DESC, source, signal, reason
"""


class DroppedTotal(NamedTuple):
    """Uncounted records of one source (empty if unknown), signal and reason."""

    source: str
    signal: str
    reason: str
    records: int
    tokens: int
    last_day: date


async def read_dropped(
    tenant: Tenant, *, first_day: date | None = None, last_day: date | None = None
) -> list[DroppedTotal]:
    """Read what arrived on inclusive UTC days, largest first; None means unbounded."""
    return [DroppedTotal(*row) for row in await tenant.fetch(_DROPPED, first_day, last_day)]
