"""Budgets, forecasts and alerts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import asyncpg

from schema.database import Tenant
from service.queries.alerts.small_teams import withhold_alerts, withhold_forecasts
from service.queries.teams.comparisons import Thresholds

_BUDGETS = """
    SELECT team.name AS team, model, period, nano_usd, hard_nano_usd
    FROM (SELECT team_id, '' AS model, period, nano_usd, hard_nano_usd FROM budget WHERE organization_id = $1
          UNION ALL
          SELECT team_id, model, period, nano_usd, hard_nano_usd FROM model_budget WHERE organization_id = $1) AS budget
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = budget.team_id
    WHERE $2::bigint IS NULL OR budget.team_id = $2
    ORDER BY team.name NULLS FIRST, model, period
"""
_SAVE_BUDGET = """
    INSERT INTO budget (organization_id, team_id, period, nano_usd, hard_nano_usd) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, team_id, period)
    DO UPDATE SET nano_usd = excluded.nano_usd, hard_nano_usd = excluded.hard_nano_usd
"""
_SAVE_MODEL_BUDGET = """
    INSERT INTO model_budget (organization_id, team_id, period, nano_usd, hard_nano_usd, model)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (organization_id, team_id, model, period)
    DO UPDATE SET nano_usd = excluded.nano_usd, hard_nano_usd = excluded.hard_nano_usd
"""
_DELETE_BUDGET = "DELETE FROM budget WHERE organization_id = $1 AND team_id = $2 AND period = $3"
_DELETE_MODEL_BUDGET = """
    DELETE FROM model_budget WHERE organization_id = $1 AND team_id = $2 AND period = $3 AND model = $4
"""
_FORECASTS = """
    SELECT team.name AS team, coalesce(budget.nano_usd, of_one.nano_usd) AS budget_nano_usd, spend_forecast.*
    FROM spend_forecast
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = spend_forecast.team_id
    LEFT JOIN budget ON budget.organization_id = $1 AND budget.team_id = spend_forecast.team_id
     AND budget.period = spend_forecast.period AND spend_forecast.of_model = ''
    LEFT JOIN model_budget AS of_one ON of_one.organization_id = $1 AND of_one.team_id = spend_forecast.team_id
     AND of_one.period = spend_forecast.period AND of_one.model = spend_forecast.of_model
    WHERE spend_forecast.organization_id = $1 AND {of}
    ORDER BY team.name NULLS FIRST, of_model, spend_forecast.period
"""
_ALL_FORECASTS = _FORECASTS.format(of="true")
_OF_TEAM = _FORECASTS.format(of="spend_forecast.team_id = $2")
_WITH_BUDGET = _FORECASTS.format(
    of="(spend_forecast.team_id = 0 OR budget.nano_usd IS NOT NULL OR of_one.nano_usd IS NOT NULL)"
)
_ALERTS = """
    SELECT team.name AS team, alert.*
    FROM alert LEFT JOIN team ON team.organization_id = $1 AND team.team_id = alert.team_id
    WHERE alert.organization_id = $1 AND ($2::bigint IS NULL OR alert.team_id = $2)
      AND ($3::text IS NULL OR alert.state = $3) AND ($4::bigint IS NULL OR alert.alert_id < $4)
      AND ($6::bigint IS NULL OR alert.alert_id = $6)
    ORDER BY alert_id DESC LIMIT $5
"""
_STATE = "SELECT state FROM alert WHERE organization_id = $1 AND alert_id = $2 FOR UPDATE"
_CHANGE = """
    UPDATE alert SET state = $3, snoozed_to = $4, announce_at = $5 WHERE organization_id = $1 AND alert_id = $2
"""


class BudgetRow(NamedTuple):
    """What is to be stored of a budget; without money it is removed. An empty model is all models."""

    model: str
    period: str
    nano_usd: int | None
    hard_nano_usd: int | None


async def read_budgets(tenant: Tenant, team_id: int | None) -> list[asyncpg.Record]:
    """Return the budgets of a team, or all."""
    rows: list[asyncpg.Record] = await tenant.fetch(_BUDGETS, team_id)
    return rows


async def save_budget(tenant: Tenant, team_id: int, budget: BudgetRow) -> None:
    """Set a budget, or remove it if it has no money; team 0 is the organization."""
    of_model = (budget.model,) if budget.model else ()
    if budget.nano_usd is None:
        await tenant.execute(_DELETE_MODEL_BUDGET if of_model else _DELETE_BUDGET, team_id, budget.period, *of_model)
    else:
        await tenant.execute(
            _SAVE_MODEL_BUDGET if of_model else _SAVE_BUDGET,
            *(team_id, budget.period, budget.nano_usd, budget.hard_nano_usd, *of_model),
        )
    await watch_again(tenant)


async def watch_again(tenant: Tenant) -> None:
    """Let spend be watched again, with what was set."""
    await tenant.execute("DELETE FROM spend_watch WHERE organization_id = $1")


async def read_forecasts(tenant: Tenant, team_id: int | None, thresholds: Thresholds) -> list[dict[str, Any]]:
    """Return the last forecasts of a team, or all; those of small teams have a `withheld_reason` and no figures."""
    rows = await (tenant.fetch(_ALL_FORECASTS) if team_id is None else tenant.fetch(_OF_TEAM, team_id))
    return await withhold_forecasts(tenant, rows, thresholds, is_beside_others=team_id is None)


async def read_forecasts_of_budgets(
    tenant: Tenant, team_id: int | None, thresholds: Thresholds
) -> list[dict[str, Any]]:
    """Return the last forecasts of a team, or of all teams together and of every team and model with a budget."""
    rows = await (tenant.fetch(_WITH_BUDGET) if team_id is None else tenant.fetch(_OF_TEAM, team_id))
    return await withhold_forecasts(tenant, rows, thresholds, is_beside_others=team_id is None)


async def read_alerts(
    tenant: Tenant, team_id: int | None, state: str | None, thresholds: Thresholds, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return the newest alerts with an id below `before`; those of small teams are without figures."""
    rows = await tenant.fetch(_ALERTS, team_id, state, before, limit, None)
    return await withhold_alerts(tenant, rows, thresholds)


async def read_alert(
    tenant: Tenant, team_id: int | None, alert_id: int, thresholds: Thresholds
) -> dict[str, Any] | None:
    """Return an alert; None if it does not exist, or is not about the team."""
    rows = await tenant.fetch(_ALERTS, team_id, None, None, 1, alert_id)
    return next(iter(await withhold_alerts(tenant, rows, thresholds)), None)


async def has_alert(tenant: Tenant, alert_id: int) -> bool:
    """Return whether an alert exists."""
    return await tenant.fetchval(_STATE, alert_id) is not None


async def change_alert(tenant: Tenant, alert_id: int, state: str, snoozed_to: date | None) -> bool:
    """Change what happens with an alert; return whether its state is another one now.

    After `snoozed_to` it is sent to channels again.
    """
    before = await tenant.fetchval(_STATE, alert_id)
    ends = None if snoozed_to is None else datetime.combine(snoozed_to + timedelta(days=1), time(), UTC)
    await tenant.execute(_CHANGE, alert_id, state, snoozed_to, ends)
    return before is not None and before != state
