"""Assigns repositories to teams, for all time or from an instant on.

An administrator decides, or else team sync where a connection's teams are synced.
"""

from datetime import UTC, datetime

from schema.database import Tenant
from workers.facts.changes import Changes, Days, Transfer
from workers.stores.ledger.invalidate_days import affected_days
from workers.stores.ledger.invalidate_weeks import mark_repository
from workers.stores.spend.stale import note_repository

ALL_ALONG = datetime(1970, 1, 1, tzinfo=UTC)

_PRESENT = """
    SELECT coalesce(repository.team_id, standard.team_id) AS team_id
    FROM repository JOIN team AS standard ON standard.organization_id = $1 AND standard.is_default
    WHERE repository.organization_id = $1 AND repository.artifact_id = $2
"""

_TEAMS_BEFORE = """
    SELECT team_id, until FROM repository_team
    WHERE organization_id = $1 AND repository_id = $2 AND until >= $3 ORDER BY until
"""

_FORGET_LATER = "DELETE FROM repository_team WHERE organization_id = $1 AND repository_id = $2 AND until > $3"

_KEEP_EARLIER = """
    INSERT INTO repository_team (organization_id, repository_id, until, team_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""

_GIVE = """
    UPDATE repository SET team_id = $3, team_synced = $4
    WHERE organization_id = $1 AND artifact_id = $2 AND (team_id IS DISTINCT FROM $3 OR team_synced <> $4)
"""

_SPAN = """
    SELECT min(opened_at) AS first, max(coalesce(closed_at, merged_at, now())) AS last
    FROM pull_request
    WHERE organization_id = $1 AND repository_id = $2
      AND (state = 'open' OR coalesce(merged_at, closed_at, 'infinity') >= $3)
"""

_AUTHORS = """
    SELECT DISTINCT author_team_id FROM pull_request
    WHERE organization_id = $1 AND repository_id = $2 AND author_team_id IS NOT NULL
"""


async def assign_repository(
    tenant: Tenant, changes: Changes, team_id: int, repository_id: bytes, since: datetime, *, is_synced: bool = False
) -> None:
    """Assign a known repository to a team from an instant on.

    Pull requests that ended earlier stay with their former teams. With `is_synced`, team sync may reassign it later.
    """
    present: int = await tenant.fetchval(_PRESENT, repository_id)
    await tenant.execute(_GIVE, repository_id, team_id, is_synced)
    earlier = await tenant.fetch(_TEAMS_BEFORE, repository_id, since)
    later = [row["team_id"] for row in earlier if row["until"] > since]
    if present == team_id and not later:
        return
    before: int = earlier[0]["team_id"] if earlier else present
    await tenant.execute(_FORGET_LATER, repository_id, since)
    if before != team_id and since > ALL_ALONG:
        await tenant.execute(_KEEP_EARLIER, repository_id, since, before)
    span = await tenant.fetchrow(_SPAN, repository_id, since)
    if span["first"] is None:
        return
    # Pull requests of a repository of the default team belong to the teams of their authors.
    authors = [row["author_team_id"] for row in await tenant.fetch(_AUTHORS, repository_id)]
    teams = frozenset({team_id, present, *later, *authors})
    await mark_repository(tenant, repository_id, teams, since)
    await note_repository(tenant, repository_id, since)
    changes.transfers.append(Transfer(Days(*affected_days(span["first"], span["last"])), teams))
