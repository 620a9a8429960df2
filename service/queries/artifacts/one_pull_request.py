"""One pull request: its life, what was spent on it day by day, the releases that ship it, and peers of its size."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from service.contracts.reconciliation import CostKind
from service.queries.ledger.outcomes import LOOK_UP_OUTCOME, OUTCOME_COLUMNS
from service.queries.ledger.priced_rollup import COST_KINDS, ROLLUP_AT
from service.queries.ledger.spend import Spend, spend_sums
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

# How many of the last merges are looked at for peers, so that a rare size takes no longer than a common one.
LOOKED_AT = 2_000

# The limits force look-ups by key, as in `attributions`.
_LIFE = f"""
    SELECT pull_request.artifact_id, pull_request.label, place.forge, pull_request.state, place.team_id, team.team,
           pull_request.merged_at, pull_request.landed_by, coalesce(pull_request.is_bot, false) AS bot,
           pull_request.opened_at, pull_request.closed_at, place.repository, reverting.label AS reverted_by_label,
           {OUTCOME_COLUMNS}
    FROM (SELECT * FROM pull_request WHERE organization_id = $1 AND artifact_id = $2 LIMIT 1) AS pull_request
    CROSS JOIN LATERAL (
        SELECT repository.forge, repository.label AS repository, {TEAM_OF_PULL_REQUEST} AS team_id
        FROM repository
        WHERE repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
        LIMIT 1
    ) AS place
    CROSS JOIN LATERAL (
        SELECT name AS team FROM team WHERE organization_id = $1 AND team_id = place.team_id LIMIT 1
    ) AS team
    {LOOK_UP_OUTCOME}
    LEFT JOIN LATERAL (
        SELECT label FROM pull_request AS other
        WHERE other.organization_id = $1 AND other.artifact_id = outcome.reverted_by LIMIT 1
    ) AS reverting ON true
"""  # noqa: S608 - composed of constants
_DAYS = {
    kind: f"""
    SELECT day, model, evidence, max(method) AS method, {spend_sums()}
    FROM {ROLLUP_AT[kind]} AS rollup
    WHERE organization_id = $1 AND artifact_id = $2
    GROUP BY day, model, evidence ORDER BY day, model, evidence
"""  # noqa: S608 - composed of constants
    for kind in COST_KINDS
}
_RELEASES = """
    SELECT release.artifact_id, release.label, release.released_at
    FROM release_pull_request AS link
    JOIN release ON release.organization_id = $1 AND release.artifact_id = link.release_id
    WHERE link.organization_id = $1 AND link.pull_request_id = $2
    ORDER BY release.released_at, release.artifact_id
"""
_SETTLED = """
    SELECT max(settlement.settled_at) AS settled_at, count(*) FILTER (WHERE settlement.state = 'waiting') AS waiting
    FROM (SELECT DISTINCT team_id, day FROM attribution_rollup
          WHERE organization_id = $1 AND artifact_id = $2) AS spent
    JOIN settlement
      ON settlement.organization_id = $1 AND settlement.team_id = spent.team_id AND settlement.day = spent.day
"""
# Only those that are linked well enough, and of people.
_PEERS = f"""
    SELECT spent.nano_usd
    FROM (SELECT artifact_id, {{cost}} AS nano_usd, tokens, linked_tokens, is_bot FROM pull_request_spend
          WHERE organization_id = $1 AND state = 'merged' AND merged_at >= $3 AND merged_at <= $4
            AND ($7::bigint IS NULL OR team_id = $7)
          ORDER BY merged_at DESC LIMIT {LOOKED_AT}) AS spent
    CROSS JOIN LATERAL (
        SELECT changed_lines FROM pull_request
        WHERE organization_id = $1 AND artifact_id = spent.artifact_id LIMIT 1
    ) AS sized
    WHERE sized.changed_lines >= $5 AND sized.changed_lines <= coalesce($6::int, sized.changed_lines)
      AND spent.artifact_id <> $2 AND NOT spent.is_bot AND spent.nano_usd > 0
      AND spent.linked_tokens >= {RELIABLE_SHARE} * spent.tokens
    ORDER BY spent.nano_usd
"""  # noqa: S608 - composed of constants


class DaySpend(NamedTuple):
    """What was spent on a pull request on a UTC day with one model, linked by one kind of evidence."""

    day: date
    model: str
    evidence: str
    spend: Spend


class ShippedBy(NamedTuple):
    """A release that ships a pull request."""

    artifact_id: bytes
    label: str | None
    released_at: datetime


class Settled(NamedTuple):
    """When the last of its days was settled, and how many wait to be settled again."""

    settled_at: datetime | None
    waiting: int


async def read_life(tenant: Tenant, artifact_id: bytes) -> asyncpg.Record | None:
    """Return a pull request with its outcome; None if it is unknown.

    Columns: those of `read_pull_requests`, closed_at, repository (its label) and reverted_by_label.
    """
    return await tenant.fetchrow(_LIFE, artifact_id)


async def read_days(tenant: Tenant, artifact_id: bytes, cost_kind: CostKind) -> tuple[list[DaySpend], str]:
    """Return what was spent on a pull request by day, model and evidence, and the newest method."""
    rows = await tenant.fetch(_DAYS[cost_kind], artifact_id)
    found = [
        DaySpend(
            row["day"],
            row["model"],
            row["evidence"],
            Spend(TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"]),
        )
        for row in rows
    ]
    return found, max((row["method"] for row in rows if row["method"]), default="")


async def read_shipping_releases(tenant: Tenant, artifact_id: bytes) -> list[ShippedBy]:
    """Return the releases that ship a pull request, the first one first."""
    return [ShippedBy(*row) for row in await tenant.fetch(_RELEASES, artifact_id)]


async def read_settled(tenant: Tenant, artifact_id: bytes) -> Settled:
    """Return how far the days of a pull request are settled."""
    return Settled(*await tenant.fetchrow(_SETTLED, artifact_id))


async def read_peers(
    tenant: Tenant,
    artifact_id: bytes,
    lines: tuple[int, int | None],
    merged: tuple[datetime, datetime],
    cost_kind: CostKind,
    team_id: int | None = None,
) -> Sequence[int]:
    """Return the nano-USD of the last pull requests merged in a time whose changed lines are in a range, ascending.

    They are of one team, or of all.
    """
    rows = await tenant.fetch(_PEERS.format(cost=f"{cost_kind}_nano_usd"), artifact_id, *merged, *lines, team_id)
    return [row["nano_usd"] for row in rows]
