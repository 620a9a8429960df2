"""Releases and tags as deliveries tell of them, reconciled with what is known."""

from dataclasses import astuple, fields, replace

import asyncpg

from schema.life_cycle import ReleaseRow, ReleaseState, reconcile_release
from schema.releases import release_from_record, tag_fields
from workers.forge_events.facts import ReleaseFacts
from workers.stores.repositories import ForgeScope, repository_id

_COLUMNS = [field.name for field in fields(ReleaseRow)]

# Whoever links pull requests to the release meanwhile must not wait for it: only its key is shared with them.
_FIND = f"""
SELECT {", ".join(_COLUMNS)} FROM release WHERE organization_id = $1 AND artifact_id = $2 FOR NO KEY UPDATE
"""  # noqa: S608 - the names of our own columns

_STORE = f"""
INSERT INTO release (organization_id, {", ".join(_COLUMNS)})
VALUES ($1, {", ".join(f"${index}" for index in range(2, len(_COLUMNS) + 2))})
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "artifact_id")}
"""  # noqa: S608 - the names of our own columns


async def store_release(scope: ForgeScope, told: ReleaseFacts) -> None:
    """Bring a release up to date, and note that its family may ship something else now."""
    repository = await repository_id(scope, told.repository)
    row = await _row(scope, told, repository)
    await _reconcile(scope, row, is_tag=told.is_tag)
    if told.former_tag is not None and told.former_tag != told.tag:
        await _leave_tag(scope, row, told.former_tag)


async def _row(scope: ForgeScope, told: ReleaseFacts, repository: bytes) -> ReleaseRow:
    """The facts with every name hashed."""
    hasher = scope.hasher
    return ReleaseRow(
        artifact_id=hasher.release(repository, told.tag),
        repository_id=repository,
        state=told.state,
        released_at=told.released_at,
        commit=hasher.commit(told.commit) if told.commit else None,
        label=await scope.label(told.repository.name, f"@{told.tag}"),
        forge_updated_at=told.updated_at,
        **tag_fields(hasher, told.tag)._asdict(),
        target_branch=hasher.branch(told.target_branch) if told.target_branch else None,
        tagged_at=told.updated_at if told.is_tag and told.state is ReleaseState.TAG else None,
    )


async def _leave_tag(scope: ForgeScope, row: ReleaseRow, tag: str) -> None:
    """A release that was given another tag is no release of its former one any more."""
    former = replace(
        row,
        artifact_id=scope.hasher.release(row.repository_id, tag),
        state=ReleaseState.DELETED,
        commit=None,
        label=None,
        **tag_fields(scope.hasher, tag)._asdict(),
    )
    await _reconcile(scope, former, is_tag=False)


async def _reconcile(scope: ForgeScope, row: ReleaseRow, *, is_tag: bool) -> None:
    known = await _find(scope, row.artifact_id)
    stored = reconcile_release(known, row, is_tag=is_tag)
    if stored == known:
        return
    await scope.connection.execute(_STORE, scope.organization_id, *astuple(stored))
    scope.touched.forge.add_family(row.repository_id, stored.family)


async def _find(scope: ForgeScope, artifact_id: bytes) -> ReleaseRow | None:
    row: asyncpg.Record | None = await scope.connection.fetchrow(_FIND, scope.organization_id, artifact_id)
    return None if row is None else release_from_record(row)
