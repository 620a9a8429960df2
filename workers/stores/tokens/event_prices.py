"""Token prices at the time events were folded, stored so that events keep their cost when they move."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, TypeAlias

from schema.database import Tenant, rows_as_columns
from workers.prices import SIZELESS, UnitPrices, unit_prices

_KNOWN = """
SELECT DISTINCT provider, model, begins_at FROM event_price
 WHERE organization_id = $1 AND begins_at BETWEEN $2 AND $3
"""

_KEEP = f"""
INSERT INTO event_price (
       organization_id, provider, model, begins_at, is_listed, {", ".join(UnitPrices._fields)})
SELECT $1, price.* FROM unnest(
       $2::text[], $3::text[], $4::timestamptz[], $5::boolean[],
       $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
       $13::bigint[]) AS price
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - fixed names

_USE = """
UPDATE event_price SET used_at = now()
 WHERE organization_id = $1 AND begins_at BETWEEN $2 AND $3 AND used_at < now() - interval '1 hour'
"""

_UNLISTED = UnitPrices(0, SIZELESS, 0, 0, 0, 0, 0, 0)


# Provider, model and start of the half hour.
Priced: TypeAlias = tuple[str, str, datetime]


class Slots(NamedTuple):
    """The first and last half hour for which prices are needed."""

    first: datetime
    last: datetime


async def keep_prices(tenant: Tenant, needed: Collection[Priced]) -> Slots:
    """Store missing prices; `needed` must not be empty."""
    slots = Slots(min(begins_at for *_, begins_at in needed), max(begins_at for *_, begins_at in needed))
    await tenant.execute(_USE, *slots)
    known = {(row["provider"], row["model"], row["begins_at"]) for row in await tenant.fetch(_KNOWN, *slots)}
    new = [
        (*key, bool(listed), *prices)
        for key in sorted(key for key in needed if key not in known)
        for listed in [unit_prices(*key)]
        for prices in listed or [_UNLISTED]
    ]
    if new:
        await tenant.execute(_KEEP, *rows_as_columns(new))
    return slots
