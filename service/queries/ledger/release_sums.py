"""Releases summed by bucket and up to two dimensions: their number, what they shipped, and its cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from schema.database import Tenant
from schema.team_of import TEAM_OF_RELEASE
from service.contracts.reconciliation import CostKind
from service.queries.ledger.priced_rollup import rollup_of
from service.queries.ledger.spend import Spend, spend_sums
from service.queries.spend.runs import Span
from vocabulary.tokens import TOKEN_KINDS, TokenCounts


class ReleaseDimension(StrEnum):
    """What to group releases by: up to two of these."""

    TEAM = "team"
    REPOSITORY = "repository"
    MODEL = "model"
    WORKFLOW = "workflow"
    EVIDENCE = "evidence"


# Dimensions of releases, which count them per group. The others split tokens only, and share one count.
OF_RELEASES = {ReleaseDimension.TEAM, ReleaseDimension.REPOSITORY}

# A pull request that several releases shipped counts in the first of them. Reverted ones count in none.
_SHIPPED = f"""
    WITH made AS (
        SELECT wanted.bucket::int AS bucket, release.artifact_id, release.released_at, team.name AS team,
               coalesce(repository.label, 'a1_' || encode(repository.artifact_id, 'hex')) AS repository
        FROM unnest($4::date[], $5::date[]) WITH ORDINALITY AS wanted (first_day, last_day, bucket)
        JOIN release ON release.organization_id = $1 AND release.state IN ('published', 'prerelease', 'tag')
         AND release.released_at >= wanted.first_day::timestamp AT TIME ZONE 'UTC'
         AND release.released_at < (wanted.last_day + 1)::timestamp AT TIME ZONE 'UTC'
        JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = release.repository_id
        JOIN team ON team.organization_id = $1 AND team.team_id = {TEAM_OF_RELEASE}
        WHERE ($2::bigint IS NULL OR team.team_id = $2) AND ($3::bytea IS NULL OR release.repository_id = $3)
    ), shipped AS (
        SELECT made.*, link.pull_request_id
        FROM made
        JOIN release_pull_request AS link ON link.organization_id = $1 AND link.release_id = made.artifact_id
        LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = link.pull_request_id
        WHERE outcome.reverted_at IS NULL AND NOT EXISTS (
              SELECT FROM release_pull_request AS other
              JOIN release AS earlier ON earlier.organization_id = $1 AND earlier.artifact_id = other.release_id
              WHERE other.organization_id = $1 AND other.pull_request_id = link.pull_request_id
                AND (earlier.released_at, earlier.artifact_id) < (made.released_at, made.artifact_id))
    )
"""  # noqa: S608 - composed of constants


class Group(NamedTuple):
    """The place of a bucket, from 1, and the groups of up to two dimensions."""

    bucket: int
    first: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseSums:
    """Numbers of releases and of pull requests, and what was spent on these.

    The groups of dimensions that are not in OF_RELEASES are empty in the numbers.
    """

    releases: Mapping[Group, int]
    pull_requests: Mapping[Group, int]
    spent: Mapping[Group, Spend]


async def read_release_sums(
    tenant: Tenant,
    spans: Sequence[Span],
    dimensions: Sequence[ReleaseDimension],
    cost_kind: CostKind,
    team_id: int | None = None,
    repository_id: bytes | None = None,
) -> ReleaseSums:
    """Return the sums of releases of successive spans."""
    scope = (team_id, repository_id, [span.first for span in spans], [span.last for span in spans])
    counted = _groups([each if each in OF_RELEASES else None for each in dimensions])
    numbers = [
        await tenant.fetch(f"{_SHIPPED} SELECT bucket, {counted}, count(*) FROM {rows} GROUP BY 1, 2, 3", *scope)  # noqa: S608
        for rows in ("made", "shipped")
    ]
    spent = await tenant.fetch(
        f"""{_SHIPPED}
        SELECT bucket, {_groups(dimensions)}, {spend_sums("rollup")}
        FROM shipped
        CROSS JOIN LATERAL {rollup_of(cost_kind, "artifact_id = shipped.pull_request_id")} AS rollup
        GROUP BY 1, 2, 3
        """,  # noqa: S608 - composed of constants
        *scope,
    )
    releases, pull_requests = ({_group(row): row["count"] for row in rows} for rows in numbers)
    costs = {
        _group(row): Spend(TokenCounts(*(row[kind] for kind in TOKEN_KINDS)), row["cost_nano_usd"]) for row in spent
    }
    return ReleaseSums(releases, pull_requests, costs)


def _groups(dimensions: Sequence[ReleaseDimension | None]) -> str:
    """Return the columns of up to two groups."""
    first, second = (*(each.value if each else "''" for each in dimensions), "''", "''")[:2]
    return f"{first} AS first, {second} AS second"


def _group(row: Mapping[str, Any]) -> Group:
    return Group(row["bucket"], row["first"], row["second"])
