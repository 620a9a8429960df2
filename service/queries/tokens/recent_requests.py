"""The last model requests that are still stored: who sent them, how late, and what they say of the work."""

from datetime import datetime
from typing import Final, NamedTuple

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS

# Enough for shares, and few enough to be read while a page is opened.
SAMPLE: Final = 2_000

# What its session is known by counts as if a request named it.
_RECENT = f"""
    SELECT event.source, event.received_at, event.occurred_at,
           coalesce(event.repository, seen.repository) AS repository, session IS NOT NULL AS has_session,
           num_nonnulls(artifact, number) > 0 OR seen.has_number AS has_number,
           commit IS NOT NULL OR seen.has_commit AS has_commit, branch IS NOT NULL OR seen.has_branch AS has_branch,
           {" + ".join(TOKEN_KINDS)} AS tokens
    FROM (SELECT * FROM token_event WHERE organization_id = $1 ORDER BY received_at DESC LIMIT $2) AS event
    CROSS JOIN LATERAL (
        SELECT (array_agg(repository) FILTER (WHERE repository IS NOT NULL))[1] AS repository,
               coalesce(bool_or(num_nonnulls(artifact, number) > 0), false) AS has_number,
               coalesce(bool_or(commit IS NOT NULL), false) AS has_commit,
               coalesce(bool_or(branch IS NOT NULL), false) AS has_branch
        FROM session_evidence WHERE organization_id = $1 AND session_evidence.session = event.session
    ) AS seen
"""  # noqa: S608 - composed of constants
_BY_SOURCE = f"""
    SELECT source, count(*) AS requests, sum(tokens)::bigint AS tokens, max(received_at) AS heard_at,
           count(*) FILTER (WHERE has_number) AS with_number, count(*) FILTER (WHERE has_commit) AS with_commit,
           count(*) FILTER (WHERE has_branch) AS with_branch, count(*) FILTER (WHERE has_session) AS with_session,
           count(repository) AS with_repository,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
               ORDER BY extract(epoch FROM greatest(received_at - occurred_at, interval '0'))::float8) AS lag
    FROM ({_RECENT}) AS recent GROUP BY GROUPING SETS ((source), ())
"""  # noqa: S608 - composed of constants
# Names in telemetry are hashed like the names of repositories.
_REPOSITORIES = f"""
    SELECT count(*) AS named, count(*) FILTER (WHERE NOT is_known) AS unknown,
           coalesce(sum(tokens) FILTER (WHERE NOT is_known), 0)::bigint AS tokens
    FROM (SELECT tokens, EXISTS (
              SELECT FROM artifact_alias WHERE organization_id = $1 AND kind = 'repository'
              AND alias = named.repository
              AND EXISTS (SELECT FROM pull_request WHERE organization_id = $1
                          AND pull_request.repository_id = artifact_alias.artifact_id)) AS is_known
          FROM (SELECT repository, sum(tokens) AS tokens FROM ({_RECENT}) AS recent
                WHERE repository IS NOT NULL GROUP BY repository) AS named) AS named
"""  # noqa: S608 - composed of constants
_COLUMNS = (
    *("requests", "tokens", "heard_at"),
    *("with_number", "with_commit", "with_branch", "with_session", "with_repository"),
)
_SOURCES = "SELECT source, seen_at FROM known_source WHERE organization_id = $1 ORDER BY source"


class Delay(NamedTuple):
    """Seconds from a request to its arrival, of half of the requests and of 95 % of them."""

    half: float
    most: float


class SourceRequests(NamedTuple):
    """The requests of one source, or of all (an empty name), and how many of them name what."""

    source: str
    requests: int
    tokens: int
    heard_at: datetime
    with_number: int
    with_commit: int
    with_branch: int
    with_session: int
    with_repository: int
    delay: Delay


class NamedRepositories(NamedTuple):
    """Repositories that the last requests name, those without any pull request, and their tokens."""

    named: int = 0
    unknown: int = 0
    tokens: int = 0


async def read_recent_requests(tenant: Tenant) -> list[SourceRequests]:
    """Return the last requests by source, and of all of them; empty if none is stored."""
    rows = await tenant.fetch(_BY_SOURCE, SAMPLE)
    return [
        SourceRequests(source=row["source"] or "", delay=Delay(*row["lag"]), **{name: row[name] for name in _COLUMNS})
        for row in rows
        if row["requests"]
    ]


async def read_named_repositories(tenant: Tenant) -> NamedRepositories:
    """Return how many repositories the last requests name, and how many of those no pull request knows."""
    return NamedRepositories(**await tenant.fetchrow(_REPOSITORIES, SAMPLE))


async def read_known_sources(tenant: Tenant) -> dict[str, datetime]:
    """Return when each source was last heard, to the hour."""
    return {row["source"]: row["seen_at"] for row in await tenant.fetch(_SOURCES)}
