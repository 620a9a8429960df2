"""Tokens per merged pull request: merges, their cost, and tokens received, by bucket and up to two dimensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from service.contracts.reconciliation import CostKind
from service.queries.ledger.priced_rollup import ROLLUP_AT
from service.queries.ledger.received import RECEIVED
from service.queries.ledger.spend import Spend, spend_sums
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_TOTAL = " + ".join(TOKEN_KINDS)
# The first day of the bucket of a day; `total` is one bucket, the whole period.
_PERIOD = "CASE $5::text WHEN 'total' THEN $3::date ELSE date_trunc($5::text, {day})::date END"

# Everything attributed to a pull request counts in the period of its merge, whenever it was spent.
_MERGED = f"""
    merged AS (
        SELECT pull_request.artifact_id, {_PERIOD.format(day="merged_at AT TIME ZONE 'UTC'")} AS period,
               team.name AS team,
               coalesce(repository.label, 'a1_' || encode(repository.artifact_id, 'hex')) AS repository
        FROM pull_request
        JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
        JOIN team ON team.organization_id = $1 AND team.team_id = {TEAM_OF_PULL_REQUEST}
        WHERE pull_request.organization_id = $1 AND pull_request.state = 'merged'
          AND merged_at >= $3::date::timestamp AT TIME ZONE 'UTC'
          AND merged_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
          AND ($2::bigint IS NULL OR team.team_id = $2)
    )
"""  # noqa: S608 - composed of constants


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
# A pull request counts for one feature, the first by name that has one of its labels, so that features add up.
_FEATURE = """
    coalesce((SELECT feature.name FROM feature
              JOIN pull_request_labels AS labelled
                ON labelled.organization_id = $1 AND labelled.labels && feature.labels
              WHERE feature.organization_id = $1 AND labelled.artifact_id = merged.artifact_id
              ORDER BY feature.name LIMIT 1), '')
"""
_MERGE_GROUP: Mapping[Dimension, str] = {
    Dimension.TEAM: "merged.team",
    Dimension.REPOSITORY: "merged.repository",
    Dimension.MODEL: "rollup.model",
    Dimension.WORKFLOW: "rollup.workflow",
    Dimension.EVIDENCE: "rollup.evidence",
    Dimension.FEATURE: _FEATURE,
}
# Received tokens have no repository and no feature. By team they are counted on arrival.
_RECEIVED_GROUP: Mapping[Dimension, str] = {
    Dimension.TEAM: "team.name",
    Dimension.MODEL: "model",
    Dimension.WORKFLOW: "workflow",
    Dimension.EVIDENCE: "evidence",
}
_WINDOWS = "(SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1)"
_LEDGER = "(SELECT * FROM attribution_rollup WHERE organization_id = $1)"

# Dimensions that only merged pull requests have, not received tokens.
OF_MERGES_ONLY = set(Dimension) - set(_RECEIVED_GROUP)


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
    """Read the figures of inclusive UTC days; `bucket` is total, day, week, month or quarter."""
    scope = (team_id, first_day, last_day, bucket)
    counted = _groups([_MERGE_GROUP[each] if each in OF_PULL_REQUESTS else "''" for each in dimensions])
    merges = await tenant.fetch(
        f"WITH {_MERGED} SELECT period, {counted}, count(*) AS merges FROM merged GROUP BY 1, 2, 3",  # noqa: S608
        *scope,
    )
    spent = await tenant.fetch(
        f"""
        WITH {_MERGED}
        SELECT period, {_groups([_MERGE_GROUP[each] for each in dimensions])}, {spend_sums("rollup")},
               coalesce(sum({_TOTAL}) FILTER (WHERE rollup.evidence = 'repository'), 0)::bigint AS repository_tokens,
               coalesce(sum({_TOTAL}) FILTER (WHERE rollup.evidence = 'cohort'), 0)::bigint AS cohort_tokens
        FROM merged
        JOIN {ROLLUP_AT[cost_kind]} AS rollup
          ON rollup.organization_id = $1 AND rollup.artifact_id = merged.artifact_id
        GROUP BY 1, 2, 3
        """,  # noqa: S608 - composed of constants
        *scope,
    )
    received = []
    if not OF_MERGES_ONLY & set(dimensions):
        received = await tenant.fetch(
            f"""
            SELECT {_PERIOD.format(day="day::timestamp")} AS period,
                   {_groups([_RECEIVED_GROUP[each] for each in dimensions])}, sum({_TOTAL})::bigint AS total
            FROM {_received(dimensions)} AS source
            JOIN team ON team.organization_id = $1 AND team.team_id = source.team_id
            WHERE source.organization_id = $1 AND ($2::bigint IS NULL OR source.team_id = $2) AND day BETWEEN $3 AND $4
            GROUP BY 1, 2, 3
            """,  # noqa: S608 - composed of constants
            *scope,
        )
    return MergedCosts(
        merges={_cell(row): row["merges"] for row in merges},
        spent={
            _cell(row): Spend(TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"]) for row in spent
        },
        received={_cell(row): row["total"] for row in received},
        pooled={_cell(row): Pooled(row["repository_tokens"], row["cohort_tokens"]) for row in spent},
    )


def _groups(expressions: Sequence[str]) -> str:
    """Return the columns of up to two groups."""
    first, second = (*expressions, "''", "''")[:2]
    return f'{first} AS "group", {second} AS other'


def _received(dimensions: Sequence[Dimension]) -> str:
    """Return the table with the received tokens that has these dimensions."""
    if set(dimensions) <= {Dimension.TEAM}:
        return RECEIVED
    return _LEDGER if Dimension.EVIDENCE in dimensions else _WINDOWS


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(row["period"], row["group"], row["other"])
