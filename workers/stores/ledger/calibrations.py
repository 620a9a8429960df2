"""Calibrations of intervals: due teams, the cost of their pull requests, and measured quantiles."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.team_of import TEAM_OF_PULL_REQUEST
from vocabulary.intervals import Doubt, Quantiles

# Errors change slowly, and measuring them means settling weeks of a team again.
PAUSE = timedelta(minutes=15)
# After this time without settlements a team is at rest, and its last calibration covers everything settled.
REST = timedelta(minutes=2)


def due_teams(organization: str = "$1") -> str:
    """Return SQL for teams to calibrate: never calibrated, or settled since and at rest or calibrated long ago."""
    return f"""
SELECT noted.team_id, noted.notes,
       (SELECT max(day) FROM settlement
         WHERE settlement.organization_id = {organization} AND settlement.team_id = noted.team_id
           AND settled_at IS NOT NULL) AS last_day
  FROM (SELECT team_id, array_agg(note_id) AS notes, max(noted_at) AS noted_at FROM stale_calibration
         WHERE organization_id = {organization} GROUP BY team_id) AS noted
  LEFT JOIN (SELECT team_id, min(calibrated_at) AS calibrated_at FROM interval_calibration
              WHERE organization_id = {organization} GROUP BY team_id) AS calibrated
    ON calibrated.team_id = noted.team_id
 WHERE calibrated_at IS NULL OR calibrated_at < now() - interval '{PAUSE.total_seconds()} seconds'
    OR noted_at < now() - interval '{REST.total_seconds()} seconds'
"""  # noqa: S608 - fixed names


_DUE = f"SELECT * FROM ({due_teams()}) AS due WHERE last_day IS NOT NULL ORDER BY team_id"  # noqa: S608 - constants

# Notes are added and deleted but never updated, so that settlements do not wait for each other.
_NOTE = "INSERT INTO stale_calibration (organization_id, team_id) VALUES ($1, $2)"
_TAKE = "DELETE FROM stale_calibration WHERE organization_id = $1 AND note_id = ANY($2::bigint[])"

_MERGED = f"""
SELECT count(*) AS pull_requests, coalesce(sum(pooled), 0)::bigint AS pooled_tokens FROM (
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
       organization_id, team_id, evidence, offset_tokens, measured, method, doubts, direct_error,
       pull_requests, low, high)
SELECT $1, $2, $3, $4, $5, $6, $7::text[], $8::float8, quantile.*
  FROM unnest($9::int[], $10::float8[], $11::float8[]) AS quantile
"""


class Due(NamedTuple):
    """A team to calibrate, the notes of its settlements, and its last settled day."""

    team_id: int
    notes: list[int]
    last_day: date


class Merged(NamedTuple):
    """A team's merged pull requests, and the tokens split to them."""

    pull_requests: int
    pooled_tokens: int


async def find_due(tenant: Tenant) -> list[Due]:
    """Return due teams: never calibrated, or settled since and at rest or calibrated long ago."""
    return [Due(**row) for row in await tenant.fetch(_DUE)]


async def note_settlement(tenant: Tenant, team_id: int) -> None:
    """Note that days of the team were settled, in that transaction, so that it is calibrated later."""
    await tenant.execute(_NOTE, team_id)


async def take_notes(tenant: Tenant, due: Due) -> None:
    """Delete the notes that a calibration covers; later ones stay."""
    await tenant.execute(_TAKE, due.notes)


async def read_merged(tenant: Tenant, team_id: int, since: datetime) -> Merged:
    """Return the team's pull requests merged since an instant."""
    row = await tenant.fetchrow(_MERGED, team_id, since)
    assert row is not None, "a sum always has a row"
    return Merged(**row)


async def clear(tenant: Tenant, team_id: int) -> None:
    """Delete a team's calibration; concurrent calibrations of it wait here."""
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
    doubts: Sequence[Doubt],
    direct_error: float,
    quantiles: Sequence[Quantiles],
) -> None:
    """Save a calibration; call after `clear`."""
    await tenant.execute(
        _SAVE,
        team_id,
        evidence,
        offset,
        measured,
        method,
        list(doubts),
        direct_error,
        *rows_as_columns(list(quantiles)),
    )
