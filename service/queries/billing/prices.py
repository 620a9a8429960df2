"""Contract prices of an organization."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns

_SAVE = """
    INSERT INTO contract_price AS known (
        organization_id, provider, model, service_tier, kind, first_day, last_day, pico_usd)
    SELECT $1::bigint, price.*
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[], $8::bigint[]) AS price
    ON CONFLICT (organization_id, provider, model, service_tier, kind, first_day) DO UPDATE
       SET last_day = excluded.last_day, pico_usd = excluded.pico_usd
     WHERE known.organization_id = $1
       AND (known.last_day, known.pico_usd) IS DISTINCT FROM (excluded.last_day, excluded.pico_usd)
    RETURNING model, first_day
"""

_DELETE = "DELETE FROM contract_price WHERE organization_id = $1 AND price_id = $2 RETURNING model, first_day"

# A worker prices the windows of these models again.
_MARK_STALE = """
    INSERT INTO stale_price (organization_id, model, first_day)
    SELECT $1::bigint, changed.model, min(changed.first_day)
    FROM unnest($2::text[], $3::date[]) AS changed (model, first_day) GROUP BY changed.model
    RETURNING note_id
"""

_LIST = """
    SELECT price_id, provider, model, service_tier, kind, first_day, last_day, pico_usd, created_at
    FROM contract_price
    WHERE organization_id = $1
      AND ($2::text IS NULL OR (model, service_tier, kind, first_day, price_id) > ($2, $3, $4, $5, $6))
    ORDER BY model, service_tier, kind, first_day, price_id
    LIMIT $7
"""


class StoredPrice(NamedTuple):
    """A row of `contract_price`: the price of a token or a piece."""

    provider: str
    model: str
    service_tier: str
    kind: str
    first_day: date
    last_day: date | None
    pico_usd: int


# The key by which prices are listed.
Position = tuple[str, str, str, date, int]


async def save_prices(tenant: Tenant, prices: Sequence[StoredPrice]) -> int:
    """Store prices, and have the windows of the models that change priced again; return how many changed."""
    latest = {(each.provider, each.model, each.service_tier, each.kind, each.first_day): each for each in prices}
    if not latest:
        return 0
    changed = await tenant.fetch(_SAVE, *rows_as_columns(sorted(latest.values(), key=lambda each: each[:5])))
    await _mark_stale(tenant, changed)
    return len(changed)


async def delete_price(tenant: Tenant, price_id: int) -> bool:
    """Delete a price, and have the windows of its model priced again; return False when there is none."""
    deleted = await tenant.fetch(_DELETE, price_id)
    await _mark_stale(tenant, deleted)
    return bool(deleted)


async def list_prices(tenant: Tenant, after: Position | None, limit: int) -> list[asyncpg.Record]:
    """Return prices by model, tier, kind and day."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, *(after or (None,) * 5), limit)
    return rows


async def _mark_stale(tenant: Tenant, changed: Sequence[asyncpg.Record]) -> None:
    if changed:
        await tenant.fetch(_MARK_STALE, *rows_as_columns([(row["model"], row["first_day"]) for row in changed]))
