"""Reconciliations: stale days, the charges and ledger of a day, and the results."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from vocabulary.charges import ChargeKind, billed_tokens
from vocabulary.tokens import TOKEN_KINDS, TokenCounts
from workers.reconciliation.model import Charge, Comparison, LedgerShare, Price, ShareCost, ShareKey, SoldModel
from workers.reconciliation.prices import PriceKey
from workers.stores.row_parts import part_of
from workers.stores.spend.stale import note_day_of_teams

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('reconciliation', $1::bigint))"

_NOTES = "SELECT note_id, from_day FROM stale_reconciliation WHERE organization_id = $1"

_TAKE_NOTES = "DELETE FROM stale_reconciliation WHERE organization_id = $1 AND note_id = ANY($2::bigint[])"

# Team-days settled after they were priced and, from the first changed bill on, every day with any data.
_STALE_DAYS = """
SELECT settlement.day
  FROM settlement
  LEFT JOIN reconciled_day AS priced ON priced.organization_id = $1 AND priced.team_id = settlement.team_id
        AND priced.day = settlement.day
 WHERE settlement.organization_id = $1 AND settlement.state = 'processed'
   AND EXISTS (SELECT FROM bill WHERE organization_id = $1)
   AND (settlement.day >= $2::date OR priced.settled_at IS DISTINCT FROM settlement.settled_at)
UNION
SELECT day FROM reconciliation WHERE organization_id = $1 AND day >= $2::date
UNION
SELECT greatest(first_day, $2::date) + step
  FROM billing_charge, generate_series(0, last_day - greatest(first_day, $2::date)) AS step
 WHERE organization_id = $1 AND last_day >= $2::date
 ORDER BY day
"""

# A charge in a currency without exchange rate is left out; `GET /api/v1/reconciliation` names the currency. A report
# that the provider's bill covers would count the same charges twice.
_CHARGES = """
SELECT bill.period_start, first_day, last_day, provider, model, kind, tokens,
       list_nano, contracted_nano, effective_nano, billed_nano,
       CASE WHEN currency = 'USD' THEN 1 ELSE exchange_rate END AS exchange_rate
  FROM billing_charge AS charge
  JOIN bill ON bill.organization_id = $1 AND bill.bill_id = charge.bill_id
 WHERE charge.organization_id = $1 AND (currency = 'USD' OR exchange_rate IS NOT NULL)
   AND ($2::date IS NULL OR (first_day <= $2 AND last_day >= $2))
   AND (bill.source = 'bill' OR NOT EXISTS (
        SELECT FROM billing_charge AS reported
          JOIN bill AS better ON better.organization_id = $1 AND better.bill_id = reported.bill_id
         WHERE reported.organization_id = $1 AND reported.provider = charge.provider AND better.source = 'bill'
           AND charge.first_day >= better.period_start AND charge.first_day < better.period_end))
"""

_SETTLED = """
SELECT team_id, settled_at FROM settlement
 WHERE organization_id = $1 AND day = $2 AND settled_at IS NOT NULL ORDER BY team_id
"""

_SHARE = (*ShareKey._fields, *TOKEN_KINDS, "cost_nano_usd")
_KEY, _TOKENS = part_of(_SHARE, ShareKey._fields), part_of(_SHARE, TOKEN_KINDS)
_SHARES = f"""
SELECT ledger.team_id, ledger.artifact_id, ledger.evidence, coalesce(token_window.provider, '') AS provider,
       coalesce(token_window.model, '') AS model, coalesce(token_window.workflow, '') AS workflow,
       {", ".join(f"sum(ledger.{kind})::bigint AS {kind}" for kind in TOKEN_KINDS)},
       sum(ledger.cost_nano_usd)::bigint AS cost_nano_usd
  FROM attribution AS ledger
  LEFT JOIN token_window
    ON token_window.organization_id = $1 AND token_window.team_id = ledger.team_id
   AND token_window.hour = ledger.hour AND token_window.window_id = ledger.window_id
 WHERE ledger.organization_id = $1 AND ledger.team_id = ANY($2::bigint[]) AND ledger.day = $3
 GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - composed of constants

_PRICES = """
SELECT period_start, provider, model, kind, tokens, list_nano_usd, contracted_nano_usd, effective_nano_usd,
       billed_nano_usd
  FROM effective_price WHERE organization_id = $1
"""

_SAVE_PRICES = """
INSERT INTO effective_price (organization_id, period_start, provider, model, kind,
       tokens, list_nano_usd, contracted_nano_usd, effective_nano_usd, billed_nano_usd)
SELECT $1, price.* FROM unnest($2::date[], $3::text[], $4::text[], $5::text[],
       $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[]) AS price
"""

_COMPARED = (
    *("provider", "model", "seen_input_uncached", "seen_cache_read", "seen_cache_write", "seen_output"),
    *("charged_input_uncached", "charged_cache_read", "charged_cache_write", "charged_output", "covered_tokens"),
    *("telemetry_list_nano_usd", "telemetry_effective_nano_usd", "list_nano_usd", "contracted_nano_usd"),
    *("effective_nano_usd", "billed_nano_usd", "other_nano_usd", "attributed_nano_usd"),
)

_SAVE_COMPARISONS = f"""
INSERT INTO reconciliation (organization_id, day, {", ".join(_COMPARED)})
SELECT $1, $2, compared.* FROM unnest($3::text[], $4::text[],
       {", ".join(f"${place}::bigint[]" for place in range(5, 3 + len(_COMPARED)))}) AS compared
"""  # noqa: S608 - composed of constants

_SAVE_COSTS = """
INSERT INTO ledger_cost (organization_id, day, team_id, artifact_id, evidence, provider, model, workflow,
       list_nano_usd, effective_nano_usd, billed_nano_usd)
SELECT $1, $2, cost.* FROM unnest($3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[],
       $9::bigint[], $10::bigint[], $11::bigint[]) AS cost
"""

_SAVE_TEAM_DAYS = """
INSERT INTO reconciled_day (organization_id, day, team_id, settled_at,
       list_nano_usd, effective_nano_usd, billed_nano_usd)
SELECT $1, $2, priced.* FROM unnest($3::bigint[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[]) AS priced
"""


class TeamDayCost(NamedTuple):
    """Costs of a team's day, and when its ledger was settled."""

    team_id: int
    settled_at: datetime
    list_nano_usd: int
    effective_nano_usd: int
    billed_nano_usd: int


class Stale(NamedTuple):
    """Notes of changed bills, and the days to reconcile, in order."""

    notes: list[int]
    days: list[date]


async def lock(tenant: Tenant) -> None:
    """Lock the organization's reconciliation until the transaction ends."""
    await tenant.execute(_LOCK)


async def find_stale(tenant: Tenant) -> Stale:
    """Return stale notes and days; empty for an organization without bills."""
    notes = await tenant.fetch(_NOTES)
    from_day = min((row["from_day"] for row in notes), default=None)
    days = await tenant.fetch(_STALE_DAYS, from_day)
    return Stale([row["note_id"] for row in notes], [row["day"] for row in days])


async def take_notes(tenant: Tenant, notes: Sequence[int]) -> None:
    """Delete processed notes."""
    await tenant.execute(_TAKE_NOTES, notes)


async def load_charges(tenant: Tenant, day: date | None = None) -> list[Charge]:
    """Return all charges with a known value in USD, or those of one day."""
    return [_charge(row) for row in await tenant.fetch(_CHARGES, day)]


async def load_settled(tenant: Tenant, day: date) -> dict[int, datetime]:
    """Return the teams whose day is settled, and when."""
    return {row["team_id"]: row["settled_at"] for row in await tenant.fetch(_SETTLED, day)}


async def load_shares(tenant: Tenant, teams: Iterable[int], day: date) -> list[LedgerShare]:
    """Return the ledger of a day of some teams, by provider."""
    rows = await tenant.fetch(_SHARES, list(teams), day)
    return [
        LedgerShare(ShareKey._make(row[_KEY]), billed_tokens(TokenCounts._make(row[_TOKENS])), row["cost_nano_usd"])
        for row in rows
    ]


async def load_prices(tenant: Tenant) -> dict[PriceKey, Price]:
    """Return every effective price."""
    return {
        PriceKey(row["period_start"], SoldModel(row["provider"], row["model"]), ChargeKind(row["kind"])): Price(
            tokens=row["tokens"],
            listed=row["list_nano_usd"],
            contracted=row["contracted_nano_usd"],
            effective=row["effective_nano_usd"],
            billed=row["billed_nano_usd"],
        )
        for row in await tenant.fetch(_PRICES)
    }


async def replace_prices(tenant: Tenant, prices: Mapping[PriceKey, Price]) -> None:
    """Replace all effective prices."""
    await tenant.execute("DELETE FROM effective_price WHERE organization_id = $1")
    rows = [(key.period_start, *key.sold, key.kind.value, *astuple(price)) for key, price in sorted(prices.items())]
    if rows:
        await tenant.execute(_SAVE_PRICES, *rows_as_columns(rows))


async def replace_day(
    tenant: Tenant,
    day: date,
    *,
    comparisons: Sequence[Comparison],
    costs: Sequence[ShareCost],
    teams: Sequence[TeamDayCost],
) -> None:
    """Replace a day."""
    for table in ("reconciliation", "ledger_cost", "reconciled_day"):
        await tenant.execute(
            f"DELETE FROM {table} WHERE organization_id = $1 AND day = $2",  # noqa: S608 - fixed names
            day,
        )
    for statement, rows in (
        (_SAVE_COMPARISONS, [_comparison_row(each) for each in comparisons]),
        (_SAVE_COSTS, [_cost_row(each) for each in costs]),
        (_SAVE_TEAM_DAYS, teams),
    ):
        if rows:
            await tenant.execute(statement, day, *rows_as_columns(rows))
    await note_day_of_teams(tenant, day)


def _charge(row: Record) -> Charge:
    return Charge(
        period_start=row["period_start"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        sold=SoldModel(row["provider"], row["model"]),
        kind=ChargeKind(row["kind"]),
        tokens=row["tokens"],
        listed=row["list_nano"],
        contracted=row["contracted_nano"],
        effective=row["effective_nano"],
        billed=row["billed_nano"],
        exchange_rate=Decimal(row["exchange_rate"]),
    )


def _comparison_row(each: Comparison) -> tuple[object, ...]:
    return (
        *(*each.sold, *each.seen, *each.charged, each.covered_tokens),
        *(each.telemetry_list, each.telemetry_effective, each.listed, each.contracted),
        *(each.effective, each.billed, each.other, each.attributed),
    )


def _cost_row(each: ShareCost) -> tuple[object, ...]:
    return (*each.key, each.list_nano_usd, each.effective_nano_usd, each.billed_nano_usd)
