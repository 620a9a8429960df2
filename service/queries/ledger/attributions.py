"""Pull requests with the tokens attributed to them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns
from schema.kinds import PullRequestState
from schema.team_of import TEAM_OF_PULL_REQUEST
from service.contracts.reconciliation import CostKind
from service.queries.ledger.conditions import where
from service.queries.ledger.outcomes import JOIN_OUTCOME, LOOK_UP_OUTCOME, OUTCOME_COLUMNS
from service.queries.ledger.priced_rollup import COST_KINDS, ROLLUP_AT
from service.queries.ledger.spend import spend_sums

_SHOWN = f"""
    SELECT pull_request.artifact_id, pull_request.label, repository.forge, pull_request.state,
           team.team_id, team.name AS team, pull_request.merged_at, pull_request.landed_by,
           coalesce(pull_request.is_bot, false) AS bot, pull_request.opened_at, {OUTCOME_COLUMNS}
    FROM pull_request
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
    JOIN team ON team.organization_id = $1 AND team.team_id = {TEAM_OF_PULL_REQUEST}
    {JOIN_OUTCOME}
    WHERE pull_request.organization_id = $1
"""  # noqa: S608 - composed of constants
_PAGE = f"""
    {_SHOWN}
      AND ($2::bytea IS NULL OR pull_request.artifact_id = $2)
      AND ($3::bytea IS NULL OR pull_request.repository_id = $3)
      AND ($4::bigint IS NULL OR team.team_id = $4)
      AND ($5::timestamptz IS NULL OR pull_request.merged_at >= $5)
      AND ($6::timestamptz IS NULL OR pull_request.merged_at < $6)
      AND ($10::text IS NULL OR pull_request.state = $10)
      AND ($7::timestamptz IS NULL OR (pull_request.opened_at, pull_request.artifact_id) < ($7, $8::bytea))
    ORDER BY pull_request.opened_at DESC, pull_request.artifact_id DESC
    LIMIT $9
"""
_THESE = f"{_SHOWN} AND pull_request.artifact_id = ANY($2::bytea[])"

# Each state is read in the order of its index.
_DEAREST = """
    SELECT artifact_id, nano_usd FROM (
        {states}
    ) AS listed WHERE organization_id = $1 ORDER BY nano_usd DESC, artifact_id DESC LIMIT $2
"""
_OF_STATE = """(
        SELECT organization_id, artifact_id, {cost} AS nano_usd FROM pull_request_spend
        WHERE organization_id = $1 AND state = '{state}' {conditions}
        ORDER BY {cost} DESC, artifact_id DESC LIMIT $2)
"""
_OF_REPOSITORY = """
    artifact_id IN (SELECT artifact_id FROM pull_request WHERE organization_id = $1 AND repository_id = {})
"""

_TOKENS = {
    kind: f"""
    SELECT artifact_id, evidence, model, max(method) AS method, {spend_sums()}
    FROM {ROLLUP_AT[kind]} AS rollup
    WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
    GROUP BY artifact_id, evidence, model
"""  # noqa: S608 - composed of constants
    for kind in COST_KINDS
}


# The limits force one look-up by key after another: under row-level security the planner misestimates and would choose
# another order. A pull request has one row per evidence and model, or a single row without tokens.
_BY_KEY = f"""
    SELECT wanted.position, pull_request.artifact_id, pull_request.label, place.forge, pull_request.state,
           place.team_id, team.team, pull_request.merged_at, pull_request.landed_by,
           coalesce(pull_request.is_bot, false) AS bot, {OUTCOME_COLUMNS}, spent.*
    FROM unnest($2::bytea[], $3::bytea[], $4::bytea[]) WITH ORDINALITY
         AS wanted (artifact_id, repository_name, number, position)
    CROSS JOIN LATERAL (
        SELECT * FROM pull_request WHERE organization_id = $1 AND artifact_id = wanted.artifact_id
        UNION ALL
        SELECT numbered.*
        FROM artifact_alias
        JOIN pull_request AS numbered ON numbered.organization_id = $1
             AND numbered.repository_id = artifact_alias.artifact_id AND numbered.number = wanted.number
        WHERE wanted.artifact_id IS NULL
          AND artifact_alias.organization_id = $1 AND kind = 'repository' AND alias = wanted.repository_name
        LIMIT 1
    ) AS pull_request
    CROSS JOIN LATERAL (
        SELECT repository.forge, {TEAM_OF_PULL_REQUEST} AS team_id
        FROM repository
        WHERE repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
        LIMIT 1
    ) AS place
    CROSS JOIN LATERAL (
        SELECT name AS team FROM team WHERE organization_id = $1 AND team_id = place.team_id LIMIT 1
    ) AS team
    {LOOK_UP_OUTCOME}
    LEFT JOIN LATERAL (
        SELECT evidence, model, max(method) AS method, {spend_sums()}
        FROM attribution_rollup AS rollup
        WHERE rollup.organization_id = $1 AND rollup.artifact_id = pull_request.artifact_id
        GROUP BY evidence, model
    ) AS spent ON true
"""  # noqa: S608 - composed of constants


class Key(NamedTuple):
    """The key of a pull request: its artifact id, or the hashes of its repository's name and of its number."""

    artifact_id: bytes | None = None
    repository_name: bytes | None = None
    number: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filter of pull requests: None matches all; merge times are half-open."""

    artifact_id: bytes | None = None
    repository_id: bytes | None = None
    team_id: int | None = None
    merged_from: datetime | None = None
    merged_to: datetime | None = None
    state: str | None = None


async def read_by_key(tenant: Tenant, keys: Sequence[Key]) -> list[list[asyncpg.Record]]:
    """Return for each key the rows of its pull request, one per evidence and model; empty if it is unknown.

    A row has artifact_id, label, forge, state, team_id, team, merged_at, the outcome columns, and evidence, model,
    method, token kinds and cost_nano_usd. The latter are null in the single row of a pull request without tokens.
    """
    found: list[list[asyncpg.Record]] = [[] for _ in keys]
    for row in await tenant.fetch(_BY_KEY, *rows_as_columns(list(keys))):
        found[row["position"] - 1].append(row)
    return found


async def read_pull_requests(
    tenant: Tenant, wanted: Wanted, *, after: tuple[datetime | None, bytes | None] = (None, None), limit: int
) -> Sequence[asyncpg.Record]:
    """Return pull requests, most recently opened first.

    Columns: artifact_id, label, forge, state, team_id, team, merged_at, opened_at, and the outcome columns.
    """
    rows: Sequence[asyncpg.Record] = await tenant.fetch(
        _PAGE,
        wanted.artifact_id,
        wanted.repository_id,
        wanted.team_id,
        wanted.merged_from,
        wanted.merged_to,
        *after,
        limit,
        wanted.state,
    )
    return rows


async def read_dearest(
    tenant: Tenant, wanted: Wanted, cost_kind: CostKind, *, after: tuple[int | None, bytes | None], limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return pull requests, dearest first, with the columns of `read_pull_requests` and nano_usd."""
    cost = f"{cost_kind}_nano_usd"
    conditions, arguments = where(
        [
            ("artifact_id = {}", (wanted.artifact_id,)),
            (_OF_REPOSITORY, (wanted.repository_id,)),
            ("team_id = {}", (wanted.team_id,)),
            ("merged_at >= {}", (wanted.merged_from,)),
            ("merged_at < {}", (wanted.merged_to,)),
            (f"({cost}, artifact_id) < ({{}}, {{}})", after),
        ],
        taken=2,
    )
    if not _states(wanted):
        return []
    states = [_OF_STATE.format(cost=cost, state=state, conditions=conditions) for state in _states(wanted)]
    # A plan for any values would sort all merges of a year, and one without limits all pull requests.
    async with tenant.planner(plan_cache_mode="force_custom_plan"):
        listed = await tenant.fetch(_DEAREST.format(states=" UNION ALL ".join(states)), limit, *arguments)
    found = await read_these(tenant, [row["artifact_id"] for row in listed])
    return [{**found[artifact_id], "nano_usd": nano_usd} for artifact_id, nano_usd in listed if artifact_id in found]


async def read_these(tenant: Tenant, artifact_ids: Sequence[bytes]) -> dict[bytes, asyncpg.Record]:
    """Return the columns of `read_pull_requests` by artifact id."""
    return {row["artifact_id"]: row for row in await tenant.fetch(_THESE, list(artifact_ids))}


def _states(wanted: Wanted) -> list[PullRequestState]:
    """Return the states to list; only merged pull requests have a time of merge."""
    of_merge = wanted.merged_from is not None or wanted.merged_to is not None
    states = [PullRequestState.MERGED] if of_merge else list(PullRequestState)
    return [state for state in states if wanted.state in {None, state}]


async def read_tokens_of(
    tenant: Tenant, artifact_ids: Sequence[bytes], cost_kind: CostKind = "list"
) -> dict[bytes, list[asyncpg.Record]]:
    """Return rows of evidence, model, method, token kinds and cost_nano_usd for each pull request."""
    rows = defaultdict[bytes, list[asyncpg.Record]](list)
    for row in await tenant.fetch(_TOKENS[cost_kind], list(artifact_ids)):
        rows[row["artifact_id"]].append(row)
    return rows
