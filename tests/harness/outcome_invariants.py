"""Invariants of reported outcomes: every cut sums to what was reported, by team and all together."""

import asyncpg

_REPORTED = """
    SELECT coalesce(sum(number), 0), coalesce(sum(successes), 0),
           coalesce(sum(number) FILTER (WHERE successes IS NOT NULL), 0), coalesce(sum(quality::numeric * number), 0),
           coalesce(sum(number) FILTER (WHERE quality IS NOT NULL), 0)
      FROM reported_outcome WHERE organization_id = $1
"""
_CUTS = """
    SELECT cut, team_id = 0 AS of_all, grain, sum(outcomes), sum(successes), sum(with_success), sum(quality),
           sum(with_quality)
      FROM outcome_cut WHERE organization_id = $1 GROUP BY 1, 2, 3
"""


async def assert_outcomes(connection: asyncpg.Connection, organization_id: int) -> None:
    """Check all cuts, unless some day waits for its sums."""
    if await connection.fetchval("SELECT count(*) FROM stale_outcome WHERE organization_id = $1", organization_id):
        return
    reported = tuple(await connection.fetchrow(_REPORTED, organization_id))
    for cut, of_all, grain, *sums in await connection.fetch(_CUTS, organization_id):
        assert tuple(sums) == reported, f"outcomes by {cut!r} and {grain} ({of_all=}) differ: {sums}, {reported}"
