"""Runs one job for one organization, so that no failure reaches the queue and no error text reaches a log."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

import structlog
from prometheus_client import Counter, Histogram

from schema.queue import Job
from workers.context import WorkerContext

logger = structlog.get_logger()

JobFunction: TypeAlias = Callable[[WorkerContext, int], Awaitable[None]]

# A job works until nothing waits; whatever a cut leaves undone is found by the sweep.
JOB_TIMEOUT = timedelta(minutes=10)
# How long a stopping worker waits for jobs under way; what is cut off then rolls back and is found again.
FINISH_TIME = timedelta(seconds=5)

JOB_SECONDS = Histogram(
    "shipledger_job_seconds", "How long jobs worked", ["job"], buckets=(0.01, 0.1, 0.5, 1, 5, 30, 120, 600)
)
JOB_FAILURES = Counter("shipledger_job_failures", "Jobs that ended early; their rows wait for the next", ["job"])


class JobRunner:
    """Gives jobs their context, a share of the connections and a time limit.

    A failed job is only reported: its rows still wait, carry their own retries, and the sweep asks for the job again.
    Of one job of an organization one runs at a time: a second would only wait for the locks of the first.
    """

    def __init__(
        self, context: WorkerContext, jobs: Mapping[Job, JobFunction], timeout: timedelta = JOB_TIMEOUT
    ) -> None:
        self._context = context
        self._jobs = jobs
        self._timeout = timeout
        # A job may need a second connection while it holds one; with half the pool each, none waits for the other.
        self._share = asyncio.Semaphore(max(1, context.settings.database_pool_size // 2))
        # Jobs that wait or run, and whether they were asked for since they began.
        self._is_asked_again: dict[tuple[Job, int], bool] = {}

    async def run(self, job: Job, organization_id: int) -> None:
        """Run it to its end; raises KeyError when no such job is registered, and nothing else but cancellation.

        A job that runs already is run once more when it ends, for rows that it no longer sees.
        """
        function, key = self._jobs[job], (job, organization_id)
        if key in self._is_asked_again:
            self._is_asked_again[key] = True
            return
        self._is_asked_again[key] = True
        try:
            while self._is_asked_again[key]:
                await self._run(job, function, organization_id)
        finally:
            del self._is_asked_again[key]

    async def _run(self, job: Job, function: JobFunction, organization_id: int) -> None:
        async with self._share:
            self._is_asked_again[job, organization_id] = False
            try:
                with JOB_SECONDS.labels(job.value).time():
                    async with asyncio.timeout(self._timeout.total_seconds()):
                        await function(self._context, organization_id)
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker lives on and only its type is safe to log
                JOB_FAILURES.labels(job.value).inc()
                logger.error(  # noqa: TRY400 - a traceback would carry the error's text
                    "job_failed", job=job.value, organization_id=organization_id, error=type(error).__name__
                )


async def finish(tasks: list[asyncio.Task[Any]], limit: timedelta = FINISH_TIME) -> None:
    """Wait for the tasks of jobs under way, then cut off those that take longer than `limit`."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=limit.total_seconds())
        for task in late:
            task.cancel()
        # Their outcome is in the database; here only Redis' absence could show, when arq reports the end of a job.
        await asyncio.gather(*tasks, return_exceptions=True)
