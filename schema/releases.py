"""Which pull requests each release ships: those merged since the one before it, or those that it is told to ship."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from schema.database import Connection, rows_as_columns

# A release and a pull request told at the same time must not miss each other; the lock lasts until commit.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('releases', $1::bigint))"

# A change reaches the releases from its time on, up to the first full release after it, which is where its pull
# requests end at the latest.
_AFFECTED = """
SELECT artifact_id FROM release
 WHERE organization_id = $1 AND repository_id = $2 AND released_at >= $3
   AND released_at <= coalesce((SELECT min(released_at) FROM release AS full_release
                                 WHERE full_release.organization_id = $1 AND full_release.repository_id = $2
                                   AND full_release.state IN ('published', 'tag')
                                   AND full_release.released_at > $4), 'infinity')
"""

_UNLINK = "DELETE FROM release_pull_request WHERE organization_id = $1 AND release_id = ANY($2::bytea[])"

# A full release does not count prereleases before it: what they showed to some, it ships to all.
_LINK = """
INSERT INTO release_pull_request (organization_id, release_id, pull_request_id)
SELECT $1, release.artifact_id, pull_request.artifact_id
  FROM release
  JOIN pull_request
    ON pull_request.organization_id = $1 AND pull_request.repository_id = release.repository_id
   AND pull_request.state = 'merged' AND pull_request.merged_at <= release.released_at
   AND pull_request.merged_at > coalesce(
         (SELECT max(earlier.released_at) FROM release AS earlier
           WHERE earlier.organization_id = $1 AND earlier.repository_id = release.repository_id
             AND earlier.released_at < release.released_at
             AND (earlier.state IN ('published', 'tag')
                  OR earlier.state = 'prerelease' AND release.state = 'prerelease')), '-infinity')
 WHERE release.organization_id = $1 AND release.artifact_id = ANY($2::bytea[])
   AND release.state IN ('published', 'tag', 'prerelease')
    ON CONFLICT (organization_id, release_id, pull_request_id) DO NOTHING
"""

_TELL = """
INSERT INTO release_pull_request (organization_id, release_id, pull_request_id)
SELECT $1::bigint, told.* FROM unnest($2::bytea[], $3::bytea[]) AS told
    ON CONFLICT (organization_id, release_id, pull_request_id) DO NOTHING
"""

# Of several releases that name a pull request the earliest ships it; a draft or deleted one only for want of others.
_KEEP_FIRST = """
DELETE FROM release_pull_request
 USING (SELECT link.release_id, link.pull_request_id,
               row_number() OVER (
                   PARTITION BY link.pull_request_id
                   ORDER BY release.state IN ('draft', 'deleted'), release.released_at, release.artifact_id) AS place
          FROM release_pull_request AS link
          JOIN release ON release.organization_id = $1 AND release.artifact_id = link.release_id
         WHERE link.organization_id = $1 AND link.pull_request_id = ANY($2::bytea[])) AS ranked
 WHERE release_pull_request.organization_id = $1
   AND release_pull_request.release_id = ranked.release_id
   AND release_pull_request.pull_request_id = ranked.pull_request_id
   AND ranked.place > 1
"""


class Shipment(NamedTuple):
    """A pull request that a release is told to ship."""

    release_id: bytes
    pull_request_id: bytes


async def tell_shipments(
    connection: Connection, organization_id: int, release_ids: Collection[bytes], shipments: Collection[Shipment]
) -> None:
    """Let these releases ship just what is told, in place of what was computed.

    The pull requests need not be known yet; one that several releases name stays with the earliest of them.
    """
    await connection.execute(_LOCK, organization_id)
    await connection.execute(_UNLINK, organization_id, list(release_ids))
    if shipments:
        rows: list[tuple[bytes, ...]] = [tuple(shipment) for shipment in sorted(set(shipments))]
        await connection.execute(_TELL, organization_id, *rows_as_columns(rows))
        told = sorted({shipment.pull_request_id for shipment in shipments})
        await connection.execute(_KEEP_FIRST, organization_id, told)


async def link_pull_requests(
    connection: Connection, organization_id: int, repository_id: bytes, changed_at: Collection[datetime]
) -> None:
    """Compute anew what a repository's releases ship, as far as releases or merges at these instants reach.

    Call it after the rows are stored; for a moved release or merge, with both its former and its present time.
    """
    if not changed_at:
        return
    await connection.execute(_LOCK, organization_id)
    rows = await connection.fetch(_AFFECTED, organization_id, repository_id, min(changed_at), max(changed_at))
    affected = [row["artifact_id"] for row in rows]
    if affected:
        await connection.execute(_UNLINK, organization_id, affected)
        await connection.execute(_LINK, organization_id, affected)
