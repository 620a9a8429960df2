"""Deletes raw rows after their retention, once derived data has been validated against them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from schema.database import Tenant
from schema.retention import LONGEST_EVENT_RETENTION, REQUEST_RETENTION, SERIES_RETENTION
from workers.context import WorkerContext
from workers.jobs.delete_raw_events import delete_raw_events, make_partitions
from workers.stores.forge import summaries
from workers.stores.tokens.raw_partitions import oldest_event
from workers.stores.upkeep import expired

logger = structlog.get_logger()


async def delete_expired(context: WorkerContext) -> None:
    """Delete expired rows of every organization in short transactions, so that intake never waits."""
    context.memberships.forget_old(datetime.now(UTC))
    await make_partitions(context)
    await delete_raw_events(context)
    async with context.database.sweep() as swept:
        organizations = await expired.find_organizations(swept.connection)
        oldest = await oldest_event(swept.connection)
    for organization_id in organizations:
        await _delete_bodies(context, organization_id)
        await _delete_sessions(context, organization_id, oldest)
        await _delete_measured(context, organization_id)
        await _delete_gateway_usage(context, organization_id)
        async with context.database.organization(organization_id) as tenant:
            await expired.delete_sign_in_links(tenant)
            await expired.delete_unfinished_apps(tenant)
            await summaries.forget(tenant, datetime.now(UTC))


async def _delete_bodies(context: WorkerContext, organization_id: int) -> None:
    until = _before(context.settings.delivery_retention)
    await _in_batches(context, organization_id, partial(expired.delete_bodies, until=until))
    async with context.database.organization(organization_id) as tenant:
        await expired.delete_names(tenant, until)


async def _delete_sessions(context: WorkerContext, organization_id: int, oldest: datetime) -> None:
    """Delete session evidence, session trails, ids of metric events and event prices, which live as long as events."""
    until = _before(context.settings.token_event_retention)
    delete = partial(expired.delete_session_evidence, until=until, at_the_latest=_before(LONGEST_EVENT_RETENTION))
    await _in_batches(context, organization_id, delete)
    await _in_batches(context, organization_id, partial(expired.delete_trails, before=oldest))
    await _in_batches(context, organization_id, partial(expired.delete_metric_events, before=oldest))
    async with context.database.organization(organization_id) as tenant:
        await expired.delete_prices(tenant, oldest)


async def _delete_measured(context: WorkerContext, organization_id: int) -> None:
    for delete, retention in (
        (expired.delete_superseded, context.settings.token_event_retention),
        (expired.delete_measurements, context.settings.token_event_retention),
        (expired.delete_tallies, context.settings.token_event_retention),
        (expired.delete_idle_series, SERIES_RETENTION),
        (expired.delete_idle_groups, SERIES_RETENTION),
        (expired.delete_reported_requests, REQUEST_RETENTION),
        (expired.delete_unnamed_requests, REQUEST_RETENTION),
        (expired.delete_metered_hours, REQUEST_RETENTION),
    ):
        await _in_batches(context, organization_id, partial(delete, until=_before(retention)))


async def _delete_gateway_usage(context: WorkerContext, organization_id: int) -> None:
    async with context.database.organization(organization_id) as tenant:
        proven = await expired.are_gateway_bytes_proven(tenant)
    if not proven:
        logger.error("gateway_sums_differ_from_intake", organization_id=organization_id)
    until = _before(context.settings.token_event_retention if proven else LONGEST_EVENT_RETENTION)
    await _in_batches(context, organization_id, partial(expired.delete_gateway_usage, until=until))


def _before(retention: timedelta) -> datetime:
    return datetime.now(UTC) - retention


async def _in_batches(context: WorkerContext, organization_id: int, delete: Callable[[Tenant], Awaitable[int]]) -> None:
    """Repeat a delete, one transaction each, until a batch is not full."""
    while True:
        async with context.database.organization(organization_id) as tenant:
            if await delete(tenant) < expired.BATCH:
                return
