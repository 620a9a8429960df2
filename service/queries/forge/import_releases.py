"""Taking in releases that were told through the API, with the pull requests that they ship."""

from collections.abc import Sequence

from schema.contracts.release import ReleaseIn
from schema.database import Tenant, rows_as_columns
from schema.identifiers import Hasher
from schema.life_cycle import ReleaseRow, ReleaseState, reconcile_release
from schema.outcomes import ForgeChanges, derive
from schema.releases import Shipment, release_from_record, tag_fields, tell_shipments
from service.queries.forge.reported_repositories import ReportedRepository, read_repository, resolve_all, shows_labels

_COLUMNS = ReleaseRow.__struct_fields__

_KNOWN = f"""
    SELECT {", ".join(_COLUMNS)} FROM release
    WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
    ORDER BY artifact_id
    FOR NO KEY UPDATE
"""  # noqa: S608 - the names of our own columns

_SAVE = f"""
    INSERT INTO release (organization_id, {", ".join(_COLUMNS)})
    SELECT $1::bigint, artifact_id, repository_id, state, released_at, commit, label, forge_updated_at, family,
           string_to_array(version, '.')::bigint[], is_prerelease, target_branch, tagged_at, is_tag_only
    FROM unnest($2::bytea[], $3::bytea[], $4::text[], $5::timestamptz[], $6::bytea[], $7::text[], $8::timestamptz[],
                $9::bytea[], $10::text[], $11::boolean[], $12::bytea[], $13::timestamptz[], $14::boolean[])
        AS reported (artifact_id, repository_id, state, released_at, commit, label, forge_updated_at, family, version,
                 is_prerelease, target_branch, tagged_at, is_tag_only)
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "artifact_id")}
"""  # noqa: S608 - the names of our own columns


async def import_releases(tenant: Tenant, hasher: Hasher, reported: Sequence[ReleaseIn]) -> int:
    """Store all of them or none, how many changed; raises BadInputError naming the item that cannot be used."""
    repositories = [
        read_repository(item, index, item.updated_at or item.released_at) for index, item in enumerate(reported)
    ]
    anchors = await resolve_all(tenant, hasher, repositories)
    labelled = await shows_labels(tenant)
    rows = [
        release_row(hasher, anchors.ids[repository.key], item, repository if labelled else None)
        for repository, item in zip(repositories, reported, strict=True)
    ]
    changed = await store_releases(tenant, rows)
    lists = {row.artifact_id: item.pull_requests for row, item in zip(rows, reported, strict=True)}
    changes = ForgeChanges()
    for row in changed:
        changes.add_family(row.repository_id, row.family)
    if listing := [row for row in rows if lists[row.artifact_id] is not None]:
        shipments = [
            Shipment(row.artifact_id, hasher.pull_request(row.repository_id, number))
            for row in listing
            for number in lists[row.artifact_id] or ()
        ]
        await tell_shipments(tenant, {row.artifact_id for row in listing}, shipments)
        for row in listing:
            changes.add_family(row.repository_id, row.family)
    await derive(tenant, changes)
    return len(changed)


def release_row(
    hasher: Hasher, repository_id: bytes, item: ReleaseIn, labelled: ReportedRepository | None
) -> ReleaseRow:
    """An item with every name hashed."""
    return ReleaseRow(
        artifact_id=hasher.release(repository_id, item.tag),
        repository_id=repository_id,
        state=ReleaseState(item.state),
        released_at=item.released_at,
        commit=hasher.commit(item.commit) if item.commit else None,
        label=labelled.label(f"@{item.tag}") if labelled else None,
        forge_updated_at=item.updated_at or item.released_at,
        **tag_fields(hasher, item.tag)._asdict(),
        target_branch=hasher.branch(item.branch) if item.branch else None,
        tagged_at=item.released_at if item.state == "tag" else None,
    )


async def store_releases(tenant: Tenant, reported: Sequence[ReleaseRow]) -> list[ReleaseRow]:
    """Reconcile each with what is known and save it; those that changed.

    A row of state tag speaks of its tag only, which outweighs nothing that a release says.
    """
    records = await tenant.fetch(_KNOWN, sorted({row.artifact_id for row in reported}))
    known = {row["artifact_id"]: release_from_record(row) for row in records}
    latest: dict[bytes, ReleaseRow] = dict(known)
    for row in reported:
        is_tag = row.state is ReleaseState.TAG
        latest[row.artifact_id] = reconcile_release(latest.get(row.artifact_id), row, is_tag=is_tag)
    changed = [row for key, row in sorted(latest.items()) if row != known.get(key)]
    if changed:
        await tenant.execute(_SAVE, *rows_as_columns([_columns(row) for row in changed]))
    return changed


def _columns(row: ReleaseRow) -> tuple[object, ...]:
    """Arrays of different lengths fit no column of `unnest`, so a version goes as text."""
    version = None if row.version is None else ".".join(map(str, row.version))
    return tuple(version if name == "version" else getattr(row, name) for name in _COLUMNS)
