"""What each team used each model for in two periods, and the prices that its tokens last had."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from causes.split import USUAL_PRICES, ModelUse, Use
from schema.database import Tenant
from schema.vocabulary.tokens import TOKEN_KINDS, TokenCounts


class Sold(NamedTuple):
    """A model as a provider sells it."""

    provider: str
    model: str


# By team id and model.
TeamUses: TypeAlias = Mapping[int, Mapping[Sold, ModelUse]]

_SUMS = ", ".join(f"sum({column})::bigint AS {column}" for column in ("requests", *TOKEN_KINDS, "cost_nano_usd"))

_USES = f"""
    SELECT period.is_after, team_id, provider, model, {_SUMS}
    FROM (VALUES (false, $2::date, $3::date), (true, $4::date, $5::date)) AS period (is_after, first, last)
    JOIN token_window
      ON token_window.organization_id = $1
     AND hour >= period.first::timestamp AT TIME ZONE 'UTC'
     AND hour < (period.last + 1)::timestamp AT TIME ZONE 'UTC'
    WHERE $6::bigint IS NULL OR team_id = $6
    GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - composed of constants

# Small requests in the standard tier, since the latest day.
_PRICES = f"""
    SELECT sold.provider, sold.model, price.*
    FROM unnest($2::text[], $3::text[]) AS sold (provider, model)
    CROSS JOIN LATERAL (
        SELECT {", ".join(TOKEN_KINDS)} FROM event_price
        WHERE organization_id = $1 AND provider = sold.provider AND model = sold.model AND service_tier = ''
        ORDER BY begins_at DESC, from_input LIMIT 1
    ) AS price
"""  # noqa: S608 - composed of constants


async def read_uses(
    tenant: Tenant, before: tuple[date, date], after: tuple[date, date], *, team_id: int | None = None
) -> TeamUses:
    """Return the uses of two periods, each from one UTC day to another, inclusive."""
    rows = await tenant.fetch(_USES, *before, *after, team_id)
    prices = await _read_prices(tenant, {Sold(row["provider"], row["model"]) for row in rows})
    teams: dict[int, dict[Sold, ModelUse]] = {}
    for row in rows:
        sold = Sold(row["provider"], row["model"])
        use = Use(row["requests"], TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"])
        models = teams.setdefault(row["team_id"], {})
        known = models.get(sold, ModelUse(prices=prices.get(sold, USUAL_PRICES)))
        models[sold] = known._replace(after=use) if row["is_after"] else known._replace(before=use)
    return teams


async def _read_prices(tenant: Tenant, models: set[Sold]) -> dict[Sold, tuple[float, ...]]:
    rows = await tenant.fetch(_PRICES, [each.provider for each in models], [each.model for each in models])
    prices = {Sold(row["provider"], row["model"]): tuple(float(row[kind]) for kind in TOKEN_KINDS) for row in rows}
    # A kind without a price cannot be compared with the others.
    return {sold: kinds for sold, kinds in prices.items() if all(kinds)}
