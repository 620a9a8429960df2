"""Runs one job for one organization. No failure reaches the queue, and no error text reaches a log."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

import structlog
from prometheus_client import Counter, Histogram

from schema.errors import SetUpError, UnavailableError
from schema.queue import Job
from schema.shares import Shares
from workers.context import WorkerContext

logger = structlog.get_logger()

JobFunction: TypeAlias = Callable[[WorkerContext, int], Awaitable[None]]

# A job runs until no work is left; the sweep finds what a timeout leaves undone.
JOB_TIMEOUT = timedelta(minutes=10)
# Percent of the concurrent jobs that one organization may have.
ORGANIZATION_SHARE = 60
# How long a stopping worker waits for running jobs; a cancelled job rolls back and is found by the sweep.
FINISH_TIME = timedelta(seconds=5)

JOB_SECONDS = Histogram(
    "shipledger_job_seconds", "Duration of jobs", ["job"], buckets=(0.01, 0.1, 0.5, 1, 5, 30, 120, 600)
)
JOB_FAILURES = Counter("shipledger_job_failures", "Failed jobs; their rows wait for the next run", ["job"])


class JobRunner:
    """Runs jobs with the context, a limit on connections and a timeout.

    A failed job is only logged: its rows keep their own retries, and the sweep enqueues the job again. Each job runs
    once at a time per organization, because a second run would only wait for the locks of the first.
    """

    def __init__(
        self, context: WorkerContext, jobs: Mapping[Job, JobFunction], timeout: timedelta = JOB_TIMEOUT
    ) -> None:
        self._context = context
        self._jobs = jobs
        self._timeout = timeout
        # A job may need a second connection while it holds one: limiting jobs to half the pool avoids a deadlock.
        most = max(1, context.settings.database_pool_size // 2)
        self._running = asyncio.Semaphore(most)
        # The jobs of one organization leave room for those of others.
        self._shares = Shares(max(1, most * ORGANIZATION_SHARE // 100))
        # Queued or running jobs, and whether each was requested again since it started.
        self._needs_run: dict[tuple[Job, int], bool] = {}

    async def run(self, job: Job, organization_id: int) -> None:
        """Run the job to its end; raises KeyError for an unregistered job and otherwise only cancellation.

        If the job is already running, it runs once more afterwards to pick up rows it no longer sees.
        """
        function, key = self._jobs[job], (job, organization_id)
        if key in self._needs_run:
            self._needs_run[key] = True
            return
        self._needs_run[key] = True
        try:
            while self._needs_run[key]:
                await self._run(job, function, organization_id)
        finally:
            del self._needs_run[key]

    async def _run(self, job: Job, function: JobFunction, organization_id: int) -> None:
        async with self._shares.hold(organization_id), self._running:
            self._needs_run[job, organization_id] = False
            try:
                with JOB_SECONDS.labels(job.value).time():
                    async with asyncio.timeout(self._timeout.total_seconds()):
                        await function(self._context, organization_id)
            except UnavailableError:
                # The database handle logs an outage once; the sweep finds the rows afterwards.
                JOB_FAILURES.labels(job.value).inc()
            except SetUpError as error:
                JOB_FAILURES.labels(job.value).inc()
                logger.error("job_not_set_up", job=job.value, organization_id=organization_id, detail=error.detail)  # noqa: TRY400 - its detail says what to change
            except Exception as error:  # noqa: BLE001 - the worker must go on; only the type is safe to log
                JOB_FAILURES.labels(job.value).inc()
                logger.error(  # noqa: TRY400 - a traceback would carry the error's text
                    "job_failed", job=job.value, organization_id=organization_id, error=type(error).__name__
                )


async def finish(tasks: list[asyncio.Task[Any]], limit: timedelta = FINISH_TIME) -> None:
    """Wait for running jobs, then cancel those that take longer than `limit`."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=limit.total_seconds())
        for task in late:
            task.cancel()
        # Outcomes are in the database; an error here only means that arq lost Redis while reporting the end of a job.
        await asyncio.gather(*tasks, return_exceptions=True)
