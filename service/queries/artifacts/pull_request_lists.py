"""Pull requests in the order of their cost or merge, page by page, with what an interval is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from schema.database import Tenant
from schema.kinds import PullRequestState
from service.contracts.reconciliation import CostKind
from service.queries.ledger.conditions import Condition, where

# Of those that a model or the time of closing selects, the first this many are looked at, so that none takes long.
MOST_LOOKED_AT = 5_000

# Only what was split has to be read from the rollup, by its index.
_LISTED = """
    SELECT listed.artifact_id, listed.team_id, listed.nano_usd, listed.linked_tokens,
           coalesce(split.repository, 0)::bigint AS repository, coalesce(split.cohort, 0)::bigint AS cohort
    FROM (
        SELECT * FROM (
            SELECT artifact_id, team_id, merged_at, tokens, linked_tokens, {cost} AS nano_usd FROM pull_request_spend
            WHERE organization_id = $1 AND state = '{state}' {conditions}
            ORDER BY {order} DESC, artifact_id DESC LIMIT {most}
        ) AS most
        WHERE true {selected}
        ORDER BY {listed_order} DESC, artifact_id DESC LIMIT $2 OFFSET $3
    ) AS listed
    LEFT JOIN LATERAL (
        SELECT sum({total}) FILTER (WHERE evidence = 'repository') AS repository,
               sum({total}) FILTER (WHERE evidence = 'cohort') AS cohort
        FROM attribution_rollup
        WHERE organization_id = $1 AND artifact_id = listed.artifact_id AND listed.linked_tokens < listed.tokens
    ) AS split ON true
    ORDER BY {listed_order} DESC, artifact_id DESC
"""
_TOTAL = "input_uncached + cache_read + cache_write + output_visible + output_reasoning"
_MERGED = "merged_at >= {} AND merged_at < {}"
_OF_REPOSITORIES = """
    artifact_id IN (SELECT artifact_id FROM pull_request WHERE organization_id = $1 AND repository_id = ANY({}))
"""
# Each is looked up in the order of the list; a join would read all pull requests first.
_USED = """
    (SELECT true FROM attribution_rollup AS used
     WHERE used.organization_id = $1 AND used.artifact_id = most.artifact_id AND used.model = {} LIMIT 1)
"""
_CLOSED = """
    (SELECT closed_at >= {} AND closed_at < {} FROM pull_request AS closed
     WHERE closed.organization_id = $1 AND closed.artifact_id = most.artifact_id)
"""
_HELD = """
    SELECT count(*) AS pull_requests, coalesce(sum({cost}), 0)::bigint AS nano_usd FROM pull_request_spend
    WHERE organization_id = $1 AND state = '{state}' {conditions}
"""
_BY_NAME = """
    SELECT artifact_id FROM artifact_alias
    WHERE organization_id = $1 AND kind = 'repository' AND alias = ANY($2::bytea[])
"""
_BY_LABEL = "SELECT artifact_id FROM repository WHERE organization_id = $1 AND right(label, length($2) + 1) = '/' || $2"
# Numbers are unique within a repository.
_NUMBERED = """
    SELECT pull_request.artifact_id
    FROM repository
    JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.repository_id = repository.artifact_id
     AND pull_request.number = $2
    WHERE repository.organization_id = $1 AND ($3::bytea[] IS NULL OR repository.artifact_id = ANY($3))
    ORDER BY pull_request.opened_at DESC, pull_request.artifact_id DESC LIMIT $4
"""


class Order(StrEnum):
    """`cost`: dearest first. `merged`: last merged first."""

    COST = "cost"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class ListWanted:
    """What to list: pull requests of one state; None matches all. `ended_*` is when they were merged or closed."""

    state: PullRequestState
    team_id: int | None = None
    repository_ids: Sequence[bytes] | None = None
    model: str | None = None
    ended_from: datetime | None = None
    ended_to: datetime | None = None


class Candidate(NamedTuple):
    """A pull request with its cost, and its tokens by how they were linked."""

    artifact_id: bytes
    team_id: int
    nano_usd: int
    linked: int
    repository: int
    cohort: int


class Held(NamedTuple):
    """A number of pull requests, and nano-USD spent on them."""

    pull_requests: int
    nano_usd: int


async def list_pull_requests(
    tenant: Tenant, wanted: ListWanted, order: Order, cost_kind: CostKind, *, limit: int, offset: int = 0
) -> list[Candidate]:
    """Return pull requests in an order."""
    cost = f"{cost_kind}_nano_usd"
    ended = (wanted.ended_from, wanted.ended_to)
    merged: list[Condition] = [(_MERGED, ended)] if wanted.state is PullRequestState.MERGED else []
    closed: list[Condition] = [] if merged else [(_CLOSED, ended)]
    known, arguments = where([*_scope(wanted), *merged], taken=3)
    selected, more = where([(_USED, (wanted.model,)), *closed], taken=3 + len(arguments))
    statement = _LISTED.format(
        cost=cost,
        state=wanted.state,
        conditions=known,
        selected=selected,
        order="merged_at" if order is Order.MERGED else cost,
        listed_order="merged_at" if order is Order.MERGED else "nano_usd",
        most=MOST_LOOKED_AT if selected else "$2::bigint + $3::bigint",
        total=_TOTAL,
    )
    # A plan for any values would sort all merges of a year.
    async with tenant.planner(plan_cache_mode="force_custom_plan"):
        rows = await tenant.fetch(statement, limit, offset, *arguments, *more)
    return [Candidate(*row) for row in rows]


async def sum_held(tenant: Tenant, wanted: ListWanted, cost_kind: CostKind) -> Held:
    """Return the number and the cost of all pull requests of a state, of a team or repositories."""
    conditions, arguments = where(_scope(wanted), taken=1)
    statement = _HELD.format(cost=f"{cost_kind}_nano_usd", state=wanted.state, conditions=conditions)
    return Held(*await tenant.fetchrow(statement, *arguments))


async def find_repositories(tenant: Tenant, names: Sequence[bytes], label: str = "") -> list[bytes]:
    """Return the artifact ids of repositories by the hashes of their names, or by the last part of their labels."""
    rows = await (tenant.fetch(_BY_LABEL, label) if label else tenant.fetch(_BY_NAME, list(names)))
    return [row["artifact_id"] for row in rows]


async def find_numbered(
    tenant: Tenant, number: bytes, repository_ids: Sequence[bytes] | None, limit: int
) -> list[bytes]:
    """Return the pull requests of a number in any of the repositories, the last opened first."""
    rows = await tenant.fetch(_NUMBERED, number, repository_ids, limit)
    return [row["artifact_id"] for row in rows]


def _scope(wanted: ListWanted) -> list[Condition]:
    return [("team_id = {}", (wanted.team_id,)), (_OF_REPOSITORIES, (wanted.repository_ids,))]
