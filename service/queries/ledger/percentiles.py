"""Percentiles of what merged pull requests cost: over pull requests, and over the ratios of teams."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns
from service.contracts.reconciliation import CostKind
from service.queries.ledger.conditions import where
from service.queries.spend.runs import Span, runs_of
from vocabulary.intervals import RELIABLE_SHARE

FRACTIONS = (0.1, 0.25, 0.5, 0.75, 0.9)
# Of more pull requests, steps of 1 % are read.
EXACT = 2_000

# Everything spent on a pull request counts. Work of bots is left out, and so is what was not linked well enough.
_PULL_REQUESTS = f"""
    SELECT tokens, {{kind}}_nano_usd AS nano_usd FROM pull_request_spend
    WHERE organization_id = $1 AND state = 'merged' AND NOT is_bot AND tokens > 0
      AND linked_tokens >= {RELIABLE_SHARE} * tokens {{conditions}}
"""  # noqa: S608 - composed of constants

_MERGED = """
    SELECT value, sum(pull_requests * sign)::bigint AS pull_requests, sum(tokens * sign)::bigint AS tokens,
           sum({kind}_nano_usd * sign)::bigint AS nano_usd
    FROM unnest($3::text[], $4::date[], $5::date[], $6::int[]) AS run (grain, begins, ends, sign)
    CROSS JOIN LATERAL (
        SELECT * FROM merged_cut
        WHERE organization_id = $1 AND cut = $2 AND grain = run.grain AND period >= run.begins AND period < run.ends
        OFFSET 0
    ) AS known
    GROUP BY value HAVING sum(pull_requests * sign) > 0
    ORDER BY value
"""


class Step(NamedTuple):
    """Pull requests that cost about the same, and the sum of their cost in nano-USD."""

    pull_requests: int
    nano_usd: int


class Spread(NamedTuple):
    """How many values there are, and tokens and nano-USD at FRACTIONS; None without values."""

    number: int
    tokens: Sequence[float] | None
    nano_usd: Sequence[float] | None


class Merged(NamedTuple):
    """Pull requests that a team merged in a period, and what was spent on them."""

    pull_requests: int
    tokens: int
    nano_usd: int


async def read_spread(tenant: Tenant, *, team_id: int | None, span: Span, cost_kind: CostKind) -> Spread:
    """Return the spread over pull requests merged in a period that are linked well enough."""
    if team_id is None:
        steps = await _read_merged(tenant, "tokens", span, cost_kind)
        number = sum(row["pull_requests"] for row in steps)
        if number > EXACT:
            costs = await _read_merged(tenant, cost_kind, span, cost_kind)
            return Spread(number, _of_steps(steps, "tokens"), _of_steps(costs, "nano_usd"))
    rows = await _read_each(tenant, team_id, span, cost_kind)
    return spread_of([(row["tokens"], row["nano_usd"]) for row in rows])


async def read_steps(tenant: Tenant, *, team_id: int | None, span: Span, cost_kind: CostKind) -> list[Step]:
    """Return what pull requests merged in a period cost, the cheapest first; those that are linked well enough."""
    if team_id is None:
        steps = await _read_merged(tenant, cost_kind, span, cost_kind)
        return [Step(row["pull_requests"], row["nano_usd"]) for row in steps]
    rows = await _read_each(tenant, team_id, span, cost_kind)
    return sorted(Step(1, row["nano_usd"]) for row in rows)


async def _read_each(tenant: Tenant, team_id: int | None, span: Span, cost_kind: CostKind) -> list[asyncpg.Record]:
    conditions, arguments = where(
        [
            ("merged_at >= {}", (datetime.combine(span.first, time(), UTC),)),
            ("merged_at < {}", (datetime.combine(span.last, time(), UTC) + timedelta(days=1),)),
            ("team_id = {}", (team_id,)),
        ],
        taken=1,
    )
    return await tenant.fetch(_PULL_REQUESTS.format(kind=cost_kind, conditions=conditions), *arguments)


async def read_merged_by_team(tenant: Tenant, span: Span, cost_kind: CostKind) -> dict[int, Merged]:
    """Return what was merged in a period by team id."""
    rows = await _read_merged(tenant, "team", span, cost_kind)
    return {row["value"]: Merged(row["pull_requests"], row["tokens"], row["nano_usd"]) for row in rows}


def spread_of(values: Sequence[tuple[float, float]]) -> Spread:
    """Return the spread of tokens and nano-USD."""
    if not values:
        return Spread(0, None, None)
    return Spread(len(values), *(percentiles([pair[place] for pair in values]) for place in (0, 1)))


def percentiles(values: Sequence[float]) -> list[float]:
    """Return the percentiles at FRACTIONS, interpolated between the nearest values."""
    ordered = sorted(values)
    found = []
    for fraction in FRACTIONS:
        place, rest = divmod(fraction * (len(ordered) - 1), 1)
        low, high = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
        found.append(low + rest * (high - low))
    return found


async def _read_merged(tenant: Tenant, cut: str, span: Span, cost_kind: CostKind) -> list[asyncpg.Record]:
    runs: list[tuple[object, ...]] = [(run.grain, run.begins, run.ends, run.sign) for run in runs_of(span)]
    return await tenant.fetch(_MERGED.format(kind=cost_kind), cut, *rows_as_columns(runs))


def _of_steps(rows: Sequence[asyncpg.Record], amount: str) -> list[float]:
    """Return the amounts at FRACTIONS of ascending steps; that of a step is the mean of its pull requests."""
    until = list(accumulate(row["pull_requests"] for row in rows))
    steps = [rows[bisect_right(until, fraction * (until[-1] - 1))] for fraction in FRACTIONS]
    return [row[amount] / row["pull_requests"] for row in steps]
