"""Calibrates the intervals of teams: measures how far estimates are from linked tokens."""

import asyncio
from datetime import UTC, datetime, time, timedelta

from schema.database import Tenant
from schema.queue import Job
from workers.attribution.calibration import calibrate_team
from workers.attribution.intervals import offset
from workers.attribution.methods import CURRENT
from workers.attribution.model import COHORT, REPOSITORY
from workers.attribution.settle import settle
from workers.context import WorkerContext
from workers.stores.forge import pull_request_candidates
from workers.stores.ledger import calibrations
from workers.stores.ledger.calibrations import Due
from workers.stores.tokens import token_windows

# How much of a team's latest work errors are measured on.
SPAN = timedelta(weeks=10)


async def calibrate_intervals(context: WorkerContext, organization_id: int) -> None:
    """Calibrate every due team, one transaction each."""
    await context.queue.begun(Job.CALIBRATE_INTERVALS, organization_id)
    async with context.database.organization(organization_id) as tenant:
        due = await calibrations.find_due(tenant)
    for team in due:
        async with context.database.organization(organization_id) as tenant:
            await _calibrate(tenant, team)


async def _calibrate(tenant: Tenant, team: Due) -> None:
    first = team.last_day - SPAN
    span = (first, team.last_day + timedelta(days=1))
    windows = await token_windows.load(tenant, team.team_id, span)
    known = await pull_request_candidates.load(tenant, team.team_id, span, windows, CURRENT)
    share = await pull_request_candidates.load_exploratory_share(tenant)
    since = datetime.combine(first, time(), UTC)
    merged = await calibrations.read_merged(tenant, team.team_id, since)
    await calibrations.take_notes(tenant, team)
    await calibrations.clear(tenant, team.team_id)
    # In threads, because weeks of data would block the worker's other jobs.
    ledger = await asyncio.to_thread(settle, windows, known, share, CURRENT)
    for evidence in (REPOSITORY, COHORT):
        found = await asyncio.to_thread(calibrate_team, windows, known, share, CURRENT, evidence, ledger)
        await calibrations.save(
            tenant,
            team.team_id,
            evidence=evidence,
            offset=offset(merged.pooled_tokens, merged.pull_requests),
            measured=found.measured,
            method=CURRENT.name,
            doubts=found.doubts,
            direct_error=found.direct_error,
            quantiles=found.quantiles,
        )
