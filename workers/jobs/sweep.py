"""Finds stored but unprocessed rows: after a lost wake-up, a killed worker, an emptied Redis, or a due retry."""

import asyncio

import structlog

from schema.queue import Job
from workers.context import WorkerContext
from workers.runner import JobRunner
from workers.stores.upkeep.due_work import find_due

logger = structlog.get_logger()


async def find_due_jobs(context: WorkerContext) -> list[tuple[Job, int]]:
    """Return jobs with due rows, each with its organization. Raises SetUpError for a role that may not look."""
    async with context.database.sweep() as swept:
        return await find_due(swept.connection, context.settings.refit_pause, context.settings.estimate_pause)


async def sweep(context: WorkerContext, runner: JobRunner) -> None:
    """Wake every job with due rows. While Redis is unavailable, run the jobs here instead."""
    due = await find_due_jobs(context)
    if not due:
        return
    if await context.queue.ping():
        woken = [await context.queue.wake(job, organization_id) for job, organization_id in due]
        if any(woken):
            logger.info("sweep_woke_jobs", jobs=sum(woken))
        return
    logger.warning("sweep_running_without_redis", jobs=len(due))
    await asyncio.gather(*(runner.run(job, organization_id) for job, organization_id in due))
