"""Policies: the providers, models and regions that teams may use."""

from collections.abc import Mapping, Sequence

import asyncpg

from schema.database import Tenant
from service.queries.ledger.watched import watch_again

_READ = """
    SELECT team.name AS team, dimension, array_agg(value ORDER BY value) AS allowed
    FROM spend_policy LEFT JOIN team ON team.organization_id = $1 AND team.team_id = spend_policy.team_id
    WHERE spend_policy.organization_id = $1 AND ($2::bigint IS NULL OR spend_policy.team_id IN (0, $2))
      AND (spend_policy.team_id = 0 OR team.name IS NOT NULL)
    GROUP BY spend_policy.team_id, team.name, dimension
    ORDER BY team.name NULLS FIRST, dimension
"""
_SAVE = """
    INSERT INTO spend_policy (organization_id, team_id, dimension, value)
    SELECT $1::bigint, $2::bigint, allowed.* FROM unnest($3::text[], $4::text[]) AS allowed
    ON CONFLICT DO NOTHING
"""


async def read_policies(tenant: Tenant, team_id: int | None) -> list[asyncpg.Record]:
    """Return what is allowed by team and dimension: of a team and the organization, or all."""
    rows: list[asyncpg.Record] = await tenant.fetch(_READ, team_id)
    return rows


async def save_policy(tenant: Tenant, team_id: int, allowed: Mapping[str, Sequence[str]]) -> None:
    """Replace the policy of a team, or of the organization (0), by what is allowed by dimension."""
    await tenant.execute("DELETE FROM spend_policy WHERE organization_id = $1 AND team_id = $2", team_id)
    pairs = [(dimension, value) for dimension, values in allowed.items() for value in values]
    await tenant.execute(_SAVE, team_id, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    await watch_again(tenant)
