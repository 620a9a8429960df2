"""Teams by `team.id`: an unknown one creates a team, up to a limit."""

from collections.abc import Collection

from schema.database import Tenant

FIND_TEAMS = """
    SELECT telemetry_id AS label, team_id, 1 AS rank
    FROM team_telemetry
    WHERE organization_id = $1 AND telemetry_id = ANY($2::text[])
    UNION ALL
    SELECT name, team_id, 2
    FROM team
    WHERE organization_id = $1 AND name = ANY($2::text[])
    ORDER BY rank DESC
"""
# One transaction at a time creates teams, so that the limit holds. This lock does not block foreign key checks.
HOLD_TEAMS = "SELECT FROM organization WHERE organization_id = $1 FOR NO KEY UPDATE"
MAKE_TEAMS = """
    INSERT INTO team (organization_id, name)
    SELECT $1::bigint, label
    FROM unnest($2::text[]) AS label
    LIMIT GREATEST(0, $3 - (SELECT count(*) FROM team WHERE organization_id = $1))
    ON CONFLICT (organization_id, name) DO NOTHING
"""
DEFAULT_TEAM = "SELECT team_id FROM team WHERE organization_id = $1 AND is_default"


async def team_ids(tenant: Tenant, labels: Collection[str], team_limit: int) -> dict[str | None, int]:
    """Return the team of each label, and the default team under None. Labels over the limit get the default team.

    A label belongs to the team that an administrator gave it to, else to the team of that name, created if necessary.
    """
    wanted = sorted(labels)
    default: int = await tenant.fetchval(DEFAULT_TEAM)
    if not wanted:
        return {None: default}
    found = await _find(tenant, wanted)
    if missing := [label for label in wanted if label not in found]:
        await tenant.execute(HOLD_TEAMS)
        await tenant.execute(MAKE_TEAMS, missing, team_limit)
        found |= await _find(tenant, missing)
    return {None: default, **{label: found.get(label, default) for label in wanted}}


async def _find(tenant: Tenant, labels: list[str]) -> dict[str, int]:
    rows = await tenant.fetch(FIND_TEAMS, labels)
    return {row["label"]: row["team_id"] for row in rows}
