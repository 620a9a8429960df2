"""Daily spend to watch, and what was found: alerts, forecasts, and until which day spend was watched."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from schema.database import Tenant
from workers.statistics.arrays import Real

WATCHED_DAYS = 364
# A cause is not reported again so soon.
QUIET = timedelta(days=14)

_LAST_DAY = "SELECT max(day) FROM spend_day WHERE organization_id = $1 AND day < (now() AT TIME ZONE 'UTC')::date"

_SPEND = """
SELECT team_id, team.name AS team, model, prompt_template, workflow, day, sum(list_nano_usd)::bigint AS nano_usd
  FROM spend_day JOIN team USING (organization_id, team_id)
 WHERE organization_id = $1 AND day > $2 AND day <= $3
 GROUP BY team_id, team.name, model, prompt_template, workflow, day
"""

_ALERT = """
INSERT INTO alert (organization_id, kind, subject, team_id, began_on, found_on, usual_nano_usd, spent_nano_usd, cause)
SELECT $1::bigint, $2::text, $3::text, $4::bigint, $5::date, $6::date, $7::bigint, $8::bigint, $9::text
 WHERE NOT EXISTS (
       SELECT 1 FROM alert
        WHERE organization_id = $1 AND kind = $2 AND subject = $3 AND team_id = $4 AND cause IS NOT DISTINCT FROM $9
          AND (state = 'muted' OR snoozed_to >= $6 OR found_on > $6::date - $10::int))
    ON CONFLICT DO NOTHING
"""

_FORECAST = """
INSERT INTO spend_forecast (organization_id, team_id, period, first_day, made_to, spent_nano_usd, likely_nano_usd,
                            low_nano_usd, high_nano_usd, model, exceeded_on, earliest_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

_WATCHED = """
INSERT INTO spend_watch (organization_id, watched_to) VALUES ($1, $2)
    ON CONFLICT (organization_id) DO UPDATE SET watched_to = excluded.watched_to, watched_at = now()
"""


class DailySpend(NamedTuple):
    """Spend in nano-USD (cells, days) until `last_day`, and the labels of each cell."""

    last_day: date
    spend: Real
    labels: list[dict[str, str]]
    team_ids: dict[str, int]


class Alert(NamedTuple):
    """A new alert; see the table."""

    kind: str
    subject: str
    team_id: int
    began_on: date
    found_on: date
    usual_nano_usd: int
    spent_nano_usd: int
    cause: str | None


class Forecast(NamedTuple):
    """A forecast; see the table."""

    team_id: int
    period: str
    first_day: date
    made_to: date
    spent_nano_usd: int
    likely_nano_usd: int
    low_nano_usd: int
    high_nano_usd: int
    model: str
    exceeded_on: date | None
    earliest_on: date | None


def due(organization: str) -> str:
    """Return SQL that finds a row if a full day was rolled up that was not watched, and nothing older is unsettled."""
    return f"""
SELECT 1 WHERE EXISTS (
       SELECT 1 FROM spend_day
        WHERE spend_day.organization_id = {organization} AND day < (now() AT TIME ZONE 'UTC')::date
          AND day > coalesce((SELECT watched_to FROM spend_watch
                               WHERE spend_watch.organization_id = {organization}), '-infinity'))
   AND NOT EXISTS (SELECT 1 FROM settlement
                    WHERE settlement.organization_id = {organization} AND state = 'waiting' AND NOT refit)
   AND NOT EXISTS (SELECT 1 FROM stale_spend WHERE stale_spend.organization_id = {organization})
"""  # noqa: S608 - fixed names


async def load(tenant: Tenant) -> DailySpend | None:
    """Return the spend of a year of full days; None without any."""
    last_day = await tenant.fetchval(_LAST_DAY)
    if last_day is None:
        return None
    rows = await tenant.fetch(_SPEND, last_day - timedelta(days=WATCHED_DAYS), last_day)
    first_day = min(row["day"] for row in rows)
    cells: dict[tuple[str, str, str, str], int] = {}
    places = [
        cells.setdefault((row["team"], row["model"], row["prompt_template"], row["workflow"]), len(cells))
        for row in rows
    ]
    spend = np.zeros((len(cells), (last_day - first_day).days + 1))
    spend[places, [(row["day"] - first_day).days for row in rows]] = [float(row["nano_usd"]) for row in rows]
    names = ("team", "model", "prompt", "workflow")
    labels = [dict(zip(names, cell, strict=True)) for cell in cells]
    return DailySpend(last_day, spend, labels, {row["team"]: row["team_id"] for row in rows})


async def read_budgets(tenant: Tenant) -> dict[tuple[int, str], int]:
    """Return nano-USD by team (0 for the organization) and period."""
    rows = await tenant.fetch("SELECT team_id, period, nano_usd FROM budget WHERE organization_id = $1")
    return {(row["team_id"], row["period"]): row["nano_usd"] for row in rows}


async def save(tenant: Tenant, watched_to: date, alerts: Sequence[Alert], forecasts: Sequence[Forecast]) -> None:
    """Replace the forecasts and store alerts that are news."""
    for alert in alerts:
        await tenant.execute(_ALERT, *alert, QUIET.days if alert.kind == "rise" else 0)
    await tenant.execute("DELETE FROM spend_forecast WHERE organization_id = $1")
    for forecast in forecasts:
        await tenant.execute(_FORECAST, *forecast)
    await tenant.execute(_WATCHED, watched_to)
