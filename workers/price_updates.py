"""Keeps list prices up to date: fetches a newer list if that is turned on, and finds what a newer list changes."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from genai_prices import UpdatePrices
from genai_prices.data_snapshot import set_custom_snapshot
from genai_prices.update_prices import DEFAULT_UPDATE_URL

from schema.queue import Job
from schema.settings import Settings
from workers.context import WorkerContext
from workers.prices.listed import use_newest_list
from workers.stores.tokens.listed_prices import mark_changed
from workers.stores.upkeep.expired import find_organizations

logger = structlog.get_logger()

INTERVAL = timedelta(days=1)


async def update_prices(context: WorkerContext) -> None:
    """Fetch the list if that is turned on, then have the windows of models priced again whose list prices changed.

    That also finds what the list of a newer version changes.
    """
    if context.settings.update_prices:
        await _fetch(context.settings)
    today = datetime.now(UTC).date()
    async with context.database.sweep() as swept:
        organizations = await find_organizations(swept.connection)
    for organization_id in organizations:
        async with context.database.organization(organization_id) as tenant:
            is_stale = await mark_changed(tenant, today)
        if is_stale:
            await context.queue.wake(Job.REPRICE_WINDOWS, organization_id)


async def _fetch(settings: Settings) -> None:
    """Replace the list of this process; keep the present one if the new one cannot be read."""
    updater = UpdatePrices(url=settings.price_list_url or DEFAULT_UPDATE_URL)
    try:
        snapshot = await asyncio.to_thread(updater.fetch)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the list, the present one stays
        logger.warning("price_list_unavailable", error=type(error).__name__)
        return
    if snapshot is not None:
        set_custom_snapshot(snapshot)
        use_newest_list()
        logger.info("price_list_updated", providers=len(snapshot.providers))
