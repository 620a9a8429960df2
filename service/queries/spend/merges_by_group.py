"""Pull requests merged in some periods, by team or repository, and everything spent on them."""

from collections.abc import Sequence
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from service.contracts.reconciliation import CostKind
from service.queries.spend.merged_sums import MergedSum
from service.queries.spend.runs import Run, Span, runs_of
from vocabulary.tokens import TOKEN_KINDS

# Tokens that were split between pull requests, by evidence.
POOLED = ("repository_tokens", "cohort_tokens")
_RUNS = "unnest($2::int[], $3::text[], $4::date[], $5::date[], $6::int[]) AS run (bucket, grain, begins, ends, sign)"
_IN_RUN = "period >= run.begins AND period < run.ends"
# Period by period, because what others have stands between.
_SINGLE = "unnest($2::int[], $3::text[], $4::date[], $5::int[]) AS run (bucket, grain, period, sign)"
_BY_TEAM = """
    SELECT bucket, value AS team_id, sum(pull_requests * sign)::bigint AS pull_requests,
           sum(tokens * sign)::bigint AS tokens, sum({{kind}}_nano_usd * sign)::bigint AS nano_usd
    FROM {runs}
    CROSS JOIN LATERAL (
        SELECT value, pull_requests, tokens, {{kind}}_nano_usd FROM merged_cut
        WHERE organization_id = $1 AND cut = 'team' AND grain = run.grain AND {period} OFFSET 0
    ) AS known
    GROUP BY bucket, value
"""
_ALL_TEAMS = _BY_TEAM.format(runs=_RUNS, period=_IN_RUN)
_SOME_TEAMS = _BY_TEAM.format(runs=_SINGLE, period="period = run.period AND value = ANY($6::bigint[])")
# Pull requests of one repository may be of several teams, whose calibrations differ.
_BY_REPOSITORY = f"""
    SELECT bucket, first::bigint AS team_id, decode(second, 'hex') AS repository_id,
           {", ".join(f"sum({name} * sign)::bigint AS {name}" for name in ("pull_requests", "tokens", *POOLED))},
           sum({{{{kind}}}}_nano_usd * sign)::bigint AS nano_usd
    FROM {{runs}}
    CROSS JOIN LATERAL (
        SELECT first, second, pull_requests, {" + ".join(TOKEN_KINDS)} AS tokens, {", ".join(POOLED)},
               {{{{kind}}}}_nano_usd
        FROM merged_spend
        WHERE organization_id = $1 AND cut = 'team,repository' AND grain = run.grain AND {{period}} OFFSET 0
    ) AS known
    GROUP BY bucket, first, second
"""  # noqa: S608 - composed of constants
_OF_ALL = _BY_REPOSITORY.format(runs=_RUNS, period=_IN_RUN)
_OF_TEAM = _BY_REPOSITORY.format(runs=_SINGLE, period="period = run.period AND first = $6::bigint::text")
_SOME_REPOSITORIES = f"""
    SELECT bucket, decode(repository, 'hex') AS repository_id, sum(pull_requests * sign)::bigint AS pull_requests,
           sum(tokens * sign)::bigint AS tokens, sum({{kind}}_nano_usd * sign)::bigint AS nano_usd
    FROM {_SINGLE}
    CROSS JOIN LATERAL (
        SELECT first AS repository, pull_requests, {" + ".join(TOKEN_KINDS)} AS tokens, {{kind}}_nano_usd
        FROM merged_spend
        WHERE organization_id = $1 AND cut = 'repository' AND grain = run.grain AND period = run.period
          AND first = ANY($6::text[]) OFFSET 0
    ) AS known
    GROUP BY bucket, repository
"""  # noqa: S608 - composed of constants
_REPOSITORIES = """
    SELECT repository.artifact_id, coalesce(label, 'a1_' || encode(repository.artifact_id, 'hex')) AS name, team.team_id
    FROM repository
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = repository.team_id
    WHERE repository.organization_id = $1
"""


class RepositoryMerges(NamedTuple):
    """Pull requests of a repository and a team; the other tokens are linked directly."""

    repository_id: bytes
    team_id: int
    merged: MergedSum
    repository_tokens: int
    cohort_tokens: int


class RepositoryOfTeam(NamedTuple):
    """A repository: its name as it is shown, and its present team, if any."""

    artifact_id: bytes
    name: str
    team_id: int | None


async def read_merges_by_team(
    tenant: Tenant, spans: Sequence[Span | None], cost_kind: CostKind, team_ids: Sequence[int] | None = None
) -> list[dict[int, MergedSum]]:
    """Return the sums of each span by team id, of some teams or of all; those of None are empty."""
    found: list[dict[int, MergedSum]] = [{} for _ in spans]
    if team_ids is None:
        rows = await tenant.fetch(_ALL_TEAMS.format(kind=cost_kind), *_runs(spans))
    else:
        rows = await tenant.fetch(_SOME_TEAMS.format(kind=cost_kind), *_single(spans), list(team_ids))
    for row in rows:
        merged = MergedSum(row["pull_requests"], row["tokens"], row["nano_usd"])
        if any(merged):
            found[row["bucket"]][row["team_id"]] = merged
    return found


async def read_merges_by_repository(
    tenant: Tenant, spans: Sequence[Span | None], cost_kind: CostKind, team_id: int | None
) -> list[list[RepositoryMerges]]:
    """Return the sums of each span by repository and team; those of None are empty."""
    found: list[list[RepositoryMerges]] = [[] for _ in spans]
    if team_id is None:
        rows = await tenant.fetch(_OF_ALL.format(kind=cost_kind), *_runs(spans))
    else:
        rows = await tenant.fetch(_OF_TEAM.format(kind=cost_kind), *_single(spans), team_id)
    for row in rows:
        merged = MergedSum(row["pull_requests"], row["tokens"], row["nano_usd"])
        if any(merged):
            found[row["bucket"]].append(
                RepositoryMerges(row["repository_id"], row["team_id"], merged, *(row[name] for name in POOLED))
            )
    return found


async def read_merges_of_repositories(
    tenant: Tenant, spans: Sequence[Span | None], cost_kind: CostKind, repositories: Sequence[bytes]
) -> list[dict[bytes, MergedSum]]:
    """Return the sums of each span of some repositories, of all teams together; those of None are empty."""
    found: list[dict[bytes, MergedSum]] = [{} for _ in spans]
    names = [each.hex() for each in repositories]
    for row in await tenant.fetch(_SOME_REPOSITORIES.format(kind=cost_kind), *_single(spans), names):
        merged = MergedSum(row["pull_requests"], row["tokens"], row["nano_usd"])
        if any(merged):
            found[row["bucket"]][row["repository_id"]] = merged
    return found


async def read_repositories_of_teams(tenant: Tenant) -> list[RepositoryOfTeam]:
    """Return all repositories."""
    return [RepositoryOfTeam(**row) for row in await tenant.fetch(_REPOSITORIES)]


def _runs(spans: Sequence[Span | None]) -> list[list[object]]:
    """Return bucket, grain, bounds and sign of the sums that spans are made of, as columns."""
    return _as_columns([(bucket, *run) for bucket, run in _numbered(spans)], 5)


def _single(spans: Sequence[Span | None]) -> list[list[object]]:
    """Return bucket, grain, period and sign of each of these sums, as columns."""
    runs = [(bucket, run.grain, period, run.sign) for bucket, run in _numbered(spans) for period in run.periods()]
    return _as_columns(runs, 4)


def _numbered(spans: Sequence[Span | None]) -> list[tuple[int, Run]]:
    return [(bucket, run) for bucket, span in enumerate(spans) if span is not None for run in runs_of(span)]


def _as_columns(rows: Sequence[tuple[object, ...]], number: int) -> list[list[object]]:
    return rows_as_columns(rows) if rows else [[] for _ in range(number)]
