"""Drops token events by day, once windows are validated against them and after seven days at the latest."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import structlog

from schema.errors import UnavailableError
from schema.retention import LONGEST_EVENT_RETENTION
from workers.context import WorkerContext
from workers.stores.ledger.invalidate_days import lock_folding
from workers.stores.tokens import raw_partitions, raw_validations, reported_requests

logger = structlog.get_logger()

# Days of partitions created ahead: intake works this long without a worker.
AHEAD = 3


async def make_partitions(context: WorkerContext) -> None:
    """Create missing partitions for today and the next days."""
    today = datetime.now(UTC).date()
    async with context.database.sweep() as swept:
        made = await raw_partitions.days(swept.connection)
    for day in (today + timedelta(days=ahead) for ahead in range(AHEAD + 1)):
        if day not in made:
            await _make(context, day)


async def delete_raw_events(context: WorkerContext) -> None:
    """Drop every day past its retention, oldest first."""
    now = datetime.now(UTC)
    async with context.database.sweep() as swept:
        days = await raw_partitions.days(swept.connection) | await raw_partitions.resting_days(swept.connection)
    for day in sorted(days):
        begins, ends = raw_partitions.span(day)
        is_last_moment = begins + LONGEST_EVENT_RETENTION <= now
        if is_last_moment or ends + context.settings.token_event_retention <= now:
            await _delete_day(context, day, is_last_moment=is_last_moment)


async def _make(context: WorkerContext, day: date) -> None:
    try:
        async with context.database.sweep() as swept:
            await raw_partitions.make(swept.connection, day)
    except (UnavailableError, asyncpg.DeadlockDetectedError) as error:
        # Locks of waiting statements come first; there are days left to try again.
        logger.info("partition_creation_postponed", day=day.isoformat(), error=type(error).__name__)


async def _delete_day(context: WorkerContext, day: date, *, is_last_moment: bool) -> None:
    is_valid = await _validate(context, day)
    if not is_valid and not is_last_moment:
        return
    if not is_valid:
        logger.error("raw_events_not_validated_in_time", received_on=day.isoformat())
    await _keep_requests(context, day)
    try:
        async with context.database.sweep() as swept:
            for organization_id in await raw_validations.open_organizations(swept.connection, day):
                if not is_last_moment:
                    return
                tenant = await swept.organization(organization_id)
                await lock_folding(tenant)
                await raw_validations.give_up(tenant, day)
            for organization_id in await raw_validations.organizations(swept.connection, day):
                tenant = await swept.organization(organization_id)
                await reported_requests.keep_sums(tenant, day)
                await raw_validations.close(tenant, day)
            await raw_partitions.drop(swept.connection, day)
    except (UnavailableError, asyncpg.DeadlockDetectedError) as error:
        logger.info("partition_drop_postponed", day=day.isoformat(), error=type(error).__name__)


async def _keep_requests(context: WorkerContext, day: date) -> None:
    async with context.database.sweep() as swept:
        organizations = await raw_validations.organizations(swept.connection, day)
    for organization_id in organizations:
        async with context.database.organization(organization_id) as tenant:
            await reported_requests.keep(tenant, day)


async def _validate(context: WorkerContext, day: date) -> bool:
    async with context.database.sweep() as swept:
        organizations = await raw_validations.organizations(swept.connection, day)
    are_valid = True
    for organization_id in organizations:
        async with context.database.organization(organization_id) as tenant:
            is_counted, differs = await raw_validations.validate(tenant, day)
        if differs:
            logger.error("windows_differ_from_raw_events", organization_id=organization_id, received_on=day.isoformat())
        are_valid = are_valid and is_counted and not differs
    return are_valid
