"""Token prices at the time events were folded, stored so that events keep their cost when they move."""

import asyncio
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple

from schema.database import Tenant, rows_as_columns
from workers.prices.listed import Sold
from workers.prices.units import SIZELESS, UnitPrices
from workers.stores.tokens.contract_prices import PriceList, load_price_list

_KNOWN = """
SELECT DISTINCT provider, model, service_tier, begins_at FROM event_price
 WHERE organization_id = $1 AND begins_at BETWEEN $2 AND $3
"""

_KEEP = f"""
INSERT INTO event_price (
       organization_id, provider, model, service_tier, begins_at, is_listed, {", ".join(UnitPrices._fields)})
SELECT $1, price.* FROM unnest(
       $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::boolean[],
       $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],
       $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[]) AS price
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - fixed names

_FORGET = """
DELETE FROM event_price
 USING unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS stale (provider, model, service_tier, begins_at)
 WHERE event_price.organization_id = $1 AND event_price.provider = stale.provider AND event_price.model = stale.model
   AND event_price.service_tier = stale.service_tier AND event_price.begins_at = stale.begins_at
"""

_MODELS = "SELECT DISTINCT model FROM event_price WHERE organization_id = $1 AND begins_at BETWEEN $2 AND $3"

_USE = """
UPDATE event_price SET used_at = now()
 WHERE organization_id = $1 AND begins_at BETWEEN $2 AND $3 AND used_at < now() - interval '1 hour'
"""

_UNLISTED = UnitPrices(0, SIZELESS, *[0] * (len(UnitPrices._fields) - 2))


class Priced(NamedTuple):
    """A model in a service tier, and the start of a half hour."""

    sold: Sold
    begins_at: datetime


class Slots(NamedTuple):
    """The first and last half hour for which prices are needed."""

    first: datetime
    last: datetime


async def keep_prices(tenant: Tenant, needed: AbstractSet[Priced]) -> Slots:
    """Store missing prices; `needed` must not be empty."""
    begins = sorted(each.begins_at for each in needed)
    slots = Slots(begins[0], begins[-1])
    await tenant.execute(_USE, *slots)
    known = {
        Priced(Sold(row["provider"], row["model"], row["service_tier"]), row["begins_at"])
        for row in await tenant.fetch(_KNOWN, *slots)
    }
    if missing := needed - known:
        await _store(tenant, missing, await load_price_list(tenant))
    return slots


async def models_of(tenant: Tenant, slots: Slots) -> set[str]:
    """Return the models of all events folded between these half hours."""
    return {row["model"] for row in await tenant.fetch(_MODELS, *slots)}


async def replace_prices(tenant: Tenant, needed: AbstractSet[Priced], prices: PriceList) -> None:
    """Replace stored prices; the windows of their events must be priced again in the same transaction."""
    if needed:
        keys = [(*each.sold, each.begins_at) for each in sorted(needed)]
        await tenant.execute(_FORGET, *rows_as_columns(keys))
        await _store(tenant, needed, prices)


async def _store(tenant: Tenant, needed: AbstractSet[Priced], prices: PriceList) -> None:
    # Many models may be new to this process; the jobs of other organizations go on meanwhile.
    rows = await asyncio.to_thread(_rows, needed, prices)
    await tenant.execute(_KEEP, *rows_as_columns(rows))


def _rows(needed: AbstractSet[Priced], prices: PriceList) -> list[tuple[Any, ...]]:
    return [
        (*sold, begins_at, bool(found), *units)
        for sold, begins_at in sorted(needed)
        for found in [prices.unit_prices(sold, begins_at)]
        for units in found or [_UNLISTED]
    ]
