"""Tokens per merged pull request: merges, what they cost, and what arrived meanwhile, by bucket and one dimension."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from schema.tokens import TOKEN_KINDS, TokenCounts
from service.contracts.reconciliation import CostKind
from service.queries.ledger.priced_rollup import ROLLUP_AT
from service.queries.ledger.received import RECEIVED
from service.queries.ledger.spend import Spend, spend_sums

_TOTAL = " + ".join(TOKEN_KINDS)

# Everything attributed to the pull requests merged in a period counts there, whenever it was spent.
_MERGED = f"""
    merged AS (
        SELECT pull_request.artifact_id, date_trunc($5, merged_at AT TIME ZONE 'UTC')::date AS period,
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
    """What the figures can be grouped by."""

    TEAM = "team"
    MODEL = "model"
    REPOSITORY = "repository"
    WORKFLOW = "workflow"
    EVIDENCE = "evidence"
    FEATURE = "feature"


# Of pull requests, so that merges are counted for each group; the others cut tokens only, and share one count.
OF_PULL_REQUESTS = {Dimension.TEAM, Dimension.REPOSITORY, Dimension.FEATURE}
# One feature a pull request, the first by name of those that its labels mean, so that features add up to the whole.
_FEATURE = """
    coalesce((SELECT feature.name FROM feature
              JOIN pull_request_labels AS borne ON borne.organization_id = $1 AND borne.labels && feature.labels
              WHERE feature.organization_id = $1 AND borne.artifact_id = merged.artifact_id
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
# Where the tokens of a period are told apart by a dimension; nothing tells them apart by repository or feature.
_RECEIVED: Mapping[Dimension, tuple[str, str]] = {
    Dimension.TEAM: (
        "(SELECT name FROM team WHERE team.organization_id = $1 AND team.team_id = source.team_id)",
        RECEIVED,
    ),
    Dimension.MODEL: (
        "model",
        "(SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1)",
    ),
    Dimension.WORKFLOW: (
        "workflow",
        "(SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1)",
    ),
    Dimension.EVIDENCE: ("evidence", "(SELECT * FROM attribution_rollup WHERE organization_id = $1)"),
}


# Dimensions by which only what was merged is told apart.
OF_MERGES_ONLY = set(Dimension) - set(_RECEIVED)


class Cell(NamedTuple):
    """The first day of a bucket, and the group."""

    period: date
    group: str


class Pooled(NamedTuple):
    """Tokens that were split by their repository, or by their team and hour alone."""

    repository: int = 0
    cohort: int = 0


@dataclass(frozen=True, slots=True)
class MergedCosts:
    """Merges by cell where the dimension is of pull requests, else by period alone under an empty group.

    `spent` is what was attributed to them, `pooled` the part of its tokens that was split, by evidence; `received` the
    total tokens of each period, empty by repository and feature.
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
    dimension: Dimension,
    cost_kind: CostKind = "list",
) -> MergedCosts:
    """Figures of UTC days, both ends included; `bucket` is day, week, month or quarter."""
    scope = (team_id, first_day, last_day, bucket)
    by = _MERGE_GROUP[dimension]
    group = by if dimension in OF_PULL_REQUESTS else "''"
    merges = await tenant.fetch(
        f'WITH {_MERGED} SELECT period, {group} AS "group", count(*) AS merges FROM merged GROUP BY 1, 2',  # noqa: S608
        *scope,
    )
    spent = await tenant.fetch(
        f"""
        WITH {_MERGED}
        SELECT period, {by} AS "group", {spend_sums("rollup")},
               coalesce(sum({_TOTAL}) FILTER (WHERE rollup.evidence = 'repository'), 0)::bigint AS repository_tokens,
               coalesce(sum({_TOTAL}) FILTER (WHERE rollup.evidence = 'cohort'), 0)::bigint AS cohort_tokens
        FROM merged
        JOIN {ROLLUP_AT[cost_kind]} AS rollup
          ON rollup.organization_id = $1 AND rollup.artifact_id = merged.artifact_id
        GROUP BY 1, 2
        """,  # noqa: S608 - composed of constants
        *scope,
    )
    received = []
    if dimension in _RECEIVED:
        name, source = _RECEIVED[dimension]
        received = await tenant.fetch(
            f"""
            SELECT date_trunc($5, day::timestamp)::date AS period, {name} AS "group", sum({_TOTAL})::bigint AS total
            FROM {source} AS source
            WHERE organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2) AND day BETWEEN $3 AND $4
            GROUP BY 1, 2
            """,  # noqa: S608 - composed of constants
            *scope,
        )
    return MergedCosts(
        merges={Cell(row["period"], row["group"]): row["merges"] for row in merges},
        spent={
            Cell(row["period"], row["group"]): Spend(
                TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"]
            )
            for row in spent
        },
        received={Cell(row["period"], row["group"]): row["total"] for row in received},
        pooled={
            Cell(row["period"], row["group"]): Pooled(row["repository_tokens"], row["cohort_tokens"]) for row in spent
        },
    )
