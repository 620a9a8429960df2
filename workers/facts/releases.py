"""Records releases and tags, reconciled with known ones."""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from msgspec.structs import replace

from workers.facts.scope import ForgeScope
from workers.forge_events.model import ReleaseFacts
from workers.outcomes.life_cycle import ReleaseRow, ReleaseState, reconcile_release
from workers.stores.forge.releases import Shipment, release_from_record, store_shipments, tag_fields
from workers.stores.spend.stale import note_releases

# Drafts and deleted releases ship nothing.
SHIPPING = {ReleaseState.TAG, ReleaseState.PRERELEASE, ReleaseState.PUBLISHED}

_COLUMNS = ReleaseRow.__struct_fields__

# Linking pull requests to the release must not wait for this lock, so it leaves the key shared.
_FIND = f"""
SELECT {", ".join(_COLUMNS)} FROM release WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
 ORDER BY artifact_id FOR NO KEY UPDATE
"""  # noqa: S608 - fixed column names

_STORE = f"""
INSERT INTO release (organization_id, {", ".join(_COLUMNS)})
VALUES ($1, {", ".join(f"${index}" for index in range(2, len(_COLUMNS) + 2))})
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "artifact_id")}
"""  # noqa: S608 - fixed column names


_values = attrgetter(*_COLUMNS)


async def store_releases(scope: ForgeScope, reported: Sequence[ReleaseFacts]) -> None:
    """Update releases, and mark their families, which may ship something else now."""
    words = [word for facts in reported for word in _words(scope, facts)]
    rows = await scope.tenant.fetch(_FIND, sorted({row.artifact_id for row, _ in words}))
    known = {row["artifact_id"]: release_from_record(row) for row in rows}
    latest: dict[bytes, ReleaseRow] = dict(known)
    for row, is_tag in words:
        latest[row.artifact_id] = reconcile_release(latest.get(row.artifact_id), row, is_tag=is_tag)
    changed = [row for key, row in sorted(latest.items()) if row != known.get(key)]
    if changed:
        await scope.tenant.connection.executemany(
            _STORE, [(scope.tenant.organization_id, *_values(row)) for row in changed]
        )
    await note_releases(scope.tenant, [row.artifact_id for row in changed])
    for row in changed:
        (scope.changed if row.artifact_id in known else scope.new).add(row.artifact_id)
        scope.changes.forge.add_family(row.repository_id, row.family)
        _note_enrichment_candidates(scope, known.get(row.artifact_id), row)
    await _store_lists(scope, reported)


async def _store_lists(scope: ForgeScope, reported: Sequence[ReleaseFacts]) -> None:
    """Record the pull requests that facts list for releases; of two lists of one release, the last counts."""
    lists: dict[bytes, set[Shipment]] = {}
    for facts in reported:
        if facts.pull_requests is not None:
            row = _row(scope, facts)
            numbers = facts.pull_requests
            held = {Shipment(row.artifact_id, scope.hasher.pull_request(row.repository_id, each)) for each in numbers}
            lists[row.artifact_id] = held
            scope.changes.forge.add_family(row.repository_id, row.family)
    if lists:
        shipments = [each for held in lists.values() for each in held]
        scope.changed |= await store_shipments(scope.tenant, lists.keys(), shipments)


def _note_enrichment_candidates(scope: ForgeScope, known: ReleaseRow | None, stored: ReleaseRow) -> None:
    """Request enrichment of releases that now ship, or ship from another commit, and of their successors."""
    enrichment_candidates = scope.enrichment_candidates
    ships = stored.state in SHIPPING and stored.version is not None
    shipped = known is not None and known.state in SHIPPING and known.version is not None
    is_moved = known is not None and known.commit != stored.commit
    if ships and (is_moved or not shipped):
        enrichment_candidates.releases.add(stored.artifact_id)
    if known is not None and (is_moved or ships != shipped):
        enrichment_candidates.changed.add(stored.artifact_id)
    if known is not None and known.commit is not None and is_moved:
        enrichment_candidates.moved.add(stored.artifact_id)


def _words(scope: ForgeScope, reported: ReleaseFacts) -> Iterator[tuple[ReleaseRow, bool]]:
    """Yield the facts with every name hashed; when the tag changed, the former tag is deleted."""
    row = _row(scope, reported)
    yield row, reported.is_tag
    if reported.former_tag is not None and reported.former_tag != reported.tag:
        former = replace(
            row,
            artifact_id=scope.hasher.release(row.repository_id, reported.former_tag),
            state=ReleaseState.DELETED,
            commit=None,
            label=None,
            **tag_fields(scope.hasher, reported.former_tag)._asdict(),
        )
        yield former, False


def _row(scope: ForgeScope, reported: ReleaseFacts) -> ReleaseRow:
    hasher = scope.hasher
    repository = scope.anchors[reported.repository.name]
    fields = tag_fields(hasher, reported.tag)
    if fields.by_package_folder is not None:
        fields = fields._replace(by_package_folder=reported.by_package_folder)
    return ReleaseRow(
        artifact_id=hasher.release(repository, reported.tag),
        repository_id=repository,
        state=reported.state,
        released_at=reported.released_at,
        commit=hasher.commit(reported.commit) if reported.commit else None,
        label=scope.label(reported.repository.name, f"@{reported.tag}"),
        forge_updated_at=reported.updated_at,
        **fields._asdict(),
        target_branch=hasher.branch(reported.target_branch) if reported.target_branch else None,
        tagged_at=(reported.tagged_at or reported.updated_at)
        if reported.is_tag and reported.state is ReleaseState.TAG
        else None,
        tag_created_at=reported.updated_at if reported.is_created else None,
    )
