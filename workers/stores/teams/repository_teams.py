"""Whose pull requests a known repository's are, all along or from some instant on.

An administrator gives it by hand, and workers do where a connection's teams are counted at the forge. Who was given
something by hand keeps it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from schema.database import Tenant
from workers.stores.ledger.invalidate_days import days_touched, invalidate_days
from workers.stores.ledger.invalidate_weeks import note_repository

ALL_ALONG = datetime(1970, 1, 1, tzinfo=UTC)

_HOLD = """
    SELECT coalesce(repository.team_id, standard.team_id) AS team_id
    FROM repository JOIN team AS standard ON standard.organization_id = $1 AND standard.is_default
    WHERE repository.organization_id = $1 AND repository.artifact_id = $2
    FOR UPDATE OF repository
"""

_HOLD_ALL = """
    SELECT FROM repository WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) ORDER BY artifact_id FOR UPDATE
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


async def hold_repositories(tenant: Tenant, repository_ids: Sequence[bytes]) -> None:
    """Hold them all before days are marked for the first, in one order: deliveries hold them, and mark days then."""
    await tenant.execute(_HOLD_ALL, list(repository_ids))


async def hold(tenant: Tenant, repository_id: bytes) -> int:
    """Hold a repository; the id of the team that has it now, the default team's where none does."""
    team_id: int = await tenant.fetchval(_HOLD, repository_id)
    return team_id


async def give(tenant: Tenant, team_id: int, repository_id: bytes, since: datetime, *, is_synced: bool = False) -> bool:
    """Let a known repository be a team's from an instant on; True when there are days to settle again.

    What ended before stays with the teams that had it then. `is_synced` lets a forge give it otherwise later.
    """
    key = (repository_id,)
    present = await hold(tenant, *key)
    await tenant.execute(_GIVE, *key, team_id, is_synced)
    earlier = await tenant.fetch(_TEAMS_BEFORE, *key, since)
    later = [row["team_id"] for row in earlier if row["until"] > since]
    if present == team_id and not later:
        return False
    before: int = earlier[0]["team_id"] if earlier else present
    await tenant.execute(_FORGET_LATER, *key, since)
    if before != team_id and since > ALL_ALONG:
        await tenant.execute(_KEEP_EARLIER, *key, since, before)
    span = await tenant.fetchrow(_SPAN, *key, since)
    if span["first"] is None:
        return False
    first, last = days_touched(span["first"], span["last"])
    # Where the default team has it, the teams of authors count.
    authors = [row["author_team_id"] for row in await tenant.fetch(_AUTHORS, *key)]
    teams = {team_id, present, *later, *authors}
    await note_repository(tenant, repository_id, teams, since)
    return await invalidate_days(tenant, from_day=first, to_day=last, team_ids=teams)
