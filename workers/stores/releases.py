"""Releases and tags as deliveries tell of them, reconciled with what is known."""

from dataclasses import astuple, fields

import asyncpg

from schema.life_cycle import ReleaseRow, ReleaseState, reconcile_release
from schema.releases import link_pull_requests
from workers.forge_events.facts import ReleaseFacts
from workers.stores.repositories import ForgeScope, repository_id

_COLUMNS = [field.name for field in fields(ReleaseRow)]

_FIND = f"""
SELECT {", ".join(_COLUMNS)} FROM release WHERE organization_id = $1 AND artifact_id = $2 FOR UPDATE
"""  # noqa: S608 - the names of our own columns

_STORE = f"""
INSERT INTO release (organization_id, {", ".join(_COLUMNS)})
VALUES ($1, {", ".join(f"${index}" for index in range(2, len(_COLUMNS) + 2))})
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "artifact_id")}
"""  # noqa: S608 - the names of our own columns


async def store_release(scope: ForgeScope, told: ReleaseFacts) -> None:
    """Bring a release up to date, and what it and its neighbours ship."""
    hasher = scope.hasher
    repository = await repository_id(scope, told.repository)
    row = ReleaseRow(
        artifact_id=hasher.release(repository, told.tag),
        repository_id=repository,
        state=told.state,
        released_at=told.released_at,
        commit=hasher.commit(told.commit) if told.commit else None,
        label=await scope.label(told.repository.name, f"@{told.tag}"),
        forge_updated_at=told.updated_at,
    )
    known = await _find(scope, row.artifact_id)
    stored = reconcile_release(known, row, is_tag=told.is_tag)
    if stored == known:
        return
    await scope.connection.execute(_STORE, scope.organization_id, *astuple(stored))
    times = [each.released_at for each in (known, stored) if each]
    await link_pull_requests(scope.connection, scope.organization_id, repository, times)


async def _find(scope: ForgeScope, artifact_id: bytes) -> ReleaseRow | None:
    row: asyncpg.Record | None = await scope.connection.fetchrow(_FIND, scope.organization_id, artifact_id)
    return None if row is None else ReleaseRow(**{**row, "state": ReleaseState(row["state"])})
