"""Reconciles provider bills with telemetry by day, and prices the ledger accordingly."""

import asyncio
from datetime import UTC, date, datetime, time
from functools import cache

from schema.database import Tenant
from schema.queue import Job
from vocabulary.charges import ChargeKind
from vocabulary.tokens import TokenCounts
from workers.context import WorkerContext
from workers.prices.listed import Sold, Used, list_price
from workers.reconciliation.ledger_costs import ListPrice
from workers.reconciliation.model import SoldModel
from workers.reconciliation.prices import PriceList, effective_prices
from workers.reconciliation.reconcile import NO_COST, reconcile_day, totals_by_team
from workers.stores.billing import reconciliations
from workers.stores.billing.reconciliations import TeamDayCost

# Unit prices are compared for this many tokens, so that fractions of a nano-USD do not vanish.
MILLION = 1_000_000


async def reconcile_days(context: WorkerContext, organization_id: int) -> None:
    """Reconcile each day whose charges or ledger changed, one transaction per day, then delete the change notes.

    A job that is cancelled keeps its notes and starts again.
    """
    await context.queue.begun(Job.RECONCILE_DAYS, organization_id)
    async with context.database.organization(organization_id) as tenant:
        await reconciliations.lock(tenant)
        stale = await reconciliations.find_stale(tenant)
        if stale.notes:
            charges = await reconciliations.load_charges(tenant)
            await reconciliations.replace_prices(tenant, effective_prices(charges))
    for day in stale.days:
        async with context.database.organization(organization_id) as tenant:
            await reconciliations.lock(tenant)
            await _reconcile(tenant, day)
    if stale.days:
        await context.queue.wake(Job.ROLL_UP_SPEND, organization_id)
    if stale.notes:
        async with context.database.organization(organization_id) as tenant:
            await reconciliations.take_notes(tenant, stale.notes)


async def _reconcile(tenant: Tenant, day: date) -> None:
    # Read before the ledger: if the day is settled meanwhile, it is found stale again.
    settled = await reconciliations.load_settled(tenant, day)
    charges = await reconciliations.load_charges(tenant, day)
    shares = await reconciliations.load_shares(tenant, settled, day)
    prices = PriceList(await reconciliations.load_prices(tenant))
    # In a thread, because large days would block the worker's other jobs.
    found = await asyncio.to_thread(reconcile_day, day, charges, shares, prices, _list_prices(day))
    totals = totals_by_team(found.costs)
    await reconciliations.replace_day(
        tenant,
        day,
        comparisons=found.comparisons,
        costs=found.costs,
        teams=[TeamDayCost(team_id, at, *totals.get(team_id, NO_COST)) for team_id, at in settled.items()],
    )


def _list_prices(day: date) -> ListPrice:
    noon = datetime.combine(day, time(12), UTC)

    @cache
    def price(sold: SoldModel, kind: ChargeKind) -> int:
        counted = "output_visible" if kind is ChargeKind.OUTPUT else kind.value
        tokens = TokenCounts(**{counted: MILLION})
        return list_price(Used(tokens), Sold(sold.provider, sold.model), noon) or 0

    return price
