"""Notes of team-days whose spend must be rolled up again.

A note is written in the transaction that changes the ledger, a release, or what became of a pull request. A note of a
pull request stands for all team-days with its tokens, so that writers need not look for them.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import NamedTuple

from schema.database import Tenant

# Artifacts and team-days per transaction, to keep it short.
ARTIFACTS = 500
TEAM_DAYS = 200

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('spend', $1::bigint))"

_NOTE_DAYS = """
INSERT INTO stale_spend (organization_id, team_id, day)
SELECT $1::bigint, $2::bigint, day FROM unnest($3::date[]) AS day
"""

_NOTE_DAY_OF_TEAMS = """
INSERT INTO stale_spend (organization_id, team_id, day)
SELECT organization_id, team_id, day FROM settlement
 WHERE organization_id = $1 AND day = $2 AND settled_at IS NOT NULL
"""

_NOTE_ARTIFACTS = """
INSERT INTO stale_spend (organization_id, artifact_id)
SELECT $1::bigint, artifact_id FROM unnest($2::bytea[]) AS artifact_id
"""

# Those that may change their team: open, or ended since an instant.
_NOTE_OF = """
INSERT INTO stale_spend (organization_id, artifact_id)
SELECT organization_id, artifact_id FROM pull_request
 WHERE organization_id = $1 AND {owner} = $2
   AND (state = 'open' OR coalesce(merged_at, closed_at, 'infinity') >= $3)
"""
_NOTE_OF_REPOSITORY = _NOTE_OF.format(owner="repository_id")
_NOTE_OF_OWNER = _NOTE_OF.format(owner="owner")
_NOTE_OF_AUTHORS = _NOTE_OF.format(owner="author_team_id")

_NOTE_LABELLED = """
INSERT INTO stale_spend (organization_id, artifact_id)
SELECT $1::bigint, artifact_id FROM unnest($2::bytea[]) AS artifact_id
 WHERE EXISTS (SELECT FROM feature WHERE organization_id = $1)
"""

# A bill may still price a pull request that the ledger has dropped meanwhile.
_FIND_DAYS = """
WITH taken AS (
    DELETE FROM stale_spend
     WHERE organization_id = $1 AND note_id IN (
           SELECT note_id FROM stale_spend WHERE organization_id = $1 AND artifact_id IS NOT NULL LIMIT $2)
    RETURNING artifact_id
), noted AS (
    INSERT INTO stale_spend (organization_id, team_id, day)
    SELECT $1::bigint, spent.team_id, spent.day FROM taken
      JOIN attribution_rollup AS spent ON spent.organization_id = $1 AND spent.artifact_id = taken.artifact_id
     UNION
    SELECT $1::bigint, priced.team_id, priced.day FROM taken
      JOIN ledger_cost AS priced ON priced.organization_id = $1 AND priced.artifact_id = taken.artifact_id
)
SELECT artifact_id FROM taken
"""

# The newest days first, and those of all teams together, because they share sums.
_TAKE = """
DELETE FROM stale_spend
 WHERE organization_id = $1
   AND (day, team_id) IN (SELECT DISTINCT day, team_id FROM stale_spend
                           WHERE organization_id = $1 AND day IS NOT NULL ORDER BY day DESC, team_id DESC LIMIT $2)
RETURNING team_id, day
"""


class TeamDay(NamedTuple):
    """One team and one UTC day."""

    team_id: int
    day: date


async def lock_spend(tenant: Tenant) -> None:
    """Lock out other roll-ups of the organization's spend until the transaction ends."""
    await tenant.execute(_LOCK)


async def note_days(tenant: Tenant, team_id: int, days: Collection[date]) -> None:
    """Note days of a team whose ledger changed."""
    await tenant.execute(_NOTE_DAYS, team_id, sorted(days))


async def note_day_of_teams(tenant: Tenant, day: date) -> None:
    """Note a day of all teams, whose cost changed."""
    await tenant.execute(_NOTE_DAY_OF_TEAMS, day)


async def note_pull_requests(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Note pull requests whose state, team, release or revert changed."""
    if artifact_ids:
        await tenant.execute(_NOTE_ARTIFACTS, sorted(artifact_ids))


async def note_releases(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Note releases that are new, changed, or ship other pull requests."""
    if artifact_ids:
        await tenant.execute(_NOTE_ARTIFACTS, sorted(artifact_ids))


async def note_repository(tenant: Tenant, repository_id: bytes, since: datetime) -> None:
    """Note the pull requests of a repository that another team owns since an instant."""
    await tenant.execute(_NOTE_OF_REPOSITORY, repository_id, since)


async def note_owner(tenant: Tenant, owner: bytes) -> None:
    """Note the pull requests of a code owner that belongs to another team."""
    await tenant.execute(_NOTE_OF_OWNER, owner, datetime.min.replace(tzinfo=UTC))


async def note_authors(tenant: Tenant, team_id: int, since: datetime) -> None:
    """Note the pull requests whose authors leave a team."""
    await tenant.execute(_NOTE_OF_AUTHORS, team_id, since)


async def note_labelled(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Note pull requests whose labels were reported; without features, labels decide nothing."""
    await tenant.execute(_NOTE_LABELLED, sorted(artifact_ids))


async def find_days(tenant: Tenant) -> set[bytes]:
    """Replace some notes of pull requests by notes of their team-days; return their artifact ids, and releases'."""
    return {row["artifact_id"] for row in await tenant.fetch(_FIND_DAYS, ARTIFACTS)}


async def take_days(tenant: Tenant, limit: int = TEAM_DAYS) -> list[TeamDay]:
    """Delete the notes of some team-days, and return these."""
    return sorted({TeamDay(**row) for row in await tenant.fetch(_TAKE, limit)})
