"""Settles stale team-days: loads the windows and what they could mean, calls the pure core, writes the ledger."""

import asyncio

import structlog

from schema.errors import UnavailableError
from schema.queue import Job
from workers.attribution.blocks import data_span
from workers.attribution.methods import CURRENT
from workers.attribution.settle import settle
from workers.context import WorkerContext
from workers.stores import attributions, facts, settlements, token_windows
from workers.stores.settlements import TeamDay

logger = structlog.get_logger()


async def settle_days(context: WorkerContext, organization_id: int) -> None:
    """Work until no team-day is stale; one that fails backs off and holds up no other."""
    await context.queue.begun(Job.SETTLE_DAYS, organization_id)
    while await _settle_next(context, organization_id):
        pass


async def _settle_next(context: WorkerContext, organization_id: int) -> bool:
    """Settle one team-day in one transaction; False when none is due."""
    team_day: TeamDay | None = None
    try:
        async with context.database.organization(organization_id) as connection:
            team_day = await settlements.claim(connection, organization_id)
            if team_day is None:
                return False
            team_id, days = team_day.team_id, [team_day.day]
            span = data_span(days, CURRENT)
            windows = await token_windows.load(connection, organization_id, team_id, span)
            known = await facts.load(connection, organization_id, team_id, span, windows, CURRENT.kernel)
            share = await facts.load_exploratory_share(connection, organization_id)
            # In a thread, so that a large day does not stop the worker's other jobs.
            ledger = await asyncio.to_thread(settle, windows, known, share, CURRENT, days)
            await attributions.replace(connection, organization_id, team_id, days, ledger)
            await settlements.complete(
                connection,
                organization_id,
                team_day,
                tokens=ledger.tokens,
                cost_nano_usd=ledger.cost_nano_usd,
                method=ledger.method,
            )
    except UnavailableError:
        raise
    except Exception as error:
        if team_day is None:
            raise
        await _back_off(context, organization_id, team_day, error)
    return True


async def _back_off(context: WorkerContext, organization_id: int, team_day: TeamDay, error: Exception) -> None:
    failure = type(error).__name__
    logger.warning("settlement_failed", organization_id=organization_id, error=failure)
    async with context.database.organization(organization_id) as connection:
        await settlements.back_off(
            connection,
            organization_id,
            team_day,
            failure=failure,
            retry_limit=context.settings.retry_limit,
            retry_base=context.settings.retry_base,
        )
