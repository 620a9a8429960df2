"""Calibrations of gateway bytes, and the tokens estimated with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from schema.database import Tenant

_CALIBRATIONS = """
    SELECT *, lead(begins_at) OVER (PARTITION BY provider, model, part ORDER BY begins_at) IS NOT NULL AS replaced
    FROM gateway_calibration
    WHERE organization_id = $1
    ORDER BY provider, model, part, begins_at
"""
_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""
_SUMS = """
    sum(requests)::bigint AS requests, sum(input_tokens)::bigint AS input_tokens,
    sum(output_tokens)::bigint AS output_tokens, sum(low_tokens)::bigint AS low_tokens,
    sum(high_tokens)::bigint AS high_tokens, sum(unestimated_requests)::bigint AS unestimated_requests,
    sum(unestimated_bytes)::bigint AS unestimated_bytes
"""
_COUNTED = "AND counted_source = ''"
_ESTIMATES = f"""
    SELECT day, provider, model, counted_source, {_SUMS}
    FROM gateway_estimate
    WHERE {_SCOPE} AND ($5::date IS NULL OR (day, provider, model, counted_source) > ($5, $6, $7, $8))
    GROUP BY day, provider, model, counted_source
    ORDER BY day, provider, model, counted_source
    LIMIT $9
"""  # noqa: S608 - composed of constants
_TOTAL = f"SELECT {_SUMS} FROM gateway_estimate WHERE {_SCOPE} {_COUNTED}"  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class EstimatedTotal:
    """Estimated tokens with their bounds, and the number of requests without an estimate."""

    tokens: int
    low: int
    high: int
    unestimated_requests: int


async def read_calibrations(tenant: Tenant) -> Sequence[asyncpg.Record]:
    """Return all calibrations by provider, model, part and time; `replaced` is true if a later one follows."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_CALIBRATIONS)
    return rows


async def read_estimates(
    tenant: Tenant,
    *,
    team_id: int | None,
    first_day: date | None,
    last_day: date | None,
    after: tuple[date, str, str, str] | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return estimates by day, provider, model and counted_source; UTC days are inclusive, None means unbounded."""
    scope = (team_id, first_day, last_day)
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_ESTIMATES, *scope, *(after or (None, None, None, None)), limit)
    return rows


async def read_estimated_total(
    tenant: Tenant, team_id: int | None, first_day: date | None, last_day: date | None
) -> EstimatedTotal | None:
    """Sum the estimates that count over inclusive UTC days, where None means unbounded; None without estimates."""
    row = await tenant.fetchrow(_TOTAL, team_id, first_day, last_day)
    if row["requests"] is None:
        return None
    return EstimatedTotal(
        tokens=row["input_tokens"] + row["output_tokens"],
        low=row["low_tokens"],
        high=row["high_tokens"],
        unestimated_requests=row["unestimated_requests"],
    )
