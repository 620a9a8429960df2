"""Sums of reconciliations, and effective prices."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg

from schema.database import Tenant
from vocabulary.charges import ChargeKind

# All columns of the table `reconciliation` except its key.
COLUMNS = (
    *("seen_input_uncached", "seen_cache_read", "seen_cache_write", "seen_output"),
    *("charged_input_uncached", "charged_cache_read", "charged_cache_write", "charged_output"),
    *("covered_tokens", "telemetry_list_nano_usd", "telemetry_effective_nano_usd"),
    *("list_nano_usd", "contracted_nano_usd", "effective_nano_usd", "billed_nano_usd"),
    *("other_nano_usd", "attributed_nano_usd"),
)
_SUMS = ", ".join(f"coalesce(sum({column}), 0)::bigint AS {column}" for column in COLUMNS)
_SCOPE = """
    organization_id = $1 AND day >= coalesce($2::date, '-infinity') AND day <= coalesce($3::date, 'infinity')
"""


class GroupBy(StrEnum):
    """The dimension to group by."""

    DAY = "day"
    MONTH = "month"
    PROVIDER = "provider"
    MODEL = "model"


_GROUPS: Mapping[GroupBy, tuple[str, str]] = {
    GroupBy.DAY: ("day::text", "''"),
    GroupBy.MONTH: ("date_trunc('month', day::timestamp)::date::text", "''"),
    GroupBy.PROVIDER: ("provider", "''"),
    GroupBy.MODEL: ("provider", "model"),
}

_PRICES = """
    SELECT period_start, provider, model, kind, tokens, list_nano_usd, contracted_nano_usd, effective_nano_usd,
           billed_nano_usd
    FROM effective_price
    WHERE organization_id = $1 AND period_start <= coalesce($3::date, 'infinity')
      AND period_start >= coalesce((SELECT max(period_start) FROM effective_price
                                    WHERE organization_id = $1 AND period_start <= $2::date), '-infinity')
    ORDER BY period_start, provider, model, kind
"""

_UNCONVERTED = """
    SELECT DISTINCT currency FROM billing_charge
    WHERE organization_id = $1 AND currency <> 'USD' AND exchange_rate IS NULL
      AND last_day >= coalesce($2::date, '-infinity') AND first_day <= coalesce($3::date, 'infinity')
    ORDER BY currency
"""


# As reconciliation counts them: a report that the provider's bill covers would count the same charges twice.
_SPECIAL = """
    SELECT charge.provider, charge.model, charge.kind, charge.service_tier, charge.lives_an_hour,
           sum(charge.tokens)::bigint AS tokens, sum(charge.pieces)::bigint AS pieces,
           sum(round(charge.billed_nano
                     * CASE WHEN charge.currency = 'USD' THEN 1 ELSE charge.exchange_rate END))::bigint
               AS billed_nano_usd
    FROM billing_charge AS charge
    JOIN bill ON bill.organization_id = $1 AND bill.bill_id = charge.bill_id
    WHERE charge.organization_id = $1 AND (charge.currency = 'USD' OR charge.exchange_rate IS NOT NULL)
      AND (charge.service_tier <> '' OR charge.lives_an_hour OR charge.kind = ANY($4::text[]))
      AND charge.first_day >= coalesce($2::date, '-infinity') AND charge.first_day <= coalesce($3::date, 'infinity')
      AND (bill.source = 'bill' OR NOT EXISTS (
           SELECT FROM billing_charge AS reported
           JOIN bill AS better ON better.organization_id = $1 AND better.bill_id = reported.bill_id
           WHERE reported.organization_id = $1 AND reported.provider = charge.provider AND better.source = 'bill'
             AND charge.first_day >= better.period_start AND charge.first_day < better.period_end))
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""


class Cell(NamedTuple):
    """The key of a row: a day, month or provider with an empty part, or a provider and a model."""

    group: str
    part: str


class Sums(NamedTuple):
    """Sums of a period by cell and in total; keys of each mapping are COLUMNS."""

    by_cell: dict[Cell, Mapping[str, Any]]
    total: Mapping[str, Any]


async def read_reconciliation(tenant: Tenant, *, first_day: date | None, last_day: date | None, by: GroupBy) -> Sums:
    """Sum over inclusive UTC days; None means unbounded."""
    group, part = _GROUPS[by]
    rows = await tenant.fetch(
        f"SELECT {group} AS cell_group, {part} AS cell_part, {_SUMS} FROM reconciliation WHERE {_SCOPE}"  # noqa: S608
        " GROUP BY 1, 2 ORDER BY 1, 2",
        first_day,
        last_day,
    )
    by_cell = {Cell(row["cell_group"], row["cell_part"]): row for row in rows}
    return Sums(by_cell, {column: sum(row[column] for row in rows) for column in COLUMNS})


async def read_prices(tenant: Tenant, first_day: date | None, last_day: date | None) -> list[asyncpg.Record]:
    """Return the effective prices that were valid in a period, oldest first."""
    rows: list[asyncpg.Record] = await tenant.fetch(_PRICES, first_day, last_day)
    return rows


async def read_special(tenant: Tenant, first_day: date | None, last_day: date | None) -> list[asyncpg.Record]:
    """Return charges of a period by piece, for a tier, or for cache writes that live an hour."""
    pieces = [ChargeKind.WEB_SEARCH, ChargeKind.CODE_EXECUTION]
    rows: list[asyncpg.Record] = await tenant.fetch(_SPECIAL, first_day, last_day, pieces)
    return rows


async def read_unconverted(tenant: Tenant, first_day: date | None, last_day: date | None) -> list[str]:
    """Return the currencies of a period's charges that have no exchange rate to USD."""
    return [row["currency"] for row in await tenant.fetch(_UNCONVERTED, first_day, last_day)]


async def read_billed_coverage(tenant: Tenant, first_day: date | None, last_day: date | None) -> tuple[int, int]:
    """Return the billed tokens of a period, and how many of them telemetry saw."""
    sums = await read_reconciliation(tenant, first_day=first_day, last_day=last_day, by=GroupBy.PROVIDER)
    charged = ("charged_input_uncached", "charged_cache_read", "charged_cache_write", "charged_output")
    return sum(sums.total[column] for column in charged), sums.total["covered_tokens"]
