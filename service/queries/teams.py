"""Teams: found, listed, told of, and given repositories and telemetry."""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from schema.contracts.team import TeamIn
from schema.database import Connection
from schema.errors import NotFoundError
from schema.identifiers import Hasher, RepositoryName
from schema.repositories import find_repository, resolve_repository
from schema.stale_days import days_touched, mark_stale, mark_stale_by_evidence
from schema.stale_weeks import note_repository

# A name told by an administrator is no fact of a forge: whatever a forge says of it is newer.
BEFORE_ANY_FORGE = datetime(1970, 1, 1, tzinfo=UTC)

_FIND = """
    SELECT team_id FROM team WHERE organization_id = $1 AND name = $2
    UNION ALL
    SELECT team_id FROM team_telemetry WHERE organization_id = $1 AND telemetry_id = $2
    LIMIT 1
"""

_LIST = """
    SELECT team.team_id, team.name, team.size, team.is_default,
           ARRAY(SELECT telemetry_id FROM team_telemetry
                 WHERE organization_id = $1 AND team_id = team.team_id ORDER BY telemetry_id) AS telemetry_ids,
           ARRAY(SELECT artifact_id FROM repository
                 WHERE organization_id = $1 AND team_id = team.team_id ORDER BY artifact_id) AS repositories
    FROM team
    WHERE organization_id = $1
      AND ($2::bigint IS NULL OR team_id = $2)
      AND ($3::bigint IS NULL OR team_id > $3)
    ORDER BY team_id
    LIMIT $4
"""

_SAVE = """
    INSERT INTO team AS known (organization_id, name, size)
    VALUES ($1, $2, $3)
    ON CONFLICT (organization_id, name) DO UPDATE SET size = coalesce(excluded.size, known.size)
    RETURNING team_id, xmax = 0 AS is_new
"""

_MAP_TELEMETRY = """
    INSERT INTO team_telemetry (organization_id, telemetry_id, team_id)
    SELECT $1::bigint, told, $3::bigint FROM unnest($2::text[]) AS told
    ON CONFLICT (organization_id, telemetry_id) DO UPDATE SET team_id = excluded.team_id
"""

_HOLD_REPOSITORY = """
    SELECT repository.team_id,
           (SELECT team_id FROM team WHERE organization_id = $1 AND is_default) AS default_team_id
    FROM repository WHERE organization_id = $1 AND artifact_id = $2
    FOR UPDATE OF repository
"""

_GIVE_REPOSITORY = "UPDATE repository SET team_id = $3 WHERE organization_id = $1 AND artifact_id = $2"

_FORGE_OF_HOST = "SELECT forge FROM connection WHERE organization_id = $1 AND host = $2 LIMIT 1"

_SPAN = """
    SELECT min(opened_at) AS first, max(coalesce(closed_at, merged_at, now())) AS last
    FROM pull_request WHERE organization_id = $1 AND repository_id = $2
"""


async def find_team(connection: Connection, organization_id: int, name: str) -> int:
    """The team of that name, or that a telemetry id means; raises NotFoundError."""
    # PostgreSQL refuses a NUL, and no team bears one.
    team_id: int | None = None if "\0" in name else await connection.fetchval(_FIND, organization_id, name)
    if team_id is None:
        raise NotFoundError("names no team of this organization; see /api/v1/teams", field="team")
    return team_id


async def list_teams(
    connection: Connection,
    organization_id: int,
    *,
    team_id: int | None = None,
    after: int | None = None,
    limit: int = 1,
) -> list[asyncpg.Record]:
    """Teams by id: team_id, name, size, is_default, telemetry_ids, repositories."""
    rows: list[asyncpg.Record] = await connection.fetch(_LIST, organization_id, team_id, after, limit)
    return rows


async def read_sizes(connection: Connection, organization_id: int) -> dict[str, int | None]:
    """People by team name, None where nobody told."""
    rows = await connection.fetch("SELECT name, size FROM team WHERE organization_id = $1", organization_id)
    return {row["name"]: row["size"] for row in rows}


async def save_team(connection: Connection, organization_id: int, told: TeamIn) -> tuple[int, bool]:
    """Make or change a team and its telemetry ids; its id, and whether it is new."""
    row = await connection.fetchrow(_SAVE, organization_id, told.name, told.size)
    if told.telemetry_ids:
        ids = sorted(set(told.telemetry_ids))
        await connection.execute(_MAP_TELEMETRY, organization_id, ids, row["team_id"])
    return row["team_id"], row["is_new"]


async def give_repositories(
    connection: Connection, organization_id: int, hasher: Hasher, team_id: int, names: Sequence[RepositoryName]
) -> bool:
    """Let repositories be a team's, known or not yet; True when there are days to settle again."""
    marked = False
    for name in sorted(set(names), key=str):
        repository_id = await find_repository(connection, organization_id, hasher, name)
        if repository_id is None:
            repository_id = await resolve_repository(
                connection,
                organization_id,
                hasher,
                forge=await forge_of_host(connection, organization_id, name.host),
                name=name,
                forge_id=None,
                seen_at=BEFORE_ANY_FORGE,
            )
            new_names = [hasher.repository_by_name(name)]
            marked |= await mark_stale_by_evidence(connection, organization_id, repositories=new_names)
        marked |= await _give(connection, organization_id, team_id, repository_id)
    return marked


async def forge_of_host(connection: Connection, organization_id: int, host: str) -> str:
    """The forge that a host runs: as its connections say, else GitLab where its name says so, else GitHub."""
    known: str | None = await connection.fetchval(_FORGE_OF_HOST, organization_id, host)
    return known or ("gitlab" if "gitlab" in host else "github")


async def _give(connection: Connection, organization_id: int, team_id: int, repository_id: bytes) -> bool:
    held = await connection.fetchrow(_HOLD_REPOSITORY, organization_id, repository_id)
    if held["team_id"] == team_id:
        return False
    await connection.execute(_GIVE_REPOSITORY, organization_id, repository_id, team_id)
    span = await connection.fetchrow(_SPAN, organization_id, repository_id)
    if span["first"] is None:
        return False
    first, last = days_touched(span["first"], span["last"])
    teams = [team_id, held["team_id"] or held["default_team_id"]]
    await note_repository(connection, organization_id, repository_id, teams)
    return await mark_stale(connection, organization_id, from_day=first, to_day=last, team_ids=teams)
