"""Pull requests merged in some periods, by team or repository, and everything spent on them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from service.contracts.reconciliation import CostKind
from service.queries.spend.merged_sums import MergedSum
from service.queries.spend.runs import Span, runs_of

_BY_TEAM = """
    SELECT bucket, value AS team_id, sum(pull_requests * sign)::bigint AS pull_requests,
           sum(tokens * sign)::bigint AS tokens, sum({kind}_nano_usd * sign)::bigint AS nano_usd
    FROM unnest($2::int[], $3::text[], $4::date[], $5::date[], $6::int[]) AS run (bucket, grain, begins, ends, sign)
    CROSS JOIN LATERAL (
        SELECT value, pull_requests, tokens, {kind}_nano_usd FROM merged_cut
        WHERE organization_id = $1 AND cut = 'team' AND grain = run.grain AND period >= run.begins
          AND period < run.ends {condition}
        OFFSET 0
    ) AS known
    GROUP BY bucket, value
"""
_SOME_TEAMS = "AND value = ANY($7::bigint[])"
# Pull requests of one repository may be of several teams, whose calibrations differ.
_BY_REPOSITORY = """
    SELECT bucket, pull_request.repository_id, merged.team_id, count(*) AS pull_requests,
           sum(merged.tokens)::bigint AS tokens, sum(merged.{kind}_nano_usd)::bigint AS nano_usd,
           sum(merged.linked_tokens)::bigint AS linked_tokens
    FROM unnest($2::int[], $3::date[], $4::date[]) AS wanted (bucket, first, last)
    JOIN pull_request_spend AS merged ON merged.organization_id = $1 AND merged.state = 'merged'
     AND merged.merged_at >= wanted.first::timestamp AT TIME ZONE 'UTC'
     AND merged.merged_at < (wanted.last + 1)::timestamp AT TIME ZONE 'UTC'
     AND ($5::bigint IS NULL OR merged.team_id = $5)
    JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = merged.artifact_id
    GROUP BY 1, 2, 3
"""
_REPOSITORIES = """
    SELECT repository.artifact_id, coalesce(label, 'a1_' || encode(repository.artifact_id, 'hex')) AS name, team.team_id
    FROM repository
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = repository.team_id
    WHERE repository.organization_id = $1
"""


class RepositoryMerges(NamedTuple):
    """Pull requests of a repository and a team; `linked_tokens` of their tokens are linked directly."""

    repository_id: bytes
    team_id: int
    merged: MergedSum
    linked_tokens: int


class RepositoryOfTeam(NamedTuple):
    """A repository: its name as it is shown, and its present team, if any."""

    artifact_id: bytes
    name: str
    team_id: int | None


async def read_merges_by_team(
    tenant: Tenant, spans: Sequence[Span | None], cost_kind: CostKind, team_ids: Sequence[int] | None = None
) -> list[dict[int, MergedSum]]:
    """Return the sums of each span by team id, of some teams or of all; those of None are empty."""
    runs: list[tuple[object, ...]] = [
        (bucket, run.grain, run.begins, run.ends, run.sign)
        for bucket, span in enumerate(spans)
        if span is not None
        for run in runs_of(span)
    ]
    found: list[dict[int, MergedSum]] = [{} for _ in spans]
    if not runs:
        return found
    statement = _BY_TEAM.format(kind=cost_kind, condition="" if team_ids is None else _SOME_TEAMS)
    for row in await tenant.fetch(statement, *rows_as_columns(runs), *([] if team_ids is None else [list(team_ids)])):
        merged = MergedSum(row["pull_requests"], row["tokens"], row["nano_usd"])
        if any(merged):
            found[row["bucket"]][row["team_id"]] = merged
    return found


async def read_merges_by_repository(
    tenant: Tenant, spans: Sequence[Span | None], cost_kind: CostKind, team_id: int | None
) -> list[list[RepositoryMerges]]:
    """Return the sums of each span by repository and team; those of None are empty."""
    wanted: list[tuple[int, date, date]] = [(place, *span) for place, span in enumerate(spans) if span is not None]
    found: list[list[RepositoryMerges]] = [[] for _ in spans]
    if not wanted:
        return found
    for row in await tenant.fetch(_BY_REPOSITORY.format(kind=cost_kind), *rows_as_columns(wanted), team_id):
        merged = MergedSum(row["pull_requests"], row["tokens"], row["nano_usd"])
        found[row["bucket"]].append(
            RepositoryMerges(row["repository_id"], row["team_id"], merged, row["linked_tokens"])
        )
    return found


async def read_repositories_of_teams(tenant: Tenant) -> list[RepositoryOfTeam]:
    """Return all repositories."""
    return [RepositoryOfTeam(**row) for row in await tenant.fetch(_REPOSITORIES)]
