"""Storing what is told of releases, in bulk, and which pull requests each shipped first."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from schema.database import Connection, rows_as_columns
from schema.life_cycle import ReleaseRow, ReleaseState, reconcile_release

_KNOWN = """
    SELECT artifact_id, repository_id, state, released_at, commit, label, forge_updated_at
    FROM release
    WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
    ORDER BY artifact_id
    FOR UPDATE
"""

_SAVE = """
    INSERT INTO release AS known (
        organization_id, artifact_id, repository_id, state, released_at, commit, label, forge_updated_at)
    SELECT $1::bigint, told.*
    FROM unnest(
        $2::bytea[], $3::bytea[], $4::text[], $5::timestamptz[], $6::bytea[], $7::text[], $8::timestamptz[]) AS told
    ON CONFLICT (organization_id, artifact_id) DO UPDATE SET
        repository_id = excluded.repository_id,
        state = excluded.state,
        released_at = excluded.released_at,
        commit = excluded.commit,
        label = excluded.label,
        forge_updated_at = excluded.forge_updated_at
    WHERE known.organization_id = $1
"""

_LINK = """
    INSERT INTO release_pull_request (organization_id, release_id, pull_request_id)
    SELECT $1::bigint, shipped.*
    FROM unnest($2::bytea[], $3::bytea[]) AS shipped
    ON CONFLICT DO NOTHING
"""

# Of several releases that name a pull request, the earliest shipped it; a draft or deleted one only if there is no other.
_KEEP_FIRST = """
    DELETE FROM release_pull_request
    USING (
        SELECT link.release_id, link.pull_request_id,
               row_number() OVER (
                   PARTITION BY link.pull_request_id
                   ORDER BY release.state IN ('draft', 'deleted'), release.released_at, release.artifact_id) AS place
        FROM release_pull_request AS link
        JOIN release ON release.organization_id = $1 AND release.artifact_id = link.release_id
        WHERE link.organization_id = $1 AND link.pull_request_id = ANY($2::bytea[])
    ) AS ranked
    WHERE release_pull_request.organization_id = $1
      AND release_pull_request.release_id = ranked.release_id
      AND release_pull_request.pull_request_id = ranked.pull_request_id
      AND ranked.place > 1
"""


class ShippedRow(NamedTuple):
    """A pull request that a release contains."""

    release_id: bytes
    pull_request_id: bytes


async def store_releases(connection: Connection, organization_id: int, told: Sequence[ReleaseRow]) -> int:
    """Reconcile each with what is known and save it; how many changed. A row of state tag speaks for its tag only."""
    rows = await connection.fetch(_KNOWN, organization_id, sorted({row.artifact_id for row in told}))
    known = {row["artifact_id"]: _from_record(row) for row in rows}
    latest: dict[bytes, ReleaseRow] = dict(known)
    for row in told:
        is_tag = row.state is ReleaseState.TAG
        latest[row.artifact_id] = reconcile_release(latest.get(row.artifact_id), row, is_tag=is_tag)
    changed = [_columns(row) for key, row in sorted(latest.items()) if row != known.get(key)]
    if changed:
        await connection.execute(_SAVE, organization_id, *rows_as_columns(changed))
    return len(changed)


async def add_shipped(connection: Connection, organization_id: int, shipped: Sequence[ShippedRow]) -> None:
    """Let releases ship pull requests, whether known yet or not; each stays with the earliest release that names it."""
    if not shipped:
        return
    rows: list[tuple[bytes, bytes]] = sorted({tuple(row) for row in shipped})
    await connection.execute(_LINK, organization_id, *rows_as_columns(rows))
    await connection.execute(_KEEP_FIRST, organization_id, sorted({pull_request_id for _, pull_request_id in rows}))


def _from_record(row: asyncpg.Record) -> ReleaseRow:
    return ReleaseRow(**{**row, "state": ReleaseState(row["state"])})


def _columns(row: ReleaseRow) -> tuple[object, ...]:
    return (
        row.artifact_id,
        row.repository_id,
        row.state,
        row.released_at,
        row.commit,
        row.label,
        row.forge_updated_at,
    )
