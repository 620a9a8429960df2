"""Repairs what webhooks missed: runs each kind of check of each connection when it is due."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

import structlog

from key_services.configured import ring_of
from schema.errors import UnavailableError
from schema.failures import Failure, Standing
from schema.queue import Job
from workers.context import WorkerContext
from workers.fair_queue import take_turn
from workers.forge_access.access import Access
from workers.forge_access.errors import ForgeError, TryLaterError
from workers.forges.gitlab.hook_events import HookSwitchedOffError
from workers.jobs.repairs.deliveries import repair_deliveries
from workers.jobs.repairs.hook_events import PAUSE, repair_hook_events
from workers.jobs.repairs.lists import compare_pull_requests, poll_releases
from workers.stores.forge import repairs
from workers.stores.forge.repairs import Check, RepairKind
from workers.work_failures import failure_of, stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

# A refusal lasts until somebody changes permissions at the forge.
REFUSED_PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(days=1)


async def _failed_deliveries(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    is_gitlab = isinstance(check.access, Access) and check.access.forge == "gitlab"
    return await (repair_hook_events if is_gitlab else repair_deliveries)(context, check)


async def _try_access(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """List the first repositories, which every other check begins with."""
    if isinstance(check.access, Access):
        client = context.forges.open(check.access, context.forges.clock.now())
        await asyncio.to_thread(client.repositories, None)
    return None, LONGEST_PAUSE


# Each returns the new cursor and the pause until the next check; raises ForgeError.
CHECKS: Mapping[RepairKind, Callable[[WorkerContext, Check], Awaitable[tuple[str | None, timedelta]]]] = {
    RepairKind.ACCESS: _try_access,
    RepairKind.DELIVERIES: _failed_deliveries,
    RepairKind.RELEASES: poll_releases,
    RepairKind.COMPARISON: compare_pull_requests,
}


async def repair(context: WorkerContext, organization_id: int) -> None:
    """Run due checks; one that fails backs off and blocks no other."""
    await context.queue.begun(Job.REPAIR, organization_id)
    ring = ring_of(context.settings)
    async with context.database.organization(organization_id) as tenant:
        await repairs.renew_checks(tenant)
    claim = partial(repairs.claim, ring=ring)
    await take_turn(context, Job.REPAIR, organization_id, claim, partial(_take, context))


async def _take(context: WorkerContext, check: Check) -> None:
    """Run one check and record any failure."""
    try:
        cursor, pause = await CHECKS[check.kind](context, check)
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - one failing connection must not block the others
        await _fail(context, check, error)
        return
    async with context.database.organization(check.organization_id) as tenant:
        await repairs.finish(tenant, check, cursor, pause)


async def _fail(context: WorkerContext, check: Check, error: Exception) -> None:
    """Defer until the forge allows it, or back off."""
    failure = failure_of(error)
    stored = _stored(check, error)
    logger.warning(
        "repair_check_failed",
        subject_id=str(check.subject_id),
        kind=check.kind.value,
        failure=stored,
        error=type(error).__name__,
    )
    async with context.database.organization(check.organization_id) as tenant:
        if isinstance(error, TryLaterError):
            await repairs.defer(tenant, check, error.at, stored)
        else:
            await repairs.back_off(tenant, check, stored, _retry(context, error, failure))


def _stored(check: Check, error: Exception) -> str:
    is_redelivery = check.kind is RepairKind.DELIVERIES and failure_of(error) is Failure.ACCESS_FORBIDDEN
    if is_redelivery and isinstance(error, ForgeError):
        return error.stored(Failure.REDELIVERY_FORBIDDEN)
    return stored_failure(error)


def _retry(context: WorkerContext, error: Exception, failure: Failure) -> Retry:
    if isinstance(error, HookSwitchedOffError):
        return Retry(PAUSE, longest=PAUSE)
    if failure.standing in {Standing.REFUSED, Standing.NOT_OFFERED}:
        return Retry(REFUSED_PAUSE, longest=LONGEST_PAUSE)
    return Retry(context.settings.retry_base, longest=REFUSED_PAUSE)
