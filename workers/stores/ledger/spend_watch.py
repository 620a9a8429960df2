"""Daily spend to watch, forecasts, and until which day spend was watched."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from schema.database import Tenant
from workers.alert_rules.budgets import Budget, BudgetKey
from workers.alert_rules.explained import Sold
from workers.alert_rules.outlooks import DailySpend, Forecast
from workers.alert_rules.watch import Watched
from workers.stores.ledger import daily_use

WATCHED_DAYS = 364
_LABELS = ("team", "model", "prompt", "workflow")

_LAST_DAY = "SELECT max(day) FROM spend_day WHERE organization_id = $1 AND day <= $2"

_SPEND = """
SELECT team.name AS team, model, prompt_template AS prompt, workflow, day, sum(list_nano_usd)::bigint AS nano_usd
  FROM spend_day JOIN team USING (organization_id, team_id)
 WHERE organization_id = $1 AND day > $2 AND day <= $3
 GROUP BY team.name, model, prompt_template, workflow, day
"""

_BUDGETS = """
SELECT team_id, '' AS model, period, nano_usd, hard_nano_usd FROM budget WHERE organization_id = $1
 UNION ALL
SELECT team_id, model, period, nano_usd, hard_nano_usd FROM model_budget WHERE organization_id = $1
"""

_FORECAST = """
INSERT INTO spend_forecast (organization_id, team_id, of_model, period, first_day, made_to, spent_nano_usd,
                            likely_nano_usd, low_nano_usd, high_nano_usd, model, exceeded_on, earliest_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""

_WATCHED = """
INSERT INTO spend_watch (organization_id, watched_to) VALUES ($1, $2)
    ON CONFLICT (organization_id) DO UPDATE SET watched_to = excluded.watched_to, watched_at = now()
"""

_TODAY = "(now() AT TIME ZONE 'UTC')::date"


def due(organization: str) -> str:
    """Return SQL that finds a row if full days are settled and rolled up, and were not watched today, or are newer.

    An organization that falls silent has no newer days, and is watched all the same.
    """
    watched = f"FROM spend_watch WHERE spend_watch.organization_id = {organization}"
    # The days of one team are found by key.
    return f"""
SELECT 1 WHERE (
       (NOT EXISTS (SELECT 1 {watched} AND watched_at >= {_TODAY}::timestamp AT TIME ZONE 'UTC')
        AND EXISTS (SELECT 1 FROM spend_day WHERE spend_day.organization_id = {organization} AND day < {_TODAY}))
       OR EXISTS (
       SELECT 1 FROM team
        WHERE team.organization_id = {organization}
          AND EXISTS (SELECT 1 FROM spend_day
                       WHERE spend_day.organization_id = {organization} AND spend_day.team_id = team.team_id
                         AND day < {_TODAY} AND day > coalesce((SELECT watched_to {watched}), '-infinity'))))
   AND NOT EXISTS (SELECT 1 FROM settlement
                    WHERE settlement.organization_id = {organization} AND state = 'waiting' AND NOT refit
                      AND day < {_TODAY})
   AND NOT EXISTS (SELECT 1 FROM stale_spend
                    WHERE stale_spend.organization_id = {organization} AND day < {_TODAY})
"""  # noqa: S608 - fixed names


async def load(tenant: Tenant, until: date) -> Watched | None:
    """Return what the rules read of the days until a full one; None without any spend."""
    last_day = await tenant.fetchval(_LAST_DAY, until)
    if last_day is None:
        return None
    teams = await daily_use.read_teams(tenant)
    use = await daily_use.read_use(tenant, last_day, teams)
    policies = await daily_use.read_policies(tenant)
    return Watched(
        until=until,
        teams=teams,
        spend=await _read_spend(tenant, last_day),
        use=use,
        changes=await daily_use.read_changes(tenant, last_day),
        prices=await daily_use.read_prices(tenant, {Sold(each["provider"], each["model"]) for each in use.labels}),
        policies=policies,
        bought=await daily_use.read_bought(tenant, last_day) if policies else [],
        received=await daily_use.read_received(tenant, until),
        budgets=await _read_budgets(tenant),
    )


async def _read_spend(tenant: Tenant, last_day: date) -> DailySpend:
    rows = await tenant.fetch(_SPEND, last_day - timedelta(days=WATCHED_DAYS), last_day)
    first_day = min(row["day"] for row in rows)
    cells: dict[tuple[str, ...], int] = {}
    places = [cells.setdefault(tuple(row[name] for name in _LABELS), len(cells)) for row in rows]
    spend = np.zeros((len(cells), (last_day - first_day).days + 1))
    spend[places, [(row["day"] - first_day).days for row in rows]] = [float(row["nano_usd"]) for row in rows]
    return DailySpend(last_day, spend, [dict(zip(_LABELS, cell, strict=True)) for cell in cells])


async def _read_budgets(tenant: Tenant) -> dict[BudgetKey, Budget]:
    rows = await tenant.fetch(_BUDGETS)
    return {BudgetKey(*row[:3]): Budget(*row[3:]) for row in rows}


async def save_forecasts(tenant: Tenant, forecasts: Sequence[Forecast], watched_to: date) -> None:
    """Replace the forecasts, and remember until which day spend was watched."""
    await tenant.execute("DELETE FROM spend_forecast WHERE organization_id = $1")
    for forecast in forecasts:
        await tenant.execute(_FORECAST, *forecast)
    await tenant.execute(_WATCHED, watched_to)
