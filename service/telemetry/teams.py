"""Whose tokens they are: a `team.id` becomes a team, made on first sight up to a limit."""

from collections.abc import Collection

from schema.database import Connection

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
# One transaction at a time makes teams, so that the limit holds; foreign keys to the organization are not held up.
HOLD_TEAMS = "SELECT FROM organization WHERE organization_id = $1 FOR NO KEY UPDATE"
MAKE_TEAMS = """
    INSERT INTO team (organization_id, name)
    SELECT $1::bigint, label
    FROM unnest($2::text[]) AS label
    LIMIT GREATEST(0, $3 - (SELECT count(*) FROM team WHERE organization_id = $1))
    ON CONFLICT (organization_id, name) DO NOTHING
"""
DEFAULT_TEAM = "SELECT team_id FROM team WHERE organization_id = $1 AND is_default"


async def team_ids(
    connection: Connection, organization_id: int, labels: Collection[str], team_limit: int
) -> dict[str | None, int]:
    """The team of each label, and under None the default team, which also takes what is over the limit.

    A label that an administrator gave to a team goes there; else to the team of that name, made if need be.
    """
    wanted = sorted(labels)
    default: int = await connection.fetchval(DEFAULT_TEAM, organization_id)
    if not wanted:
        return {None: default}
    found = await _find(connection, organization_id, wanted)
    if missing := [label for label in wanted if label not in found]:
        await connection.execute(HOLD_TEAMS, organization_id)
        await connection.execute(MAKE_TEAMS, organization_id, missing, team_limit)
        found |= await _find(connection, organization_id, missing)
    return {None: default, **{label: found.get(label, default) for label in wanted}}


async def _find(connection: Connection, organization_id: int, labels: list[str]) -> dict[str, int]:
    rows = await connection.fetch(FIND_TEAMS, organization_id, labels)
    return {row["label"]: row["team_id"] for row in rows}
