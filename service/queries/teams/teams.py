"""Teams: find, list, save and rename them, and map telemetry ids to them."""

import asyncpg
from msgspec import UNSET

from schema.database import Tenant
from schema.errors import BadInputError, NotFoundError
from service.contracts.team import TeamIn
from service.errors import ConflictError
from service.queries.teams.team_changes import TEAMS_OF_CODE_OWNERS, TEAMS_OF_REPOSITORIES

_FIND = """
    SELECT team_id FROM team WHERE organization_id = $1 AND name = $2
    UNION ALL
    SELECT team_id FROM team_telemetry WHERE organization_id = $1 AND telemetry_id = $2
    LIMIT 1
"""

_LIST = f"""
    WITH repositories AS ({TEAMS_OF_REPOSITORIES}), code_owners AS ({TEAMS_OF_CODE_OWNERS})
    SELECT team.team_id, team.name, team.size, team.size_counted, team.is_default, team.removed_at,
           ARRAY(SELECT telemetry_id FROM team_telemetry
                 WHERE organization_id = $1 AND team_id = team.team_id ORDER BY telemetry_id) AS telemetry_ids,
           ARRAY(SELECT subject FROM repositories WHERE team_id = team.team_id ORDER BY subject) AS repositories,
           (SELECT count(*) FROM code_owners WHERE team_id = team.team_id) AS code_owners
    FROM team
    WHERE organization_id = $1
      AND ($2::bigint IS NULL OR team_id = $2)
      AND ($3::bigint IS NULL OR team_id > $3)
    ORDER BY team_id
    LIMIT $4
"""  # noqa: S608 - composed of constants

_SAVE = """
    INSERT INTO team AS known (organization_id, name, size)
    VALUES ($1, $2, $3)
    ON CONFLICT (organization_id, name) DO UPDATE
       SET size = CASE WHEN $4 THEN excluded.size ELSE known.size END, removed_at = NULL,
           size_counted = known.size_counted AND NOT $4
    RETURNING team_id, xmax = 0 AS is_new
"""

_MAP_TELEMETRY = """
    INSERT INTO team_telemetry (organization_id, telemetry_id, team_id)
    SELECT $1::bigint, telemetry_id, $3::bigint FROM unnest($2::text[]) AS telemetry_id
    ON CONFLICT (organization_id, telemetry_id) DO UPDATE SET team_id = excluded.team_id
"""

_REMOVE_TELEMETRY = """
    DELETE FROM team_telemetry WHERE organization_id = $1 AND telemetry_id = ANY($2::text[]) AND team_id = $3
    RETURNING telemetry_id
"""

_RENAME = "UPDATE team SET name = $3 WHERE organization_id = $1 AND team_id = $2 RETURNING name"

_KEEP_NAME = """
    INSERT INTO team_telemetry (organization_id, telemetry_id, team_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""

_ACTIVE = """
    SELECT name FROM team
    WHERE organization_id = $1
      AND EXISTS (SELECT FROM merged_week WHERE merged_week.organization_id = $1 AND merged_week.team_id = team.team_id
                  AND (merged_pull_requests > 0 OR received_tokens > 0))
"""


async def default_team(tenant: Tenant) -> int:
    """Return the id of the default team."""
    team_id: int = await tenant.fetchval("SELECT team_id FROM team WHERE organization_id = $1 AND is_default")
    return team_id


async def find_team(tenant: Tenant, name: str, field: str = "team") -> int:
    """Return the id of a team by name or telemetry id; raises NotFoundError."""
    # PostgreSQL refuses NUL, and no team name contains one.
    team_id: int | None = None if "\0" in name else await tenant.fetchval(_FIND, name)
    if team_id is None:
        raise NotFoundError("must be an existing team; list them with GET /api/v1/teams", field=field)
    return team_id


async def read_team_name(tenant: Tenant, team_id: int) -> str:
    """Return the name of a team, also of a removed one."""
    name: str = await tenant.fetchval("SELECT name FROM team WHERE organization_id = $1 AND team_id = $2", team_id)
    return name


async def list_teams(
    tenant: Tenant, *, team_id: int | None = None, after: int | None = None, limit: int = 1
) -> list[asyncpg.Record]:
    """Return the rows of TeamShown by id; `repositories` are artifact ids, `code_owners` is their number."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, team_id, after, limit)
    return rows


async def read_sizes(tenant: Tenant) -> dict[str, int | None]:
    """Return people by team name; None if the size is unknown."""
    rows = await tenant.fetch("SELECT name, size FROM team WHERE organization_id = $1")
    return {row["name"]: row["size"] for row in rows}


async def read_named_sizes(tenant: Tenant) -> dict[int, tuple[str, int | None]]:
    """Return name and people by team id; None if the size is unknown."""
    rows = await tenant.fetch("SELECT team_id, name, size FROM team WHERE organization_id = $1")
    return {row["team_id"]: (row["name"], row["size"]) for row in rows}


async def read_active_teams(tenant: Tenant) -> frozenset[str]:
    """Return the names of the teams that ever merged or received anything."""
    rows = await tenant.fetch(_ACTIVE)
    return frozenset(row["name"] for row in rows)


async def save_team(tenant: Tenant, team: TeamIn) -> tuple[int, bool]:
    """Create or change a team and its telemetry ids; returns its id, and whether it is new.

    Raises BadInputError to remove a telemetry id of another team, and ConflictError for a taken name.
    """
    has_size = team.size is not UNSET
    row = await tenant.fetchrow(_SAVE, team.name, team.size if has_size else None, has_size)
    team_id = row["team_id"]
    if team.telemetry_ids:
        await tenant.execute(_MAP_TELEMETRY, sorted(set(team.telemetry_ids)), team_id)
    removed = await tenant.fetch(_REMOVE_TELEMETRY, team.remove_telemetry_ids, team_id)
    gone = {row["telemetry_id"] for row in removed}
    for index, telemetry_id in enumerate(team.remove_telemetry_ids):
        if telemetry_id not in gone:
            raise BadInputError("does not belong to this team", field=f"remove_telemetry_ids[{index}]")
    if team.new_name is not None and team.new_name != team.name:
        await rename_team(tenant, team_id, team.name, team.new_name)
    return team_id, row["is_new"]


async def rename_team(tenant: Tenant, team_id: int, name: str, new_name: str) -> None:
    """Rename a team; the old name stays as a telemetry id. Raises ConflictError for a taken name."""
    try:
        async with tenant.transaction():
            await tenant.execute(_RENAME, team_id, new_name)
    except asyncpg.UniqueViolationError:
        raise ConflictError("is the name of another team; choose another name", field="new_name") from None
    await tenant.execute(_KEEP_NAME, name, team_id)
