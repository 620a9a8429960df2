"""Keeping what each release ships up to date: facts loaded, `ship` asked, and only what differs written.

What a release ships is a function of all that is stored of its repository, so it is computed anew, in whatever order
the facts came. `release_pull_request` and `release_fix` are written here alone, under a lock.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import asyncpg

from schema.branch_flow import Passage
from schema.database import Connection, rows_as_columns
from schema.identifiers import Hasher
from schema.life_cycle import ReleaseRow, ReleaseState
from schema.shipping import Merge, Shipped, Shipping, ship
from schema.tag_names import read_tag

# A release and a pull request told at the same time must not miss each other; the lock lasts until commit.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('releases', $1::bigint))"

# A tag and the push that brings its commit may be told in the same moment.
SLACK = timedelta(minutes=1)

_REACHED = """
SELECT DISTINCT family FROM release
 WHERE organization_id = $1 AND repository_id = $2 AND greatest(released_at, tagged_at) >= $3
"""

# The commit of a release is where it was cut: a pull request's merge, or else what was first pushed to a branch.
_RELEASES = """
SELECT release.artifact_id, release.family, release.released_at, release.tagged_at, release.version AS numbers,
       release.is_prerelease OR release.state = 'prerelease' AS is_prerelease, release.target_branch AS target,
       coalesce(merge.base_branch, push.branch) AS branch, coalesce(merge.merged_at, push.pushed_at) AS reached_at,
       release.is_told
  FROM release
  LEFT JOIN LATERAL (
       SELECT pull_request.base_branch, pull_request.merged_at
         FROM artifact_alias AS alias
         JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = alias.artifact_id
        WHERE alias.organization_id = $1 AND alias.kind = 'commit' AND alias.alias = release.commit
          AND pull_request.repository_id = $2 AND pull_request.state = 'merged'
          AND pull_request.base_branch IS NOT NULL
          AND pull_request.merged_at <= coalesce(release.tagged_at, release.released_at) + $3::interval
        ORDER BY pull_request.merged_at, pull_request.artifact_id LIMIT 1) AS merge ON true
  LEFT JOIN LATERAL (
       SELECT pushed.branch, pushed.pushed_at
         FROM branch_commit AS pushed
        WHERE pushed.organization_id = $1 AND pushed.commit = release.commit AND pushed.repository_id = $2
          AND pushed.pushed_at <= coalesce(release.tagged_at, release.released_at) + $3::interval
        ORDER BY pushed.pushed_at, pushed.branch LIMIT 1) AS push ON merge.merged_at IS NULL
 WHERE release.organization_id = $1 AND release.repository_id = $2
   AND release.state IN ('published', 'prerelease', 'tag')
   AND (release.family IS NULL OR release.family = ANY($4::bytea[]))
"""

# A forge lists what its commits show. What was squashed on its way from one branch to the next shows none of the pull
# requests that it carries: those merged into its branch since that last went the same way.
_TOLD = """
WITH RECURSIVE told AS (
    SELECT listed.release_id, listed.pull_request_id, release.told_by
      FROM release_told AS listed
      JOIN release ON release.organization_id = $1 AND release.artifact_id = listed.release_id
     WHERE listed.organization_id = $1 AND release.repository_id = $2
       AND (release.family IS NULL OR release.family = ANY($3::bytea[]))
     UNION
    SELECT told.release_id, carried.artifact_id, told.told_by
      FROM told
      JOIN pull_request AS carrier ON carrier.organization_id = $1 AND carrier.artifact_id = told.pull_request_id
      JOIN pull_request AS carried
        ON carried.organization_id = $1 AND carried.repository_id = carrier.head_repository_id
       AND carried.base_branch = carrier.head_branch AND carried.state = 'merged'
       AND carried.merged_at <= carrier.merged_at
     WHERE told.told_by = 'forge' AND carrier.state = 'merged'
       AND NOT EXISTS (
           SELECT FROM pull_request AS sooner
            WHERE sooner.organization_id = $1 AND sooner.head_repository_id = carrier.head_repository_id
              AND sooner.head_branch = carrier.head_branch AND sooner.base_branch = carrier.base_branch
              AND sooner.state = 'merged'
              AND sooner.merged_at >= carried.merged_at AND sooner.merged_at < carrier.merged_at)
)
SELECT release_id, pull_request_id FROM told
"""

_MERGES = """
SELECT artifact_id, base_branch, merged_at FROM pull_request
 WHERE organization_id = $1 AND repository_id = $2 AND state = 'merged'
"""

# Pull requests from a branch that others were merged into: what was merged there goes on with them.
_PASSAGES = """
SELECT head_branch, base_branch, opened_at,
       CASE WHEN state <> 'open' THEN coalesce(merged_at, closed_at) END AS ended_at,
       CASE WHEN state = 'merged' THEN merged_at END AS merged_at
  FROM pull_request
 WHERE organization_id = $1 AND repository_id = $2 AND head_repository_id = $2
   AND head_branch IN (SELECT base_branch FROM pull_request
                        WHERE organization_id = $1 AND repository_id = $2 AND state = 'merged')
"""

_BEGINS = """
SELECT branch, min(seen_at) AS begins
  FROM (SELECT base_branch AS branch, opened_at AS seen_at FROM pull_request
         WHERE organization_id = $1 AND repository_id = $2 AND base_branch = ANY($3::bytea[])
         UNION ALL
        SELECT branch, pushed_at FROM branch_commit
         WHERE organization_id = $1 AND repository_id = $2 AND branch = ANY($3::bytea[])) AS seen
 GROUP BY branch
"""

_LINKS = """
SELECT link.release_id, link.pull_request_id
  FROM release_pull_request AS link
  JOIN release ON release.organization_id = $1 AND release.artifact_id = link.release_id
 WHERE link.organization_id = $1 AND release.repository_id = $2
   AND (release.family IS NULL OR release.family = ANY($3::bytea[]))
"""
_UNLINK = """
DELETE FROM release_pull_request AS link
 USING unnest($2::bytea[], $3::bytea[]) AS gone (release_id, pull_request_id)
 WHERE link.organization_id = $1 AND link.release_id = gone.release_id AND link.pull_request_id = gone.pull_request_id
"""
_LINK = """
INSERT INTO release_pull_request (organization_id, release_id, pull_request_id)
SELECT $1::bigint, new.* FROM unnest($2::bytea[], $3::bytea[]) AS new
"""

_FIXES = """
SELECT fix.release_id, fix.fix_id
  FROM release_fix AS fix
  JOIN release ON release.organization_id = $1 AND release.artifact_id = fix.release_id
 WHERE fix.organization_id = $1 AND release.repository_id = $2
   AND (release.family IS NULL OR release.family = ANY($3::bytea[]))
"""
_DROP_FIXES = "DELETE FROM release_fix WHERE organization_id = $1 AND release_id = ANY($2::bytea[])"
_ADD_FIXES = """
INSERT INTO release_fix (organization_id, release_id, fix_id)
SELECT $1::bigint, new.* FROM unnest($2::bytea[], $3::bytea[]) AS new
"""

_LINKED = """
SELECT pull_request_id FROM release_pull_request WHERE organization_id = $1 AND release_id = ANY($2::bytea[])
"""

_FORGET_TOLD = "DELETE FROM release_told WHERE organization_id = $1 AND release_id = ANY($2::bytea[])"
_TELL = """
INSERT INTO release_told (organization_id, release_id, pull_request_id)
SELECT $1::bigint, told.* FROM unnest($2::bytea[], $3::bytea[]) AS told
"""
_MARK_TOLD = """
UPDATE release SET is_told = true, told_by = $3 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
"""
# What an import listed stands, also when a forge is asked afterwards.
_NOT_IMPORTED = """
SELECT artifact_id FROM release
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND (NOT is_told OR told_by = 'forge')
"""
_TELL_NO_MORE = """
UPDATE release SET is_told = false, told_by = NULL
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND told_by = 'forge'
RETURNING artifact_id
"""


def release_from_record(row: asyncpg.Record) -> ReleaseRow:
    """A row of the columns of ReleaseRow as one."""
    version = None if row["version"] is None else tuple(row["version"])
    return ReleaseRow(**{**row, "state": ReleaseState(row["state"]), "version": version})


class Teller(StrEnum):
    """Who lists what a release ships; an import, which somebody wanted so, outweighs the forge."""

    IMPORT = "import"
    FORGE = "forge"


class Shipment(NamedTuple):
    """A pull request that a release is told to ship."""

    release_id: bytes
    pull_request_id: bytes


class TagFields(NamedTuple):
    """What is kept of a tag's name: nothing of it can be read back but the numbers of its version."""

    family: bytes
    version: tuple[int, ...]
    is_prerelease: bool


def tag_fields(hasher: Hasher, tag: str) -> TagFields:
    """The hash of the family that a tag belongs to, and its version; tags without one are a family of their own."""
    name = read_tag(tag)
    if name.version is None:
        return TagFields(hasher.reference("tag_family", "names"), (), is_prerelease=False)
    family = hasher.reference("tag_family", f"versions of {name.family}")
    return TagFields(family, name.version.numbers, name.version.is_prerelease)


async def lock_releases(connection: Connection, organization_id: int) -> None:
    """Let no other transaction of the organization derive what releases ship until this one ends."""
    await connection.execute(_LOCK, organization_id)


async def tell_shipments(
    connection: Connection,
    organization_id: int,
    release_ids: Collection[bytes],
    shipments: Collection[Shipment],
    *,
    by: Teller = Teller.IMPORT,
) -> None:
    """Let these releases ship what is told and nothing else, whatever else becomes known; the last word counts.

    An import outweighs a forge. The pull requests need not be known yet. Call `ship_again` after it.
    """
    await lock_releases(connection, organization_id)
    told = list(release_ids)
    if by is Teller.FORGE:
        told = [row["artifact_id"] for row in await connection.fetch(_NOT_IMPORTED, organization_id, told)]
    await connection.execute(_FORGET_TOLD, organization_id, told)
    await connection.execute(_MARK_TOLD, organization_id, told, by)
    if rows := [tuple(each) for each in sorted(set(shipments)) if each.release_id in set(told)]:
        await connection.execute(_TELL, organization_id, *rows_as_columns(rows))


async def forget_shipments(connection: Connection, organization_id: int, release_ids: Collection[bytes]) -> None:
    """Take back what a forge told of releases that are others than they were then."""
    await lock_releases(connection, organization_id)
    rows = await connection.fetch(_TELL_NO_MORE, organization_id, list(release_ids))
    await connection.execute(_FORGET_TOLD, organization_id, [row["artifact_id"] for row in rows])


async def ship_again(
    connection: Connection,
    organization_id: int,
    repository_id: bytes,
    *,
    since: datetime | None = None,
    families: Collection[bytes] = (),
) -> set[bytes]:
    """Compute anew what a repository's releases ship: these families, and those that reach back to `since`.

    `since` is the earliest instant of what changed beside the releases themselves. Call it after the rows are stored.
    Returns the pull requests that are shipped by another release than before, or by one that has been fixed, or is so
    no longer.
    """
    await lock_releases(connection, organization_id)
    asked = set(families)
    if since is not None:
        reached = await connection.fetch(_REACHED, organization_id, repository_id, since - SLACK)
        asked |= {row["family"] for row in reached if row["family"] is not None}
    if not asked:
        return set()
    scope = _Scope(connection, organization_id, repository_id, sorted(asked))
    return await _save(scope, await _compute(scope))


class _Scope(NamedTuple):
    """The families of releases of a repository that are computed anew; those of no family belong to each."""

    connection: Connection
    organization_id: int
    repository_id: bytes
    families: list[bytes]

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.connection.fetch(
            query, self.organization_id, self.repository_id, *arguments
        )
        return rows


async def _compute(scope: _Scope) -> Shipped:
    told: dict[bytes, set[bytes]] = {}
    for row in await scope.fetch(_TOLD, scope.families):
        told.setdefault(row["release_id"], set()).add(row["pull_request_id"])
    releases = [_release(row, told) for row in await scope.fetch(_RELEASES, SLACK, scope.families)]
    if not releases:
        return Shipped()
    merges = [Merge(*row) for row in await scope.fetch(_MERGES)]
    passages = [Passage(*row) for row in await scope.fetch(_PASSAGES)]
    branches = sorted({each for release in releases for each in (release.branch, release.target) if each is not None})
    begins = {row["branch"]: row["begins"] for row in await scope.fetch(_BEGINS, branches)}
    return ship(releases, merges, passages, begins)


def _release(row: asyncpg.Record, told: dict[bytes, set[bytes]]) -> Shipping:
    columns = {name: value for name, value in row.items() if name != "is_told"}
    listed = frozenset(told.get(row["artifact_id"], ())) if row["is_told"] else None
    return Shipping(**{**columns, "numbers": tuple(row["numbers"] or ())}, told=listed)


async def _save(scope: _Scope, shipped: Shipped) -> set[bytes]:
    """Write what differs; the pull requests that it is about."""
    connection, organization_id = scope.connection, scope.organization_id
    wanted = {(release_id, each) for release_id, found in shipped.pull_requests.items() for each in found}
    links = {tuple(row) for row in await scope.fetch(_LINKS, scope.families)}
    if gone := sorted(links - wanted):
        await connection.execute(_UNLINK, organization_id, *rows_as_columns(gone))
    if new := sorted(wanted - links):
        await connection.execute(_LINK, organization_id, *rows_as_columns(new))
    fixed = await _save_fixes(scope, set(shipped.fixes.items()))
    linked = await connection.fetch(_LINKED, organization_id, sorted(fixed))
    return {pull_request_id for _, pull_request_id in wanted ^ links} | {row["pull_request_id"] for row in linked}


async def _save_fixes(scope: _Scope, wanted: set[tuple[bytes, bytes]]) -> set[bytes]:
    """Write what differs; the releases whose fix is another than before."""
    known = {tuple(row) for row in await scope.fetch(_FIXES, scope.families)}
    if gone := sorted(release_id for release_id, _ in known - wanted):
        await scope.connection.execute(_DROP_FIXES, scope.organization_id, gone)
    if new := sorted(wanted - known):
        await scope.connection.execute(_ADD_FIXES, scope.organization_id, *rows_as_columns(new))
    return {release_id for release_id, _ in wanted ^ known}
