"""What was spent in each week, by the team that spent it: tokens of windows and their list price."""

from datetime import date

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS

_SPENT = f"""
    SELECT date_trunc('week', hour AT TIME ZONE 'UTC')::date AS week, team.name AS team,
           sum({" + ".join(TOKEN_KINDS)})::bigint AS tokens, sum(cost_nano_usd)::bigint AS nano_usd
    FROM token_window
    JOIN team ON team.organization_id = $1 AND team.team_id = token_window.team_id
    WHERE token_window.organization_id = $1
      AND hour >= $2::date::timestamp AT TIME ZONE 'UTC' AND hour < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2
"""  # noqa: S608 - composed of constants


async def read_spent_weeks(tenant: Tenant, first_day: date, last_day: date) -> dict[tuple[date, str], tuple[int, int]]:
    """Return tokens and nano-USD by the Monday of a week and the name of a team; both days are inclusive."""
    rows = await tenant.fetch(_SPENT, first_day, last_day)
    return {(row["week"], row["team"]): (row["tokens"], row["nano_usd"]) for row in rows}
