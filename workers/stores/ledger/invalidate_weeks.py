"""Marks the weeks of teams whose merges, or their cost, changed.

A week is marked in the transaction that changes it. Until a worker has summed it again, queries read the ledger itself,
so that an outdated sum is never shown.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.team_of import team_at

# For merged pull requests in queries that join the default team as `default_team`.
TEAM_OF_MERGED = team_at(
    "pull_request.repository_id",
    "pull_request.merged_at",
    "default_team.team_id",
    "pull_request.owner",
    "pull_request.author_team_id",
)
# The first day of a week as SQL, shared by writers and readers.
WEEK = "date_trunc('week', {} AT TIME ZONE 'UTC')::date"
_REPORTED = (
    "reported.repository_id",
    "reported.merged_at",
    "default_team.team_id",
    "reported.owner",
    "reported.author_team_id",
)

# Sums of one week must be written one after the other, so that the slower never overwrites a newer sum.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('merged_week', $1::bigint))"

_NOTE_MERGES = f"""
INSERT INTO stale_week (organization_id, team_id, week)
SELECT DISTINCT $1::bigint, {team_at(*_REPORTED)}, {WEEK.format("reported.merged_at")}
  FROM unnest($2::bytea[], $3::timestamptz[], $4::bytea[], $5::bigint[])
       AS reported (repository_id, merged_at, owner, author_team_id)
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = reported.repository_id
  JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
"""  # noqa: S608 - composed of constants

_NOTE_REPOSITORY = f"""
INSERT INTO stale_week (organization_id, team_id, week)
SELECT DISTINCT $1::bigint, concerned.team_id, {WEEK.format("pull_request.merged_at")}
  FROM pull_request CROSS JOIN unnest($3::bigint[]) AS concerned (team_id)
 WHERE organization_id = $1 AND repository_id = $2 AND state = 'merged' AND merged_at >= $4
"""  # noqa: S608 - composed of constants

_NOTE_OWNER = f"""
INSERT INTO stale_week (organization_id, team_id, week)
SELECT DISTINCT $1::bigint, concerned.team_id, {WEEK.format("pull_request.merged_at")}
  FROM pull_request CROSS JOIN unnest($3::bigint[]) AS concerned (team_id)
 WHERE organization_id = $1 AND owner = $2 AND state = 'merged'
"""  # noqa: S608 - composed of constants

_NOTE_AUTHORS = f"""
INSERT INTO stale_week (organization_id, team_id, week)
SELECT DISTINCT $1::bigint, concerned.team_id, {WEEK.format("pull_request.merged_at")}
  FROM pull_request CROSS JOIN unnest(ARRAY[$2, $3]::bigint[]) AS concerned (team_id)
 WHERE organization_id = $1 AND author_team_id = $2 AND state = 'merged' AND merged_at >= $4
"""  # noqa: S608 - composed of constants

_NOTE_SPENT = f"""
INSERT INTO stale_week (organization_id, team_id, week)
SELECT DISTINCT $1::bigint, {TEAM_OF_MERGED}, {WEEK.format("pull_request.merged_at")}
  FROM (SELECT DISTINCT artifact_id FROM attribution_rollup
         WHERE organization_id = $1 AND team_id = $2 AND day = ANY($3::date[])) AS spent
  JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = spent.artifact_id
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
  JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
 WHERE pull_request.state = 'merged'
"""  # noqa: S608 - composed of constants


class Merge(NamedTuple):
    """A merge: repository, time, and the code owner and author's team if known."""

    repository_id: bytes
    merged_at: datetime
    owner: bytes | None = None
    author_team_id: int | None = None


async def lock_weeks(tenant: Tenant) -> None:
    """Lock out other sums of the organization's weeks until the transaction ends."""
    await tenant.execute(_LOCK)


async def mark_merges(tenant: Tenant, merges: Collection[Merge]) -> None:
    """Mark the weeks of new, deleted or moved merges."""
    if merges:
        await tenant.execute(_NOTE_MERGES, *rows_as_columns(list(merges)))


async def mark_repository(tenant: Tenant, repository_id: bytes, team_ids: Collection[int], since: datetime) -> None:
    """Mark every week with merges of a repository from an instant on, for its former and current teams."""
    await tenant.execute(_NOTE_REPOSITORY, repository_id, list(team_ids), since)


async def mark_owner(tenant: Tenant, owner: bytes, team_ids: Collection[int]) -> None:
    """Mark every week with merges of an owner's code, for its former and current teams."""
    await tenant.execute(_NOTE_OWNER, owner, list(team_ids))


async def mark_authors(tenant: Tenant, team_id: int, into: int, since: datetime) -> None:
    """Mark every week with merges of a team's authors from an instant on, for it and the team they move to."""
    await tenant.execute(_NOTE_AUTHORS, team_id, into, since)


async def mark_spent(tenant: Tenant, team_id: int, days: Collection[date]) -> None:
    """Mark the weeks of merges with tokens of a team's days; call before and after a change."""
    await tenant.execute(_NOTE_SPENT, team_id, list(days))
