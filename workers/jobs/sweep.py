"""Finds what was stored but not processed: after a lost wake-up, a killed worker, an emptied Redis, a due retry."""

import asyncio

import structlog

from schema.queue import Job
from workers.context import WorkerContext
from workers.runner import JobRunner
from workers.stores.upkeep.due_work import find_due

logger = structlog.get_logger()


async def find_due_jobs(context: WorkerContext) -> list[tuple[Job, int]]:
    """Jobs with rows due, each with the organization that has them."""
    async with context.database.operator() as connection:
        return await find_due(connection, context.settings.refit_pause, context.settings.estimate_pause)


async def sweep(context: WorkerContext, runner: JobRunner) -> None:
    """Ask for a job wherever rows are due. While Redis is away run it here instead, so that nothing waits for Redis."""
    due = await find_due_jobs(context)
    if not due:
        return
    if await context.queue.ping():
        woken = [await context.queue.wake(job, organization_id) for job, organization_id in due]
        if any(woken):
            logger.info("sweep_woke", jobs=sum(woken))
        return
    logger.warning("sweep_works_without_redis", jobs=len(due))
    await asyncio.gather(*(runner.run(job, organization_id) for job, organization_id in due))
