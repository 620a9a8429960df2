"""Pull requests with what was attributed to them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from schema.database import Connection
from service.queries.outcomes import JOIN_OUTCOME, OUTCOME_COLUMNS
from service.queries.spend import spend_sums

_PAGE = f"""
    SELECT pull_request.artifact_id, pull_request.label, repository.forge, pull_request.state, team.name AS team,
           pull_request.merged_at, pull_request.opened_at, {OUTCOME_COLUMNS}
    FROM pull_request
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
    JOIN team ON team.organization_id = $1 AND team.team_id = coalesce(
        repository.team_id, (SELECT team_id FROM team WHERE organization_id = $1 AND is_default))
    {JOIN_OUTCOME}
    WHERE pull_request.organization_id = $1
      AND ($2::bytea IS NULL OR pull_request.artifact_id = $2)
      AND ($3::bytea IS NULL OR pull_request.repository_id = $3)
      AND ($4::bigint IS NULL OR team.team_id = $4)
      AND ($5::timestamptz IS NULL OR pull_request.merged_at >= $5)
      AND ($6::timestamptz IS NULL OR pull_request.merged_at < $6)
      AND ($7::timestamptz IS NULL OR (pull_request.opened_at, pull_request.artifact_id) < ($7, $8::bytea))
    ORDER BY pull_request.opened_at DESC, pull_request.artifact_id DESC
    LIMIT $9
"""  # noqa: S608 - composed of constants

_TOKENS = f"""
    SELECT artifact_id, evidence, model, max(method) AS method, {spend_sums()}
    FROM attribution_rollup
    WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
    GROUP BY artifact_id, evidence, model
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pull requests: those that meet every condition that is not None. Merge times are half-open."""

    artifact_id: bytes | None = None
    repository_id: bytes | None = None
    team_id: int | None = None
    merged_from: datetime | None = None
    merged_to: datetime | None = None


async def read_pull_requests(
    connection: Connection,
    organization_id: int,
    wanted: Wanted,
    *,
    after: tuple[datetime | None, bytes | None] = (None, None),
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Pull requests, the latest opened first: artifact_id, label, forge, state, team, merged_at, opened_at."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        _PAGE,
        organization_id,
        wanted.artifact_id,
        wanted.repository_id,
        wanted.team_id,
        wanted.merged_from,
        wanted.merged_to,
        *after,
        limit,
    )
    return rows


async def read_tokens_of(
    connection: Connection, organization_id: int, artifact_ids: Sequence[bytes]
) -> dict[bytes, list[asyncpg.Record]]:
    """What was attributed to each, by evidence and model: evidence, model, method, token kinds, cost_nano_usd."""
    rows = defaultdict[bytes, list[asyncpg.Record]](list)
    for row in await connection.fetch(_TOKENS, organization_id, list(artifact_ids)):
        rows[row["artifact_id"]].append(row)
    return rows
