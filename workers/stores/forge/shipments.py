"""Keeps what each release ships current: loads facts, calls `ship`, and writes the difference.

What a release ships is a function of everything stored about its repository, so it is recomputed, in whatever order
facts arrive. Only this module writes `release_pull_request` and `release_fix`, under a lock. All changed repositories
are queried at once, because most of the cost is per query.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from workers.outcomes.branch_flow import Passage
from workers.outcomes.shipping import Merge, Shipped, Shipping, ship
from workers.stores.row_parts import part_of
from workers.stores.spend.stale import note_releases

# A tag and the push of its commit may be reported at the same moment.
SLACK = timedelta(minutes=1)

_REACHED = """
SELECT changed.repository_id, reached.family
  FROM unnest($2::bytea[], $3::timestamptz[]) AS changed (repository_id, since)
 CROSS JOIN LATERAL (
       SELECT family FROM release
        WHERE organization_id = $1 AND repository_id = changed.repository_id AND released_at >= changed.since
        UNION
       SELECT family FROM release
        WHERE organization_id = $1 AND repository_id = changed.repository_id AND tagged_at >= changed.since
       ) AS reached
 WHERE family IS NOT NULL
"""

# $2 are the repositories, $3 and $4 the families of each to recompute. Releases without family belong to each.
_ASKED = """
release.organization_id = $1 AND release.repository_id = ANY($2::bytea[])
   AND (release.family IS NULL
        OR (release.repository_id, release.family) IN (SELECT * FROM unnest($3::bytea[], $4::bytea[])))
"""

# A release was cut at its commit: a pull request's merge, or else the first push of the commit to a branch.
_RELEASES = f"""
SELECT release.repository_id, release.artifact_id, release.family, release.released_at, release.tagged_at,
       release.commit, release.version AS numbers,
       release.is_prerelease OR release.state = 'prerelease' AS is_prerelease,
       release.target_branch AS target, coalesce(merge.base_branch, push.branch) AS branch,
       coalesce(merge.merged_at, push.pushed_at) AS reached_at, release.is_reported
  FROM release
  LEFT JOIN LATERAL (
       SELECT pull_request.base_branch, pull_request.merged_at
         FROM artifact_alias AS alias
         JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = alias.artifact_id
        WHERE alias.organization_id = $1 AND alias.kind = 'commit' AND alias.alias = release.commit
          AND pull_request.repository_id = release.repository_id AND pull_request.state = 'merged'
          AND pull_request.base_branch IS NOT NULL
          AND pull_request.merged_at <= coalesce(release.tagged_at, release.released_at) + $5::interval
        ORDER BY pull_request.merged_at, pull_request.artifact_id LIMIT 1) AS merge ON true
  LEFT JOIN LATERAL (
       SELECT pushed.branch, pushed.pushed_at
         FROM branch_commit AS pushed
        WHERE pushed.organization_id = $1 AND pushed.commit = release.commit
          AND pushed.repository_id = release.repository_id
          AND pushed.pushed_at <= coalesce(release.tagged_at, release.released_at) + $5::interval
        ORDER BY pushed.pushed_at, pushed.branch LIMIT 1) AS push ON merge.merged_at IS NULL
 WHERE {_ASKED} AND release.state IN ('published', 'prerelease', 'tag')
"""  # noqa: S608 - composed of constants

# A forge lists what its commits show. A squash merge from one branch to the next shows none of the pull requests it
# carries: those merged into its branch since the last such merge.
_REPORTED = f"""
WITH RECURSIVE reported AS (
    SELECT listed.release_id, listed.pull_request_id, release.reported_by
      FROM reported_shipment AS listed
      JOIN release ON release.artifact_id = listed.release_id
     WHERE listed.organization_id = $1 AND {_ASKED}
     UNION
    SELECT reported.release_id, carried.artifact_id, reported.reported_by
      FROM reported
      JOIN pull_request AS carrier ON carrier.organization_id = $1 AND carrier.artifact_id = reported.pull_request_id
      JOIN pull_request AS carried
        ON carried.organization_id = $1 AND carried.repository_id = carrier.head_repository_id
       AND carried.base_branch = carrier.head_branch AND carried.state = 'merged'
       AND carried.merged_at <= carrier.merged_at
     WHERE reported.reported_by = 'forge' AND carrier.state = 'merged'
       AND NOT EXISTS (
           SELECT FROM pull_request AS sooner
            WHERE sooner.organization_id = $1 AND sooner.head_repository_id = carrier.head_repository_id
              AND sooner.head_branch = carrier.head_branch AND sooner.base_branch = carrier.base_branch
              AND sooner.state = 'merged'
              AND sooner.merged_at >= carried.merged_at AND sooner.merged_at < carrier.merged_at)
)
SELECT release_id, pull_request_id FROM reported
"""  # noqa: S608 - composed of constants

_passage = itemgetter(*Passage._fields)

_MERGE_COLUMNS = ("repository_id", "artifact_id", "base_branch", "merged_at")
# The fields of `Merge`: every pull request of a repository is read.
_MERGE = part_of(_MERGE_COLUMNS, ("artifact_id", "base_branch", "merged_at"))
_MERGES = f"""
SELECT {", ".join(_MERGE_COLUMNS)} FROM pull_request
 WHERE organization_id = $1 AND repository_id = ANY($2::bytea[]) AND state = 'merged'
"""  # noqa: S608 - fixed names

# Pull requests from a branch that others were merged into carry that work on.
_PASSAGES = """
WITH base AS MATERIALIZED (
    SELECT DISTINCT repository_id, base_branch AS branch FROM pull_request
     WHERE organization_id = $1 AND repository_id = ANY($2::bytea[]) AND state = 'merged'
)
SELECT pull_request.repository_id, head_branch AS head, base_branch AS base, opened_at,
       CASE WHEN state <> 'open' THEN coalesce(merged_at, closed_at) END AS ended_at,
       CASE WHEN state = 'merged' THEN merged_at END AS merged_at
  FROM base
  JOIN pull_request ON pull_request.organization_id = $1 AND head_branch = base.branch
   AND head_repository_id = base.repository_id AND pull_request.repository_id = base.repository_id
"""

_BEGINS = """
SELECT repository_id, branch, min(seen_at) AS begins
  FROM (SELECT reported.*, opened_at AS seen_at
          FROM unnest($2::bytea[], $3::bytea[]) AS reported (repository_id, branch)
          JOIN pull_request ON pull_request.organization_id = $1
           AND pull_request.repository_id = reported.repository_id AND pull_request.base_branch = reported.branch
         UNION ALL
        SELECT reported.*, pushed_at
          FROM unnest($2::bytea[], $3::bytea[]) AS reported (repository_id, branch)
          JOIN branch_commit ON branch_commit.organization_id = $1
           AND branch_commit.repository_id = reported.repository_id AND branch_commit.branch = reported.branch) AS seen
 GROUP BY repository_id, branch
"""

_LINKS = f"""
SELECT link.release_id, array_agg(link.pull_request_id) AS pull_requests
  FROM release_pull_request AS link
  JOIN release ON release.artifact_id = link.release_id
 WHERE link.organization_id = $1 AND {_ASKED}
 GROUP BY link.release_id
"""  # noqa: S608 - composed of constants
_UNLINK = """
DELETE FROM release_pull_request AS link
 USING unnest($2::bytea[], $3::bytea[]) AS gone (release_id, pull_request_id)
 WHERE link.organization_id = $1 AND link.release_id = gone.release_id AND link.pull_request_id = gone.pull_request_id
"""
_LINK = """
INSERT INTO release_pull_request (organization_id, release_id, pull_request_id)
SELECT $1::bigint, new.* FROM unnest($2::bytea[], $3::bytea[]) AS new
"""

_FIXES = f"""
SELECT fix.release_id, fix.fix_id
  FROM release_fix AS fix
  JOIN release ON release.artifact_id = fix.release_id
 WHERE fix.organization_id = $1 AND {_ASKED}
"""  # noqa: S608 - composed of constants
_DROP_FIXES = "DELETE FROM release_fix WHERE organization_id = $1 AND release_id = ANY($2::bytea[])"
_ADD_FIXES = """
INSERT INTO release_fix (organization_id, release_id, fix_id)
SELECT $1::bigint, new.* FROM unnest($2::bytea[], $3::bytea[]) AS new
"""

_LINKED = """
SELECT pull_request_id FROM release_pull_request WHERE organization_id = $1 AND release_id = ANY($2::bytea[])
"""


async def derive_shipments(
    tenant: Tenant, since: Mapping[bytes, datetime], families: Mapping[bytes, Collection[bytes]]
) -> set[bytes]:
    """Recompute what releases ship: the given families, and those that reach back to `since`.

    `since` is the earliest instant of what else changed in a repository. Call this after the rows are stored, under
    `lock_releases`. Returns the pull requests whose shipping release, or its fix, changed.
    """
    asked = {(repository_id, family) for repository_id, reported in families.items() for family in reported}
    if since:
        changed: list[tuple[object, ...]] = [(repository_id, at - SLACK) for repository_id, at in sorted(since.items())]
        rows = await tenant.fetch(_REACHED, *rows_as_columns(changed))
        asked |= {(row["repository_id"], row["family"]) for row in rows}
    if not asked:
        return set()
    scope = _Scope(tenant, sorted({repository_id for repository_id, _ in asked}), sorted(asked))
    return await _save(scope, await _compute(scope))


class _Scope(NamedTuple):
    """The repositories and release families to recompute."""

    tenant: Tenant
    repositories: list[bytes]
    families: list[tuple[bytes, bytes]]

    async def of_repositories(self, query: str) -> dict[bytes, list[Record]]:
        """Return rows by repository."""
        return _grouped(await self.tenant.fetch(query, self.repositories))

    async def of_families(self, query: str, *arguments: object) -> list[Record]:
        families = rows_as_columns(list(self.families))
        rows: list[Record] = await self.tenant.fetch(query, self.repositories, *families, *arguments)
        return rows


def _grouped(rows: Iterable[Record]) -> dict[bytes, list[Record]]:
    grouped = defaultdict[bytes, list[Record]](list)
    for row in rows:
        grouped[row["repository_id"]].append(row)
    return dict(grouped)


async def _compute(scope: _Scope) -> Shipped:
    reported = defaultdict[bytes, set[bytes]](set)
    for row in await scope.of_families(_REPORTED):
        reported[row["release_id"]].add(row["pull_request_id"])
    rows = _grouped(await scope.of_families(_RELEASES, SLACK))
    releases = {repository_id: [_release(row, reported) for row in own] for repository_id, own in rows.items()}
    if not releases:
        return Shipped()
    merges = await scope.of_repositories(_MERGES)
    passages = await scope.of_repositories(_PASSAGES)
    begins = await _begins(scope, releases)
    pull_requests: dict[bytes, frozenset[bytes]] = {}
    fixes: dict[bytes, bytes] = {}
    for repository_id, own in releases.items():
        found = ship(
            own,
            [Merge._make(row[_MERGE]) for row in merges.get(repository_id, ())],
            [Passage._make(_passage(row)) for row in passages.get(repository_id, ())],
            begins.get(repository_id),
        )
        pull_requests.update(found.pull_requests)
        fixes.update(found.fixes)
    return Shipped(pull_requests, fixes)


async def _begins(scope: _Scope, releases: Mapping[bytes, list[Shipping]]) -> dict[bytes, dict[bytes, datetime]]:
    """Return when the branches of releases were first seen, by repository."""
    branches = {
        (repository_id, branch)
        for repository_id, own in releases.items()
        for release in own
        for branch in (release.branch, release.target)
        if branch is not None
    }
    if not branches:
        return {}
    columns = rows_as_columns(sorted(branches))
    rows = _grouped(await scope.tenant.fetch(_BEGINS, *columns))
    return {repository_id: {row["branch"]: row["begins"] for row in own} for repository_id, own in rows.items()}


def _release(row: Record, reported: Mapping[bytes, set[bytes]]) -> Shipping:
    columns = {name: value for name, value in row.items() if name not in {"repository_id", "is_reported"}}
    listed = frozenset(reported.get(row["artifact_id"], ())) if row["is_reported"] else None
    is_channel = row["family"] is not None and row["numbers"] is None
    return Shipping(**{**columns, "numbers": tuple(row["numbers"] or ())}, is_channel=is_channel, reported=listed)


async def _save(scope: _Scope, shipped: Shipped) -> set[bytes]:
    """Write the difference; return the pull requests it concerns."""
    tenant = scope.tenant
    wanted = shipped.pull_requests
    links = {row["release_id"]: frozenset(row["pull_requests"]) for row in await scope.of_families(_LINKS)}
    if gone := _pairs_missing(links, wanted):
        await tenant.execute(_UNLINK, *rows_as_columns(gone))
    if new := _pairs_missing(wanted, links):
        await tenant.execute(_LINK, *rows_as_columns(new))
    await note_releases(tenant, {release_id for release_id, _ in (*gone, *new)})
    fixed = await _save_fixes(scope, set(shipped.fixes.items()))
    linked = await tenant.fetch(_LINKED, sorted(fixed)) if fixed else []
    return {pull_request_id for _, pull_request_id in (*gone, *new)} | {row["pull_request_id"] for row in linked}


def _pairs_missing(
    here: Mapping[bytes, frozenset[bytes]], there: Mapping[bytes, frozenset[bytes]]
) -> list[tuple[bytes, bytes]]:
    """Return each release and pull request that are linked `here` but not `there`, in order."""
    return sorted(
        (release_id, pull_request_id)
        for release_id, linked in here.items()
        if linked != (others := there.get(release_id, frozenset()))
        for pull_request_id in linked - others
    )


async def _save_fixes(scope: _Scope, wanted: set[tuple[bytes, bytes]]) -> set[bytes]:
    """Write the difference; return the releases whose fix changed."""
    known = {tuple(row) for row in await scope.of_families(_FIXES)}
    if gone := sorted(release_id for release_id, _ in known - wanted):
        await scope.tenant.execute(_DROP_FIXES, gone)
    if new := sorted(wanted - known):
        await scope.tenant.execute(_ADD_FIXES, *rows_as_columns(new))
    return {release_id for release_id, _ in wanted ^ known}
