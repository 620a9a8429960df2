"""Prices windows again after prices changed: by a contract, or by a newer price list."""

from datetime import UTC, datetime

from schema.queue import Job
from workers.context import WorkerContext
from workers.stores.ledger.invalidate_days import lock_folding
from workers.stores.ledger.settlements import mark_days
from workers.stores.tokens import repriced_windows
from workers.stores.tokens.contract_prices import load_price_list


async def reprice_windows(context: WorkerContext, organization_id: int) -> None:
    """Work until no note is left. Wake settlement after each transaction that changed a window."""
    await context.queue.begun(Job.REPRICE_WINDOWS, organization_id)
    today = datetime.now(UTC).date()
    while True:
        async with context.database.organization(organization_id) as tenant:
            await lock_folding(tenant)
            note = await repriced_windows.claim(tenant)
            if note is None:
                return
            days = await repriced_windows.reprice(tenant, note, await load_price_list(tenant))
            if days:
                await mark_days(tenant, days)
            await repriced_windows.go_on(tenant, note, today)
        if days:
            await context.queue.wake(Job.SETTLE_DAYS, organization_id)
