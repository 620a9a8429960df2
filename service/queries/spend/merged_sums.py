"""Pull requests merged in each bucket, and everything spent on them, from sums by day, week and month."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns
from service.contracts.reconciliation import CostKind
from service.queries.spend.runs import Span, runs_of
from vocabulary.tokens import TOKEN_KINDS

_TOTAL = " + ".join(TOKEN_KINDS)
_MERGED = """
    SELECT bucket, sum(pull_requests * sign)::bigint AS pull_requests, sum(tokens * sign)::bigint AS tokens,
           sum({kind}_nano_usd * sign)::bigint AS nano_usd
    FROM unnest($2::int[], $3::text[], $4::date[], $5::date[], $6::int[]) AS run (bucket, grain, begins, ends, sign)
    CROSS JOIN LATERAL (
        SELECT pull_requests, tokens, {kind}_nano_usd FROM merged_cut
        WHERE organization_id = $1 AND cut = 'team' AND grain = run.grain AND period >= run.begins
          AND period < run.ends AND ($7::bigint IS NULL OR value = $7)
        OFFSET 0
    ) AS known
    GROUP BY bucket
"""
_EVIDENCE = f"""
    SELECT team_id, {{week}} AS week, sum(merged_pull_requests)::bigint AS pull_requests,
           sum({_TOTAL})::bigint AS tokens, sum(repository_tokens)::bigint AS repository_tokens,
           sum(cohort_tokens)::bigint AS cohort_tokens
    FROM merged_week
    WHERE organization_id = $1 AND week >= $2 AND week <= $3 AND merged_pull_requests > 0
      AND ($4::bigint IS NULL OR team_id = $4)
    GROUP BY {{by}}
"""  # noqa: S608 - composed of constants
_BY_WEEK = _EVIDENCE.format(week="week", by="team_id, week")
_BY_TEAM = _EVIDENCE.format(week="min(week)", by="team_id")


class MergedSum(NamedTuple):
    """Pull requests merged in a bucket, and tokens and nano-USD ever spent on them."""

    pull_requests: int = 0
    tokens: int = 0
    nano_usd: int = 0


async def read_merged_sums(
    tenant: Tenant, spans: Sequence[Span | None], *, team_id: int | None, cost_kind: CostKind
) -> list[MergedSum]:
    """Return the sums of each span of UTC days; those of None are 0."""
    runs: list[tuple[object, ...]] = [
        (bucket, run.grain, run.begins, run.ends, run.sign)
        for bucket, span in enumerate(spans)
        if span is not None
        for run in runs_of(span)
    ]
    if not runs:
        return [MergedSum()] * len(spans)
    rows = await tenant.fetch(_MERGED.format(kind=cost_kind), *rows_as_columns(runs), team_id)
    found = {row["bucket"]: MergedSum(row["pull_requests"], row["tokens"], row["nano_usd"]) for row in rows}
    return [found.get(bucket, MergedSum()) for bucket in range(len(spans))]


async def read_evidence_of_merges(
    tenant: Tenant, first_week: date, last_day: date, *, team_id: int | None, by_week: bool
) -> list[asyncpg.Record]:
    """Return team_id, week, pull_requests, tokens, repository_tokens and cohort_tokens, from a Monday to a Sunday.

    With `by_week`, a row for each team and week, else one for each team.
    """
    rows: list[asyncpg.Record] = await tenant.fetch(_BY_WEEK if by_week else _BY_TEAM, first_week, last_day, team_id)
    return rows
