"""Releases with what the pull requests cost that each shipped first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from schema.database import Connection
from service.queries.spend import spend_sums

_PAGE = """
    SELECT release.artifact_id, release.label, repository.forge, release.state, team.name AS team, release.released_at,
           (SELECT count(*) FROM release_pull_request
            WHERE organization_id = $1 AND release_id = release.artifact_id) AS pull_requests
    FROM release
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = release.repository_id
    JOIN team ON team.organization_id = $1 AND team.team_id = coalesce(
        repository.team_id, (SELECT team_id FROM team WHERE organization_id = $1 AND is_default))
    WHERE release.organization_id = $1
      AND ($2::bytea IS NULL OR release.artifact_id = $2)
      AND ($3::bytea IS NULL OR release.repository_id = $3)
      AND ($4::bigint IS NULL OR team.team_id = $4)
      AND ($5::timestamptz IS NULL OR (release.released_at, release.artifact_id) < ($5, $6::bytea))
    ORDER BY release.released_at DESC, release.artifact_id DESC
    LIMIT $7
"""

_TOKENS = f"""
    SELECT shipped.release_id, rollup.evidence, rollup.model, {spend_sums("rollup")}
    FROM release_pull_request AS shipped
    JOIN attribution_rollup AS rollup
      ON rollup.organization_id = $1 AND rollup.artifact_id = shipped.pull_request_id
    WHERE shipped.organization_id = $1 AND shipped.release_id = ANY($2::bytea[])
    GROUP BY shipped.release_id, rollup.evidence, rollup.model
"""  # noqa: S608 - composed of constants

_SHIPPED = """
    SELECT pull_request_id FROM release_pull_request
    WHERE organization_id = $1 AND release_id = $2
    ORDER BY pull_request_id
"""


@dataclass(frozen=True, slots=True)
class WantedReleases:
    """Which releases: those that meet every condition that is not None."""

    artifact_id: bytes | None = None
    repository_id: bytes | None = None
    team_id: int | None = None


async def read_releases(
    connection: Connection,
    organization_id: int,
    wanted: WantedReleases,
    *,
    after: tuple[datetime | None, bytes | None] = (None, None),
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Releases, newest first: artifact_id, label, forge, state, team, released_at, pull_requests (how many)."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        _PAGE, organization_id, wanted.artifact_id, wanted.repository_id, wanted.team_id, *after, limit
    )
    return rows


async def read_tokens_shipped(
    connection: Connection, organization_id: int, release_ids: Sequence[bytes]
) -> dict[bytes, list[asyncpg.Record]]:
    """What each release's pull requests cost, by evidence and model: evidence, model, token kinds, cost_nano_usd."""
    rows = defaultdict[bytes, list[asyncpg.Record]](list)
    for row in await connection.fetch(_TOKENS, organization_id, list(release_ids)):
        rows[row["release_id"]].append(row)
    return rows


async def read_shipped(connection: Connection, organization_id: int, release_id: bytes) -> list[bytes]:
    """Artifact ids of the pull requests that a release ships."""
    return [row["pull_request_id"] for row in await connection.fetch(_SHIPPED, organization_id, release_id)]
