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
_SUMS = """
    SELECT bucket, sum(pull_requests * sign)::bigint AS pull_requests, sum(tokens * sign)::bigint AS tokens,
           sum({{kind}}_nano_usd * sign)::bigint AS nano_usd
    FROM {runs} CROSS JOIN LATERAL ({known} OFFSET 0) AS known
    GROUP BY bucket
"""
# One sum a period, instead of one of each team.
_OF_ALL = _SUMS.format(
    runs="unnest($2::int[], $3::text[], $4::date[], $5::date[], $6::int[]) AS run (bucket, grain, begins, ends, sign)",
    known=f"""
        SELECT pull_requests, {_TOTAL} AS tokens, {{kind}}_nano_usd FROM merged_spend
        WHERE organization_id = $1 AND cut = '' AND grain = run.grain AND period >= run.begins AND period < run.ends
    """,  # noqa: S608 - composed of constants
)
# One after the other, because those of all teams stand between them.
_OF_TEAM = _SUMS.format(
    runs="unnest($2::int[], $3::text[], $4::date[], $5::int[]) AS run (bucket, grain, period, sign)",
    known="""
        SELECT pull_requests, tokens, {kind}_nano_usd FROM merged_cut
        WHERE organization_id = $1 AND cut = 'team' AND grain = run.grain AND period = run.period AND value = $6
    """,
)
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


# Tokens of pull requests merged in a period, and those of them that were split between pull requests.
_LINKED = f"""
    SELECT sum(({_TOTAL}) * sign)::bigint AS tokens, sum((repository_tokens + cohort_tokens) * sign)::bigint AS pooled
    FROM unnest($2::text[], $3::date[], $4::date[], $5::int[]) AS run (grain, begins, ends, sign)
    CROSS JOIN LATERAL (
        SELECT * FROM merged_spend
        WHERE organization_id = $1 AND cut = '' AND grain = run.grain AND period >= run.begins AND period < run.ends
        OFFSET 0
    ) AS known
"""  # noqa: S608 - composed of constants


class MergedSum(NamedTuple):
    """Pull requests merged in a bucket, and tokens and nano-USD ever spent on them."""

    pull_requests: int = 0
    tokens: int = 0
    nano_usd: int = 0


async def read_merged_sums(
    tenant: Tenant, spans: Sequence[Span | None], *, team_id: int | None, cost_kind: CostKind
) -> list[MergedSum]:
    """Return the sums of each span of UTC days; those of None are 0."""
    runs = [(bucket, run) for bucket, span in enumerate(spans) if span is not None for run in runs_of(span)]
    if not runs:
        return [MergedSum()] * len(spans)
    if team_id is None:
        of_all: list[tuple[object, ...]] = [(bucket, *run) for bucket, run in runs]
        rows = await tenant.fetch(_OF_ALL.format(kind=cost_kind), *rows_as_columns(of_all))
    else:
        single: list[tuple[object, ...]] = [
            (bucket, run.grain, period, run.sign) for bucket, run in runs for period in run.periods()
        ]
        rows = await tenant.fetch(_OF_TEAM.format(kind=cost_kind), *rows_as_columns(single), team_id)
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


async def read_linked_share(tenant: Tenant, span: Span) -> float | None:
    """Return the share of tokens on pull requests merged in a period that is linked directly; None without tokens."""
    runs: list[tuple[object, ...]] = [tuple(run) for run in runs_of(span)]
    row = await tenant.fetchrow(_LINKED, *rows_as_columns(runs))
    return (row["tokens"] - row["pooled"]) / row["tokens"] if row["tokens"] else None
