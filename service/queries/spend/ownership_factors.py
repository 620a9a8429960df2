"""Factors of the cost of ownership: store, list and delete."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns

_SAVE = """
    INSERT INTO ownership_factor AS known (organization_id, part, provider, model, first_day, low, value, high, source)
    SELECT $1::bigint, sent.*
    FROM unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[])
         AS sent
    ON CONFLICT (organization_id, part, provider, model, first_day) DO UPDATE
       SET low = excluded.low, value = excluded.value, high = excluded.high, source = excluded.source
     WHERE known.organization_id = $1
       AND (known.low, known.value, known.high, known.source)
           IS DISTINCT FROM (excluded.low, excluded.value, excluded.high, excluded.source)
    RETURNING factor_id
"""
_LIST = """
    SELECT factor_id, part, provider, model, first_day, low, value, high, source FROM ownership_factor
    WHERE organization_id = $1 ORDER BY part, provider, model, first_day, factor_id
"""
_DELETE = "DELETE FROM ownership_factor WHERE organization_id = $1 AND factor_id = $2 RETURNING factor_id"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('ownership', $1::bigint))"


class StoredFactor(NamedTuple):
    """A row of `ownership_factor`; values are millionths."""

    part: str
    provider: str
    model: str
    first_day: date
    low: int
    value: int
    high: int
    source: str


async def save_factors(tenant: Tenant, factors: Sequence[StoredFactor]) -> int:
    """Store factors, of each part, scope and day the last; return how many were new or different."""
    latest = {each[:4]: each for each in factors}
    if not latest:
        return 0
    return len(await tenant.fetch(_SAVE, *rows_as_columns(sorted(latest.values()))))


async def list_factors(tenant: Tenant) -> list[asyncpg.Record]:
    """Return all factors that the organization set, by part, scope and day."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST)
    return rows


async def lock_factors(tenant: Tenant) -> None:
    """Wait for other changes of factors, until the transaction ends."""
    await tenant.execute(_LOCK)


async def delete_factor(tenant: Tenant, factor_id: int) -> bool:
    """Delete a factor; return False when there is none."""
    return bool(await tenant.fetch(_DELETE, factor_id))
