"""Tokens per merged pull request: merges, their cost, and tokens received, by bucket and up to two dimensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from schema.database import Tenant
from service.contracts.reconciliation import CostKind
from service.queries.ledger.merged_groups import read_merged
from service.queries.ledger.received_groups import read_received
from service.queries.ledger.spend import Spend
from service.queries.spend.buckets import SpendBucket, bucket_start, buckets_of
from service.queries.spend.runs import Span
from vocabulary.tokens import TOKEN_KINDS, TokenCounts


class Dimension(StrEnum):
    """What to group by: up to two of these."""

    TEAM = "team"
    MODEL = "model"
    REPOSITORY = "repository"
    WORKFLOW = "workflow"
    EVIDENCE = "evidence"
    FEATURE = "feature"


# Dimensions of pull requests, which count merges per group. The others split tokens only, and share one count.
OF_PULL_REQUESTS = {Dimension.TEAM, Dimension.REPOSITORY, Dimension.FEATURE}
# Dimensions that only merged pull requests have, not received tokens.
OF_MERGES_ONLY = {Dimension.REPOSITORY, Dimension.FEATURE}


class Cell(NamedTuple):
    """The first day of a bucket, and the groups of up to two dimensions."""

    period: date
    group: str
    other: str = ""


class Pooled(NamedTuple):
    """Tokens split by repository or by cohort evidence."""

    repository: int = 0
    cohort: int = 0


@dataclass(frozen=True, slots=True)
class MergedCosts:
    """Merges by cell; the groups of dimensions that are not in OF_PULL_REQUESTS are empty there.

    `spent` is attributed to these pull requests, `pooled` is the part of it that was split; `received` are all tokens
    of the period, empty with a dimension in OF_MERGES_ONLY.
    """

    merges: Mapping[Cell, int]
    spent: Mapping[Cell, Spend]
    received: Mapping[Cell, int]
    pooled: Mapping[Cell, Pooled] = field(default_factory=dict)


async def read_merged_costs(
    tenant: Tenant,
    *,
    team_id: int | None,
    first_day: date,
    last_day: date,
    bucket: str,
    dimensions: Sequence[Dimension],
    cost_kind: CostKind = "list",
) -> MergedCosts:
    """Read the figures of inclusive UTC days; `bucket` is total, day, week, month or quarter.

    Everything attributed to a pull request counts in the period of its merge, whenever it was spent.
    """
    spans = [each.span for each in buckets_of(Span(first_day, last_day), SpendBucket(bucket), None)]
    starts = [bucket_start(span.first, SpendBucket(bucket)) for span in spans]
    own = [each for each in dimensions if each in OF_PULL_REQUESTS]

    def cell(row: Mapping[str, Any]) -> Cell:
        return Cell(starts[row["bucket"] - 1], row["first"], row["second"])

    spent = await read_merged(tenant, spans, dimensions, team_id, cost_kind)
    counted = spent if len(own) == len(dimensions) else await read_merged(tenant, spans, own, team_id, cost_kind)
    received = [] if OF_MERGES_ONLY & set(dimensions) else await read_received(tenant, spans, dimensions, team_id)
    return MergedCosts(
        merges={_place(cell(row), dimensions, own): row["pull_requests"] for row in counted if row["pull_requests"]},
        spent={
            cell(row): Spend(TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"])
            for row in spent
            if row["is_spent"]
        },
        received={cell(row): row["tokens"] for row in received},
        pooled={cell(row): Pooled(row["repository_tokens"], row["cohort_tokens"]) for row in spent if row["is_spent"]},
    )


def _place(cell: Cell, dimensions: Sequence[Dimension], own: Sequence[Dimension]) -> Cell:
    """Return the cell of pull requests by their own dimensions, with those among all dimensions."""
    values = dict(zip(own, cell[1:], strict=False))
    return Cell(cell.period, *(values.get(each, "") for each in dimensions))
