"""Use of assistants that report usage but few or no tokens."""

from datetime import date

import asyncpg

from schema.database import Tenant

_ENGAGEMENT = """
    SELECT day, provider, team.name AS team, model, sum(interactions)::bigint AS interactions,
           sum(generations)::bigint AS generations, sum(acceptances)::bigint AS acceptances,
           sum(lines_added)::bigint AS lines_added, sum(lines_deleted)::bigint AS lines_deleted,
           sum(active_people)::bigint AS active_people
    FROM engagement
    JOIN provider_account AS account
      ON account.organization_id = $1 AND account.account_id = engagement.account_id
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = account.team_id
    WHERE engagement.organization_id = $1 AND day BETWEEN $2 AND $3 AND ($4::bigint IS NULL OR account.team_id = $4)
    GROUP BY day, provider, team.name, model
    ORDER BY day, provider, team.name NULLS FIRST, model
"""


async def read_engagement(tenant: Tenant, first: date, last: date, team_id: int | None) -> list[asyncpg.Record]:
    """Sum by day, provider, team and model over inclusive days, for one team or all."""
    rows: list[asyncpg.Record] = await tenant.fetch(_ENGAGEMENT, first, last, team_id)
    return rows
