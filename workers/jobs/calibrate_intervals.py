"""Calibrates the intervals of teams: measures how far their estimates are from what links tell."""

import asyncio
from datetime import UTC, datetime, time, timedelta

from schema.database import Connection
from schema.queue import Job
from workers.attribution.calibration import calibrate_team
from workers.attribution.intervals import offset
from workers.attribution.methods import CURRENT
from workers.attribution.model import COHORT, REPOSITORY
from workers.context import WorkerContext
from workers.stores.ledger import calibrations, pull_request_candidates
from workers.stores.ledger.calibrations import Due
from workers.stores.tokens import token_windows

# Errors are measured on so much of a team's latest work.
SPAN = timedelta(weeks=10)


async def calibrate_intervals(context: WorkerContext, organization_id: int) -> None:
    """Calibrate every team that is due, a transaction each."""
    await context.queue.begun(Job.CALIBRATE_INTERVALS, organization_id)
    async with context.database.organization(organization_id) as connection:
        due = await calibrations.find_due(connection, organization_id)
    for team in due:
        async with context.database.organization(organization_id) as connection:
            await _calibrate(connection, organization_id, team)


async def _calibrate(connection: Connection, organization_id: int, team: Due) -> None:
    span = (team.last_day - SPAN, team.last_day + timedelta(days=1))
    windows = await token_windows.load(connection, organization_id, team.team_id, span)
    known = await pull_request_candidates.load(connection, organization_id, team.team_id, span, windows, CURRENT)
    share = await pull_request_candidates.load_exploratory_share(connection, organization_id)
    since = datetime.combine(span[0], time(), UTC)
    merged = await calibrations.read_merged(connection, organization_id, team.team_id, since)
    await calibrations.clear(connection, organization_id, team.team_id)
    for evidence in (REPOSITORY, COHORT):
        # In a thread, so that weeks of a team do not stop the worker's other jobs.
        found = await asyncio.to_thread(calibrate_team, windows, known, share, CURRENT, evidence)
        await calibrations.save(
            connection,
            organization_id,
            team.team_id,
            evidence=evidence,
            offset=offset(merged.pooled_tokens, merged.pull_requests),
            measured=found.measured,
            method=CURRENT.name,
            quantiles=found.quantiles,
        )
