"""Settles stale team-days: loads windows and candidates, calls the pure core, writes the ledger."""

import asyncio

import structlog

from schema.database import Tenant
from schema.errors import UnavailableError
from schema.queue import Job
from workers.attribution.blocks import data_span
from workers.attribution.ledger import Ledger
from workers.attribution.methods import CURRENT, METHODS
from workers.attribution.settle import settle
from workers.context import WorkerContext
from workers.stores.forge import pull_request_candidates, summaries
from workers.stores.ledger import attributions, calibrations, settlements
from workers.stores.ledger.merged_weeks import sum_next
from workers.stores.ledger.received_weeks import add_received
from workers.stores.ledger.settlements import Claim, TeamDay
from workers.stores.tokens import token_windows
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()


async def settle_days(context: WorkerContext, organization_id: int) -> None:
    """Work until no team-day and no rollup is stale; a day that fails backs off and blocks no other."""
    await context.queue.begun(Job.SETTLE_DAYS, organization_id)
    settled = False
    while await _settle_next(context, organization_id):
        settled = True
    await roll_up_weeks(context, organization_id)
    if settled:
        await context.queue.wake(Job.ROLL_UP_SPEND, organization_id)
        await context.queue.wake(Job.CALIBRATE_INTERVALS, organization_id)


async def roll_up_weeks(context: WorkerContext, organization_id: int) -> None:
    """Work until no changed week is left and all received tokens are rolled up."""
    for sum_some in (sum_next, add_received):
        is_more = True
        while is_more:
            async with context.database.organization(organization_id) as tenant:
                is_more = await sum_some(tenant)


async def _settle_next(context: WorkerContext, organization_id: int) -> bool:
    """Settle days of one team in one transaction; return False when none is due."""
    claim: Claim | None = None
    try:
        async with context.database.organization(organization_id) as tenant:
            claim = await settlements.claim(tenant, context.settings.refit_pause)
            if claim is None:
                return False
            await _settle(tenant, claim)
    except UnavailableError:
        raise
    except Exception as error:
        if claim is None:
            raise
        await _settle_apart(context, organization_id, claim, error)
    return True


async def _settle(tenant: Tenant, claim: Claim) -> None:
    ledger = await compute(tenant, claim)
    before = await summaries.find_shown(tenant, claim.team_id, claim.days)
    await attributions.replace(tenant, claim.team_id, claim.days, ledger)
    await settlements.complete(tenant, claim.team_id, ledger)
    await calibrations.note_settlement(tenant, claim.team_id)
    after = await summaries.find_shown(tenant, claim.team_id, claim.days)
    # Once at the end and in one order, so that settlements never deadlock.
    await summaries.mark(tenant, before | after)


async def compute(tenant: Tenant, claim: Claim) -> Ledger:
    """Compute the ledger of these days by the claimed method, or the current one."""
    method = METHODS.get(claim.method or "", CURRENT)
    span = data_span(claim.days, method)
    windows = await token_windows.load(tenant, claim.team_id, span)
    known = await pull_request_candidates.load(tenant, claim.team_id, span, windows, method)
    share = await pull_request_candidates.load_exploratory_share(tenant)
    # In a thread, because large days would block the worker's other jobs.
    return await asyncio.to_thread(settle, windows, known, share, method, claim.days)


async def _settle_apart(context: WorkerContext, organization_id: int, claim: Claim, error: Exception) -> None:
    """Settle each day alone, so that only the faulty one backs off."""
    if len(claim.days) == 1:
        await _back_off(context, organization_id, TeamDay(claim.team_id, claim.days[0]), error)
        return
    for day in claim.days:
        team_day = TeamDay(claim.team_id, day)
        try:
            async with context.database.organization(organization_id) as tenant:
                if alone := await settlements.claim_day(tenant, team_day, context.settings.refit_pause):
                    await _settle(tenant, alone)
        except UnavailableError:
            raise
        except Exception as own_error:  # noqa: BLE001 - the other days must go on
            await _back_off(context, organization_id, team_day, own_error)


async def _back_off(context: WorkerContext, organization_id: int, team_day: TeamDay, error: Exception) -> None:
    logger.warning("settlement_failed", organization_id=organization_id, error=type(error).__name__)
    async with context.database.organization(organization_id) as tenant:
        await settlements.back_off(tenant, team_day, stored_failure(error), Retry.of(context.settings))
