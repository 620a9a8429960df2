"""Which weeks of which teams must be summed again, since what was merged in them or what that cost has changed.

A week is noted in the transaction that changes it. Until a worker has summed it anew, whoever asks is answered from the
ledger itself, so that a sum is never seen that lags behind.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.team_of import TEAM_OF_MERGED, team_at

# The day that a week begins on, as SQL; both its writers and its readers must mean the same.
WEEK = "date_trunc('week', {} AT TIME ZONE 'UTC')::date"
_REPORTED = (
    "reported.repository_id",
    "reported.merged_at",
    "default_team.team_id",
    "reported.owner",
    "reported.author_team_id",
)

# Two who sum one week must do so one after the other, or the slower would write what the faster knows to be old.
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
    """Where and when something was merged, who owns that code and which team its author is in, where that is known."""

    repository_id: bytes
    merged_at: datetime
    owner: bytes | None = None
    author_team_id: int | None = None


async def lock_weeks(tenant: Tenant) -> None:
    """Let nobody else sum weeks of the organization until this transaction ends."""
    await tenant.execute(_LOCK)


async def note_merges(tenant: Tenant, merges: Collection[Merge]) -> None:
    """Note the weeks of merges that are new, gone or moved."""
    if merges:
        await tenant.execute(_NOTE_MERGES, *rows_as_columns(list(merges)))


async def note_repository(tenant: Tenant, repository_id: bytes, team_ids: Collection[int], since: datetime) -> None:
    """Note every week in which a repository has merges from an instant on, for each team that had it or has it now."""
    await tenant.execute(_NOTE_REPOSITORY, repository_id, list(team_ids), since)


async def note_owner(tenant: Tenant, owner: bytes, team_ids: Collection[int]) -> None:
    """Note every week in which code of an owner was merged, for each team that had it or has it now."""
    await tenant.execute(_NOTE_OWNER, owner, list(team_ids))


async def note_authors(tenant: Tenant, team_id: int, into: int, since: datetime) -> None:
    """Note every week in which authors of a team merged from an instant on, for it and for the team it becomes."""
    await tenant.execute(_NOTE_AUTHORS, team_id, into, since)


async def note_spent(tenant: Tenant, team_id: int, days: Collection[date]) -> None:
    """Note the weeks of what was merged of all that has tokens of these days of a team: before they go, and after."""
    await tenant.execute(_NOTE_SPENT, team_id, list(days))
