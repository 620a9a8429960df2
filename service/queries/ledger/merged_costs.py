"""Tokens per merged pull request: merges, their cost, and tokens received, by bucket and one dimension."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from schema.vocabulary.tokens import TOKEN_KINDS, TokenCounts
from service.contracts.reconciliation import CostKind
from service.queries.ledger.priced_rollup import ROLLUP_AT
from service.queries.ledger.received import RECEIVED
from service.queries.ledger.spend import Spend, spend_sums

_TOTAL = " + ".join(TOKEN_KINDS)

# Everything attributed to a pull request counts in the period of its merge, whenever it was spent.
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
    """The dimension to group by."""

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
# The expression and the table that split received tokens; they have no repository or feature.
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


# Dimensions that only merged pull requests have, not received tokens.
OF_MERGES_ONLY = set(Dimension) - set(_RECEIVED)


class Cell(NamedTuple):
    """The first day of a bucket, and the group."""

    period: date
    group: str


class Pooled(NamedTuple):
    """Tokens split by repository or by cohort evidence."""

    repository: int = 0
    cohort: int = 0


@dataclass(frozen=True, slots=True)
class MergedCosts:
    """Merges by cell; if the dimension is not in OF_PULL_REQUESTS, by period with an empty group.

    `spent` is attributed to these pull requests, `pooled` is the part of it that was split; `received` are all tokens
    of the period, empty for the dimensions in OF_MERGES_ONLY.
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
    """Read the figures of inclusive UTC days; `bucket` is day, week, month or quarter."""
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
