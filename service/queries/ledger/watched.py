"""Budgets, forecasts and alerts."""

from datetime import date

import asyncpg

from schema.database import Tenant

_BUDGETS = """
    SELECT team.name AS team, period, nano_usd
    FROM budget LEFT JOIN team ON team.organization_id = $1 AND team.team_id = budget.team_id
    WHERE budget.organization_id = $1 AND ($2::bigint IS NULL OR budget.team_id = $2)
    ORDER BY team.name NULLS FIRST, period
"""
_SAVE_BUDGET = """
    INSERT INTO budget (organization_id, team_id, period, nano_usd) VALUES ($1, $2, $3, $4)
    ON CONFLICT (organization_id, team_id, period) DO UPDATE SET nano_usd = excluded.nano_usd
"""
_FORECASTS = """
    SELECT team.name AS team, budget.nano_usd AS budget_nano_usd, spend_forecast.*
    FROM spend_forecast
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = spend_forecast.team_id
    LEFT JOIN budget ON budget.organization_id = $1 AND budget.team_id = spend_forecast.team_id
     AND budget.period = spend_forecast.period
    WHERE spend_forecast.organization_id = $1 AND ($2::bigint IS NULL OR spend_forecast.team_id = $2)
    ORDER BY team.name NULLS FIRST, spend_forecast.period
"""
_ALERTS = """
    SELECT team.name AS team, alert.*
    FROM alert LEFT JOIN team ON team.organization_id = $1 AND team.team_id = alert.team_id
    WHERE alert.organization_id = $1 AND ($2::bigint IS NULL OR alert.team_id = $2)
      AND ($3::text IS NULL OR alert.state = $3) AND ($4::bigint IS NULL OR alert.alert_id < $4)
    ORDER BY alert_id DESC LIMIT $5
"""
_CHANGE = """
    UPDATE alert SET state = $3, snoozed_to = $4 WHERE organization_id = $1 AND alert_id = $2
    RETURNING *, (SELECT name FROM team WHERE organization_id = $1 AND team_id = alert.team_id) AS team
"""


async def read_budgets(tenant: Tenant, team_id: int | None) -> list[asyncpg.Record]:
    """Return the budgets of a team, or all."""
    rows: list[asyncpg.Record] = await tenant.fetch(_BUDGETS, team_id)
    return rows


async def save_budget(tenant: Tenant, team_id: int, period: str, nano_usd: int | None) -> None:
    """Set or remove (None) a budget; team 0 is the organization."""
    if nano_usd is None:
        await tenant.execute(
            "DELETE FROM budget WHERE organization_id = $1 AND team_id = $2 AND period = $3", team_id, period
        )
    else:
        await tenant.execute(_SAVE_BUDGET, team_id, period, nano_usd)
    # Spend is watched again, with the new budget.
    await tenant.execute("DELETE FROM spend_watch WHERE organization_id = $1")


async def read_forecasts(tenant: Tenant, team_id: int | None) -> list[asyncpg.Record]:
    """Return the last forecasts of a team, or all."""
    rows: list[asyncpg.Record] = await tenant.fetch(_FORECASTS, team_id)
    return rows


async def read_alerts(
    tenant: Tenant, team_id: int | None, state: str | None, *, before: int | None, limit: int
) -> list[asyncpg.Record]:
    """Return the newest alerts with an id below `before`."""
    rows: list[asyncpg.Record] = await tenant.fetch(_ALERTS, team_id, state, before, limit)
    return rows


async def change_alert(tenant: Tenant, alert_id: int, state: str, snoozed_to: date | None) -> asyncpg.Record | None:
    """Change what happens with an alert, and return it; None if it does not exist."""
    return await tenant.fetchrow(_CHANGE, alert_id, state, snoozed_to)
