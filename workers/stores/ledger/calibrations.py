"""Calibrations of intervals: which teams are due, what their pull requests cost, and what was measured."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.intervals import Quantiles
from schema.team_of import TEAM_OF_PULL_REQUEST

# Errors change slowly, and measuring them means settling weeks of a team once more.
PAUSE = timedelta(minutes=15)

_DUE = """
SELECT settled.team_id, settled.last_day FROM (
    SELECT team_id, max(settled_at) AS settled_at, max(day) AS last_day FROM settlement
     WHERE organization_id = $1 AND settled_at IS NOT NULL GROUP BY team_id
) AS settled
  LEFT JOIN (
    SELECT team_id, min(calibrated_at) AS calibrated_at FROM interval_calibration
     WHERE organization_id = $1 GROUP BY team_id
) AS calibrated ON calibrated.team_id = settled.team_id
 WHERE calibrated_at IS NULL OR (calibrated_at < settled_at AND calibrated_at < now() - $2::interval)
 ORDER BY settled.team_id
"""

_MERGED = f"""
SELECT count(*) AS pull_requests, coalesce(sum(pooled), 0)::bigint AS pooled FROM (
    SELECT (SELECT sum(input_uncached + cache_read + cache_write + output_visible + output_reasoning)
              FROM attribution_rollup AS rollup
             WHERE rollup.organization_id = $1 AND rollup.artifact_id = pull_request.artifact_id
               AND rollup.evidence IN ('repository', 'cohort')) AS pooled
      FROM pull_request
      JOIN repository
        ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
     WHERE pull_request.organization_id = $1 AND pull_request.merged_at >= $3
       AND {TEAM_OF_PULL_REQUEST} = $2
) AS merged
"""  # noqa: S608 - composed of constants

_SAVE = """
INSERT INTO interval_calibration (
       organization_id, team_id, evidence, offset_tokens, measured, method, pull_requests, low, high)
SELECT $1, $2, $3, $4, $5, $6, quantile.*
  FROM unnest($7::int[], $8::float8[], $9::float8[]) AS quantile
"""


class Due(NamedTuple):
    """A team to calibrate, and the last day of it that was settled."""

    team_id: int
    last_day: date


class Merged(NamedTuple):
    """How many pull requests of a team were merged, and the tokens split to them."""

    pull_requests: int
    pooled_tokens: int


async def find_due(tenant: Tenant) -> list[Due]:
    """Teams never calibrated, and those settled since, some time after they were."""
    return [Due(*row) for row in await tenant.fetch(_DUE, PAUSE)]


async def read_merged(tenant: Tenant, team_id: int, since: datetime) -> Merged:
    """The team's pull requests merged since then."""
    row = await tenant.fetchrow(_MERGED, team_id, since)
    assert row is not None, "a sum always has a row"
    return Merged(*row)


async def clear(tenant: Tenant, team_id: int) -> None:
    """Forget what was measured of a team; two that calibrate it wait for each other here."""
    await tenant.connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('interval_calibration', $1))", team_id
    )
    await tenant.execute("DELETE FROM interval_calibration WHERE organization_id = $1 AND team_id = $2", team_id)


async def save(
    tenant: Tenant,
    team_id: int,
    *,
    evidence: str,
    offset: int,
    measured: int,
    method: str,
    quantiles: Sequence[Quantiles],
) -> None:
    """Keep what was measured; after `clear`."""
    await tenant.execute(_SAVE, team_id, evidence, offset, measured, method, *rows_as_columns(list(quantiles)))
