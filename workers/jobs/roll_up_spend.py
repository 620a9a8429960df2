"""Rolls up spend and outcomes of the days that changed, so that questions about them read few rows."""

from schema.database import Tenant
from schema.queue import Job
from workers.context import WorkerContext
from workers.stores.spend import artifacts, outcome_cuts, stale
from workers.stores.spend.cuts import add_changes
from workers.stores.spend.days import replace_days
from workers.stores.spend.first_uses import find_changes
from workers.stores.spend.pieces import collect_pieces
from workers.stores.spend.work import replace_work


async def roll_up_spend(context: WorkerContext, organization_id: int) -> None:
    """Work until no note is left, one transaction for some pull requests or team-days."""
    await context.queue.begun(Job.ROLL_UP_SPEND, organization_id)
    is_more = True
    while is_more:
        async with context.database.organization(organization_id) as tenant:
            await stale.lock_spend(tenant)
            # Compiling statements takes longer than running them, and so does sorting sums that would fit in memory.
            async with tenant.planner(jit="off", work_mem="64MB"):
                is_more = (
                    await roll_up_noted(tenant) or await roll_up_next(tenant) or await outcome_cuts.sum_days(tenant)
                )


async def roll_up_noted(tenant: Tenant) -> bool:
    """Update some pull requests and releases that are noted; return False when there are none."""
    noted = await stale.find_days(tenant)
    if noted:
        await artifacts.save_noted(tenant, noted)
    return bool(noted)


async def roll_up_next(tenant: Tenant) -> bool:
    """Roll up some stale team-days; return False when there are none."""
    days = await stale.take_days(tenant)
    if not days:
        return False
    await collect_pieces(tenant, days)
    await replace_days(tenant)
    await replace_work(tenant)
    await artifacts.save_work(tenant)
    await add_changes(tenant)
    await find_changes(tenant)
    return True
