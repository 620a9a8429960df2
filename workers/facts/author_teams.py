"""Records the teams of pull request authors; nothing is stored about the authors."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from schema.database import Tenant
from workers.facts.changes import Changes, Days, Transfer
from workers.facts.scope import ForgeScope
from workers.stores.ledger.invalidate_days import affected_days
from workers.stores.ledger.invalidate_weeks import Merge, mark_authors, mark_merges
from workers.stores.spend.stale import note_authors, note_pull_requests

_COUNTED = """
SELECT forge_team.forge_team_id, forge_team.team_id
  FROM forge_team
  JOIN team_sync ON team_sync.organization_id = $1 AND team_sync.connection_id = forge_team.connection_id
  JOIN team ON team.organization_id = $1 AND team.team_id = forge_team.team_id
 WHERE forge_team.organization_id = $1 AND forge_team.connection_id = $2 AND team_sync.enabled AND NOT team.is_default
"""

# A repository without a team at some time has pull requests of that time.
_HAS_TEAM = """
SELECT EXISTS (
    SELECT FROM artifact_alias AS alias
      JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = alias.artifact_id
      JOIN team ON team.organization_id = $1 AND team.team_id = repository.team_id AND NOT team.is_default
     WHERE alias.organization_id = $1 AND alias.kind = 'repository_id' AND alias.alias = $2
       AND NOT EXISTS (SELECT FROM repository_team AS had
                         JOIN team AS former ON former.organization_id = $1 AND former.team_id = had.team_id
                        WHERE had.organization_id = $1 AND had.repository_id = repository.artifact_id
                          AND former.is_default))
"""

# An ended pull request stays with the team its author was in then.
_SET = """
WITH reported AS (
    SELECT reported.artifact_id, reported.team_id, known.author_team_id AS before
      FROM unnest($2::bytea[], $3::bigint[]) AS reported (artifact_id, team_id)
      JOIN team ON team.organization_id = $1 AND team.team_id = reported.team_id
      JOIN pull_request AS known ON known.organization_id = $1 AND known.artifact_id = reported.artifact_id
     WHERE known.author_team_id IS DISTINCT FROM reported.team_id
       AND (known.author_team_id IS NULL OR known.state = 'open' OR known.artifact_id = ANY($4::bytea[]))
)
UPDATE pull_request SET author_team_id = reported.team_id FROM reported
 WHERE pull_request.organization_id = $1 AND pull_request.artifact_id = reported.artifact_id
RETURNING pull_request.artifact_id, repository_id, opened_at, merged_at,
          coalesce(merged_at, closed_at, now()) AS ended_at, owner, reported.team_id, before
"""

_MOVE = """
UPDATE pull_request SET author_team_id = $3
 WHERE organization_id = $1 AND author_team_id = $2
   AND (state = 'open' OR coalesce(merged_at, closed_at, 'infinity') >= $4)
RETURNING opened_at, coalesce(closed_at, merged_at, now()) AS ended_at
"""


async def counted_teams(tenant: Tenant, connection_id: UUID) -> dict[bytes, int]:
    """Return the team for each synced team of a connection at the forge, if team sync is enabled."""
    rows = await tenant.fetch(_COUNTED, connection_id)
    return {row["forge_team_id"]: row["team_id"] for row in rows}


async def has_team(tenant: Tenant, repository: bytes) -> bool:
    """Return whether a repository, by the hash of its number, has always had a team."""
    return bool(await tenant.fetchval(_HAS_TEAM, repository))


async def store_author_teams(scope: ForgeScope, reported: Mapping[bytes, int], ended: Collection[bytes]) -> None:
    """Record the team of each pull request's author, and replace it for those that `ended` just now."""
    if not reported:
        return
    columns = [list(reported), list(reported.values()), list(ended)]
    rows = await scope.tenant.fetch(_SET, *columns)
    if not rows:
        return
    merges = {
        Merge(row["repository_id"], row["merged_at"], row["owner"], team_id)
        for row in rows
        if row["merged_at"] is not None
        for team_id in (row["team_id"], row["before"])
    }
    await mark_merges(scope.tenant, merges)
    await note_pull_requests(scope.tenant, [row["artifact_id"] for row in rows])
    days = affected_days(min(row["opened_at"] for row in rows), max(row["ended_at"] for row in rows))
    scope.changes.transfers.append(Transfer(Days(*days)))


async def move_author_teams(tenant: Tenant, changes: Changes, team_id: int, into: int, since: datetime) -> None:
    """Move a team's authored pull requests that are open, or ended since an instant, to another team."""
    await mark_authors(tenant, team_id, into, since)
    await note_authors(tenant, team_id, since)
    moved = await tenant.fetch(_MOVE, team_id, into, since)
    if moved:
        days = affected_days(min(row["opened_at"] for row in moved), max(row["ended_at"] for row in moved))
        changes.transfers.append(Transfer(Days(*days), frozenset({team_id, into})))
