"""Stored releases, and the pull requests that an import or a forge lists for them."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns
from schema.identifiers import Hasher
from vocabulary.tag_names import read_tag
from workers.outcomes.life_cycle import ReleaseRow, ReleaseState

# A release and a pull request reported at the same time must not miss each other; the lock lasts until commit.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('releases', $1::bigint))"

_FORGET_REPORTED = "DELETE FROM reported_shipment WHERE organization_id = $1 AND release_id = ANY($2::bytea[])"
_TELL = """
INSERT INTO reported_shipment (organization_id, release_id, pull_request_id)
SELECT $1::bigint, reported.* FROM unnest($2::bytea[], $3::bytea[]) AS reported
"""
_KNOWN_LISTS = """
SELECT artifact_id AS release_id,
       ARRAY(SELECT listed.pull_request_id FROM reported_shipment AS listed
              WHERE listed.organization_id = $1 AND listed.release_id = release.artifact_id) AS held
  FROM release
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND is_reported AND reported_by = $3
"""
_MARK_REPORTED = """
UPDATE release SET is_reported = true, reported_by = $3 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
"""
# A list from an import stands, even if a forge is asked afterwards.
_NOT_IMPORTED = """
SELECT artifact_id FROM release
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND (NOT is_reported OR reported_by = 'forge')
"""
_TELL_NO_MORE = """
UPDATE release
   SET is_reported = false, reported_by = NULL,
       by_package_folder = CASE WHEN by_package_folder THEN false ELSE by_package_folder END
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND reported_by = 'forge'
RETURNING artifact_id
"""
_MARK_FOLDERS = """
UPDATE release SET by_package_folder = artifact_id = ANY($3::bytea[])
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND reported_by = 'forge'
   AND by_package_folder IS NOT NULL
"""


def release_from_record(row: asyncpg.Record) -> ReleaseRow:
    """Convert a record with the columns of ReleaseRow."""
    version = None if row["version"] is None else tuple(row["version"])
    return ReleaseRow(**{**row, "state": ReleaseState(row["state"]), "version": version})


class ListSource(StrEnum):
    """Who lists what a release ships; an import outweighs the forge."""

    IMPORT = "import"
    FORGE = "forge"


class Shipment(NamedTuple):
    """A pull request that a release is reported to ship."""

    release_id: bytes
    pull_request_id: bytes


class TagFields(NamedTuple):
    """The stored part of a tag's name, of which only the version numbers can be read back.

    `version` is empty for a name, and None for the name of a channel such as `latest`, which is an alias.
    """

    family: bytes
    version: tuple[int, ...] | None
    is_prerelease: bool
    by_package_folder: bool | None = None


def tag_fields(hasher: Hasher, tag: str) -> TagFields:
    """Return the hashed family and the version of a tag; names form one family, but each channel its own."""
    name = read_tag(tag)
    if name.is_moving:
        return TagFields(hasher.reference("tag_family", f"channel {tag}"), None, is_prerelease=False)
    if name.version is None:
        return TagFields(hasher.reference("tag_family", "names"), (), is_prerelease=False)
    family = hasher.reference("tag_family", f"versions of {name.family}")
    # Until the paths are known, a package's release ships everything.
    by_folder = False if name.family else None
    return TagFields(family, name.version.numbers, name.version.is_prerelease, by_folder)


async def lock_releases(tenant: Tenant) -> None:
    """Lock out other derivations of the organization's releases until the transaction ends."""
    await tenant.execute(_LOCK)


async def store_shipments(
    tenant: Tenant,
    release_ids: Collection[bytes],
    shipments: Collection[Shipment],
    *,
    by: ListSource = ListSource.IMPORT,
) -> set[bytes]:
    """Set exactly which pull requests these releases ship; the last report counts.

    An import outweighs a forge. The pull requests need not be known yet. Returns the releases whose list changed.
    """
    await lock_releases(tenant)
    reported = list(release_ids)
    if by is ListSource.FORGE:
        reported = [row["artifact_id"] for row in await tenant.fetch(_NOT_IMPORTED, reported)]
    wanted = {release_id: set[bytes]() for release_id in reported}
    for release_id, pull_request_id in shipments:
        if release_id in wanted:
            wanted[release_id].add(pull_request_id)
    known = {row["release_id"]: set(row["held"]) for row in await tenant.fetch(_KNOWN_LISTS, reported, by)}
    changed = {release_id for release_id, held in wanted.items() if known.get(release_id) != held}
    if not changed:
        return changed
    await tenant.execute(_FORGET_REPORTED, sorted(changed))
    await tenant.execute(_MARK_REPORTED, sorted(changed), by)
    if rows := [(release_id, each) for release_id in sorted(changed) for each in sorted(wanted[release_id])]:
        await tenant.execute(_TELL, *rows_as_columns(rows))
    return changed


async def mark_package_folders(tenant: Tenant, release_ids: Collection[bytes], by_folder: Collection[bytes]) -> None:
    """Record which of these releases of packages list only what changed the package's folder; the others list all."""
    await tenant.execute(_MARK_FOLDERS, list(release_ids), list(by_folder))


async def forget_shipments(tenant: Tenant, release_ids: Collection[bytes]) -> None:
    """Delete a forge's lists of releases that changed since."""
    await lock_releases(tenant)
    rows = await tenant.fetch(_TELL_NO_MORE, list(release_ids))
    await tenant.execute(_FORGET_REPORTED, [row["artifact_id"] for row in rows])
