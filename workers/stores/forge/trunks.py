"""Trunks, such as `main`: where work begins before it has a branch, and what pull requests merge into.

A trunk is a repository's default branch, or a branch that pull requests merge into and that is not itself the branch of
a pull request, as in a stack. A branch may turn out to be a trunk late; then what was linked and settled before is
linked and settled again.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from workers.stores.ledger.invalidate_days import invalidate_refits, lock_folding, lock_settlements

_TRUNKS = """
SELECT repository.artifact_id AS repository_id, reported.branch
  FROM repository, unnest($3::bytea[]) AS reported (branch)
 WHERE repository.organization_id = $1 AND repository.artifact_id = ANY($2::bytea[])
   AND (repository.default_branch = reported.branch
        OR EXISTS (SELECT FROM pull_request
                    WHERE pull_request.organization_id = $1 AND pull_request.base_branch = reported.branch
                      AND pull_request.repository_id = repository.artifact_id)
       AND NOT EXISTS (SELECT FROM pull_request
                        WHERE pull_request.organization_id = $1 AND pull_request.head_branch = reported.branch
                          AND pull_request.head_repository_id = repository.artifact_id))
"""

_NAMES = """
SELECT artifact_id, alias FROM artifact_alias
 WHERE organization_id = $1 AND kind = 'repository' AND alias = ANY($2::bytea[])
"""

_DEFAULTS = "SELECT default_branch FROM repository WHERE organization_id = $1 AND default_branch = ANY($2::bytea[])"

_TOUCHED = """
WITH touched AS (
    SELECT reported.branch, artifact_alias.alias AS repository
      FROM unnest($2::bytea[], $3::bytea[]) AS reported (repository_id, branch)
      JOIN artifact_alias ON artifact_alias.organization_id = $1 AND artifact_alias.kind = 'repository'
       AND artifact_alias.artifact_id = reported.repository_id
)
"""

_MARK_SESSIONS = f"""
{_TOUCHED}
UPDATE session_evidence SET state = 'waiting'
  FROM touched
 WHERE session_evidence.organization_id = $1 AND session_evidence.branch = touched.branch
   AND coalesce(session_evidence.repository, touched.repository) = touched.repository
"""  # noqa: S608 - composed of constants

# Sessions whose events named the branch.
_MARK_TRAILS = f"""
{_TOUCHED}
UPDATE session_trail SET state = 'waiting'
  FROM touched
 WHERE session_trail.organization_id = $1
   AND session_trail.places && ARRAY[touched.branch, touched.branch || touched.repository]
"""  # noqa: S608 - composed of constants

# The days are computed first: row-level security keeps an expression from being searched by key.
_MARK_DAYS = f"""
{_TOUCHED}, team_day AS MATERIALIZED (
    SELECT DISTINCT team_id, (hour AT TIME ZONE 'UTC')::date AS day
      FROM token_window JOIN touched ON touched.branch = token_window.branch
       AND touched.repository = token_window.repository
     WHERE token_window.organization_id = $1
)
UPDATE settlement SET state = 'waiting', refit = false, attempts = 0, next_attempt_at = now(), failure = NULL
  FROM team_day
 WHERE settlement.organization_id = $1 AND settlement.team_id = team_day.team_id AND settlement.day = team_day.day
RETURNING settlement.team_id, settlement.day
"""  # noqa: S608 - composed of constants


class Trunk(NamedTuple):
    """A branch of a repository, both as hashes."""

    repository_id: bytes
    branch: bytes


async def find_trunks(
    tenant: Tenant, repositories: Collection[bytes], branches: Collection[bytes]
) -> dict[bytes, frozenset[bytes]]:
    """Return which of the branches are trunks, by repository artifact."""
    found = defaultdict[bytes, set[bytes]](set)
    if repositories and branches:
        rows = await tenant.fetch(_TRUNKS, sorted(repositories), sorted(branches))
        for row in rows:
            found[row["repository_id"]].add(row["branch"])
    return {repository: frozenset(trunks) for repository, trunks in found.items()}


async def find_trunks_by_name(
    tenant: Tenant, names: Collection[bytes], branches: Collection[bytes]
) -> dict[bytes | None, frozenset[bytes]]:
    """Return which of the branches are trunks, by hashed repository name; under None, any default branch."""
    if not branches:
        return {}
    rows = await tenant.fetch(_DEFAULTS, sorted(branches))
    found: dict[bytes | None, frozenset[bytes]] = {None: frozenset(row["default_branch"] for row in rows)}
    meant = await tenant.fetch(_NAMES, sorted(names))
    trunks = await find_trunks(tenant, {row["artifact_id"] for row in meant}, branches)
    found.update((row["alias"], trunks.get(row["artifact_id"], frozenset())) for row in meant)
    return found


async def relink_trunks(tenant: Tenant, changed: Collection[Trunk]) -> None:
    """Mark the sessions seen on these branches, which became or ceased to be trunks, for linking again."""
    if changed:
        await lock_folding(tenant)
        columns = rows_as_columns([tuple(trunk) for trunk in sorted(changed)])
        await tenant.execute(_MARK_SESSIONS, *columns)
        await tenant.execute(_MARK_TRAILS, *columns)


async def invalidate_by_trunks(tenant: Tenant, changed: Collection[Trunk]) -> bool:
    """Mark team-days with windows on these branches as stale; call after `relink_trunks`.

    Returns True when there is something to settle.
    """
    if not changed:
        return False
    await lock_settlements(tenant)
    columns = rows_as_columns([tuple(trunk) for trunk in sorted(changed)])
    marked = await tenant.fetch(_MARK_DAYS, *columns)
    await invalidate_refits(tenant, [(row["team_id"], row["day"]) for row in marked])
    return bool(marked)
