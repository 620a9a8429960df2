"""What each team used each model for in two periods, and the prices that its tokens last had."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from schema.database import Tenant, rows_as_columns
from service.queries.spend.known_days import single_sums
from service.queries.spend.runs import Span
from vocabulary.causes.split import USUAL_PRICES, ModelUse, Use
from vocabulary.spend_cuts import OF_MODELS, cut_name
from vocabulary.tokens import TOKEN_KINDS, TokenCounts


class Sold(NamedTuple):
    """A model as a provider sells it."""

    provider: str
    model: str


# By team id and model.
TeamUses: TypeAlias = Mapping[int, Mapping[Sold, ModelUse]]

_AMOUNTS = ("requests", *TOKEN_KINDS, "list_nano_usd")
_SUMS = ", ".join(f"sum({column} * sign)::bigint AS {column}" for column in _AMOUNTS)

# For one provider, the sums of all teams stand together by period, and by team in it.
_USES = f"""
    SELECT is_after, first::bigint AS team_id, provider, second AS model, {_SUMS}
    FROM (SELECT DISTINCT first AS provider FROM spend_cut
          WHERE organization_id = $1 AND cut = 'provider' AND owner = '' AND grain = 'month') AS used
    CROSS JOIN unnest($2::text[], $3::date[], $4::boolean[], $5::int[]) AS run (grain, period, is_after, sign)
    CROSS JOIN LATERAL (
        SELECT first, second, {", ".join(_AMOUNTS)} FROM spend_cut
        WHERE organization_id = $1 AND cut = '{cut_name(OF_MODELS)}' AND owner = used.provider
          AND grain = run.grain AND period = run.period AND {{team}} OFFSET 0
    ) AS cell
    GROUP BY 1, 2, 3, 4
    HAVING {" OR ".join(f"sum({column} * sign) <> 0" for column in _AMOUNTS)}
"""  # noqa: S608 - composed of constants
_ALL_USES = _USES.format(team="$6::bigint IS NULL")
_TEAM_USES = _USES.format(team="first = $6::bigint::text")

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
    cut = await single_sums(tenant)
    runs: list[tuple[object, ...]] = [
        (run.grain, run.begins, is_after, run.sign)
        for is_after, days in ((False, before), (True, after))
        for run in cut(Span(*days))
    ]
    if not runs:
        return {}
    columns = rows_as_columns(runs)
    rows = await tenant.fetch(_ALL_USES if team_id is None else _TEAM_USES, *columns, team_id)
    prices = await _read_prices(tenant, {Sold(row["provider"], row["model"]) for row in rows})
    teams: dict[int, dict[Sold, ModelUse]] = {}
    for row in rows:
        sold = Sold(row["provider"], row["model"])
        use = Use(row["requests"], TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["list_nano_usd"])
        models = teams.setdefault(row["team_id"], {})
        known = models.get(sold, ModelUse(prices=prices.get(sold, USUAL_PRICES)))
        models[sold] = known._replace(after=use) if row["is_after"] else known._replace(before=use)
    return teams


async def _read_prices(tenant: Tenant, models: set[Sold]) -> dict[Sold, tuple[float, ...]]:
    rows = await tenant.fetch(_PRICES, [each.provider for each in models], [each.model for each in models])
    prices = {Sold(row["provider"], row["model"]): tuple(float(row[kind]) for kind in TOKEN_KINDS) for row in rows}
    # A kind without a price cannot be compared with the others.
    return {sold: kinds for sold, kinds in prices.items() if all(kinds)}
