"""Requests that a guardrail refused, and their retries: by bucket and group."""

from collections.abc import Sequence
from typing import NamedTuple

from schema.database import Tenant
from service.contracts.reconciliation import CostKind
from service.queries.spend.buckets import Bucket
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_COST = "CASE $5 WHEN 'list' THEN list_nano_usd WHEN 'effective' THEN effective_nano_usd ELSE billed_nano_usd END"
_NAMES = {
    "": "''",
    "team": "(SELECT name FROM team WHERE team.organization_id = $1 AND team.team_id = known.team_id)",
    "model": "model",
    "provider": "provider",
    "workflow": "workflow",
    "prompt_version": "prompt_template",
}

# The index of these requests is found by the days alone.
_READ = f"""
    SELECT wanted.bucket::int AS bucket, known.name, known.guardrail, known.requests, known.nano_usd,
           {", ".join(f"known.{kind}" for kind in TOKEN_KINDS)}
      FROM unnest($2::date[], $3::date[]) WITH ORDINALITY AS wanted (first, last, bucket)
     CROSS JOIN LATERAL (
           SELECT {{name}} AS name, guardrail, sum(requests)::bigint AS requests, sum({_COST})::bigint AS nano_usd,
                  {", ".join(f"sum({kind})::bigint AS {kind}" for kind in TOKEN_KINDS)}
             FROM spend_day AS known
            WHERE organization_id = $1 AND guardrail <> '' AND day >= wanted.first AND day <= wanted.last
              AND ($4::bigint IS NULL OR team_id = $4)
            GROUP BY 1, 2) AS known
"""  # noqa: S608 - names of ours


class Guarded(NamedTuple):
    """Requests, their tokens, and nano-USD."""

    requests: int = 0
    tokens: TokenCounts = TokenCounts()
    nano_usd: int = 0


# The place of a bucket, the name of a group, and `refused` or `retry`.
Key = tuple[int, str, str]


async def read_guarded(
    tenant: Tenant, buckets: Sequence[Bucket], dimension: str, team_id: int | None, cost_kind: CostKind
) -> dict[Key, Guarded]:
    """Return what was refused or retried, of a team or of all."""
    firsts, lasts = [each.span.first for each in buckets], [each.span.last for each in buckets]
    rows = await tenant.fetch(_READ.format(name=_NAMES[dimension]), firsts, lasts, team_id, cost_kind)
    return {
        (row["bucket"], row["name"], row["guardrail"]): Guarded(
            row["requests"], TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["nano_usd"]
        )
        for row in rows
    }
