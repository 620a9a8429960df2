"""Percentiles of what merged pull requests cost: over pull requests, and over the ratios of teams."""

from datetime import date
from typing import NamedTuple

import asyncpg

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from schema.vocabulary.intervals import RELIABLE_SHARE
from schema.vocabulary.tokens import TOKEN_KINDS
from service.contracts.reconciliation import CostKind
from service.queries.ledger.priced_rollup import COST_KINDS, ROLLUP_AT

FRACTIONS = (0.1, 0.25, 0.5, 0.75, 0.9)
_TOTAL = " + ".join(TOKEN_KINDS)

# Everything spent on a pull request counts. Work of bots is left out, and so is what was not linked well enough.
_PULL_REQUESTS = {
    kind: f"""
    SELECT count(*) AS number,
           percentile_cont($5::float8[]) WITHIN GROUP (ORDER BY tokens::float8) AS tokens,
           percentile_cont($5::float8[]) WITHIN GROUP (ORDER BY nano_usd::float8) AS nano_usd
    FROM (SELECT sum({_TOTAL}) AS tokens, sum(rollup.cost_nano_usd) AS nano_usd,
                 sum({_TOTAL}) FILTER (WHERE evidence IN ('artifact', 'commit', 'branch')) AS linked
          FROM pull_request
          JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
          JOIN {ROLLUP_AT[kind]} AS rollup
            ON rollup.organization_id = $1 AND rollup.artifact_id = pull_request.artifact_id
          WHERE pull_request.organization_id = $1 AND pull_request.state = 'merged' AND is_bot IS NOT TRUE
            AND merged_at >= $3::date::timestamp AT TIME ZONE 'UTC'
            AND merged_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
            AND ($2::bigint IS NULL OR {TEAM_OF_PULL_REQUEST} = $2)
          GROUP BY pull_request.artifact_id) AS spent
    WHERE tokens > 0 AND linked >= $6::float8 * tokens
"""  # noqa: S608 - composed of constants
    for kind in COST_KINDS
}


class Spread(NamedTuple):
    """How many values there are, and tokens and nano-USD at FRACTIONS; None without values."""

    number: int
    tokens: list[float] | None
    nano_usd: list[float] | None


async def read_spread(
    tenant: Tenant, *, team_id: int | None, first_day: date, last_day: date, cost_kind: CostKind
) -> Spread:
    """Return the spread over pull requests merged in a period (inclusive UTC days) that are linked well enough."""
    row: asyncpg.Record = await tenant.fetchrow(
        _PULL_REQUESTS[cost_kind], team_id, first_day, last_day, FRACTIONS, RELIABLE_SHARE
    )
    return Spread(**row)
