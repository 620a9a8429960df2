"""Forge coverage: how many merged pull requests are enriched, and how the contents of releases are known."""

from datetime import date
from typing import NamedTuple

import asyncpg

from schema.database import Tenant

# Rows belong to their repository's team; without days, the period is all time.
_OF_TEAM = """
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = artifact.repository_id
    JOIN team ON team.organization_id = $1 AND team.team_id = coalesce(
        repository.team_id, (SELECT team_id FROM team WHERE organization_id = $1 AND is_default))
    LEFT JOIN enrichment ON enrichment.organization_id = $1 AND enrichment.artifact_id = artifact.artifact_id
"""
_IN_TIME = """
    ($3::date IS NULL OR at >= $3::timestamp AT TIME ZONE 'UTC')
    AND ($4::date IS NULL OR at < ($4 + 1)::timestamp AT TIME ZONE 'UTC')
"""

_PULL_REQUESTS = f"""
    SELECT count(*) AS merged, count(*) FILTER (WHERE enrichment.state = 'processed') AS enriched,
           count(*) FILTER (WHERE enrichment.state = 'waiting') AS waiting
    FROM (SELECT artifact_id, repository_id, merged_at AS at FROM pull_request
          WHERE organization_id = $1 AND state = 'merged') AS artifact {_OF_TEAM}
    WHERE ($2::bigint IS NULL OR team.team_id = $2) AND {_IN_TIME}
"""  # noqa: S608 - composed of constants

_RELEASES = f"""
    SELECT count(*) AS shipping,
           count(*) FILTER (WHERE is_reported AND reported_by IS DISTINCT FROM 'forge') AS imported,
           count(*) FILTER (WHERE is_reported AND reported_by = 'forge') AS compared,
           count(*) FILTER (WHERE enrichment.state = 'waiting') AS waiting,
           coalesce(sum(enrichment.noted_pull_requests), 0) AS noted,
           coalesce(sum(enrichment.confirmed_pull_requests), 0) AS confirmed
    FROM (SELECT artifact_id, repository_id, released_at AS at, is_reported, reported_by FROM release
          WHERE organization_id = $1 AND state IN ('published', 'prerelease', 'tag')) AS artifact {_OF_TEAM}
    WHERE ($2::bigint IS NULL OR team.team_id = $2) AND {_IN_TIME}
"""  # noqa: S608 - composed of constants


class ForgeCoverage(NamedTuple):
    """Counts of pull requests (merged, enriched, waiting) and releases (shipping, imported, compared, waiting).

    Releases also count the pull requests in generated release notes (noted), and those the commits confirm (confirmed).
    """

    pull_requests: asyncpg.Record
    releases: asyncpg.Record


async def read_forge_coverage(
    tenant: Tenant, team_id: int | None, first_day: date | None, last_day: date | None
) -> ForgeCoverage:
    """Count over a range of UTC days, both inclusive; None means unbounded."""
    scope = (team_id, first_day, last_day)
    return ForgeCoverage(await tenant.fetchrow(_PULL_REQUESTS, *scope), await tenant.fetchrow(_RELEASES, *scope))
