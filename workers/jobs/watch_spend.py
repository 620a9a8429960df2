"""Watches the spend of an organization once its days are settled: alerts, and forecasts beside its budgets."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from schema.queue import Job
from workers.alert_rules.alert import sort_out
from workers.alert_rules.watch import watch
from workers.context import WorkerContext
from workers.stores.alerts.announcements import announce
from workers.stores.ledger import alerts, spend_watch


async def watch_spend(context: WorkerContext, organization_id: int) -> None:
    """Watch all days up to the last full one."""
    await context.queue.begun(Job.WATCH_SPEND, organization_id)
    await watch_until(context, organization_id, datetime.now(UTC).date() - timedelta(days=1))


async def watch_until(context: WorkerContext, organization_id: int, until: date) -> None:
    """Watch all days up to one that is over."""
    async with context.database.organization(organization_id) as tenant:
        watched = await spend_watch.load(tenant, until)
    if watched is None:
        return
    # In a thread, because a year of many series would block the worker's other jobs.
    found, forecasts = await asyncio.to_thread(watch, watched)
    async with context.database.organization(organization_id) as tenant:
        news, holding = sort_out(found, await alerts.read_known(tenant, until))
        await alerts.save_alerts(tenant, news, holding, until)
        await spend_watch.save_forecasts(tenant, forecasts, watched.spend.last_day)
        is_queued = await announce(tenant)
    if is_queued:
        await context.queue.wake(Job.DELIVER_ALERTS, organization_id)
