"""Polls for due jobs, for a worker without Redis."""

import asyncio
from datetime import timedelta

from schema.queue import Job
from workers.context import WorkerContext
from workers.jobs.sweep import find_due_jobs
from workers.periodic import every
from workers.runner import FINISH_TIME, JobRunner, finish


class Poller:
    """Starts due jobs without waiting for them, so that a long job delays no other."""

    def __init__(self, context: WorkerContext, runner: JobRunner) -> None:
        self._context = context
        self._runner = runner
        self._running: dict[tuple[Job, int], asyncio.Task[None]] = {}

    async def start_due(self) -> None:
        """Start each due job that is not running in this process."""
        self._running = {due: task for due, task in self._running.items() if not task.done()}
        for due in await find_due_jobs(self._context):
            if due not in self._running:
                self._running[due] = asyncio.create_task(self._runner.run(*due))

    async def finish(self, limit: timedelta = FINISH_TIME) -> None:
        """Wait for running jobs; cancel those that take longer than `limit`."""
        await finish(list(self._running.values()), limit)


async def poll(context: WorkerContext, runner: JobRunner, stop: asyncio.Event) -> None:
    """Start due jobs every `poll_interval` until `stop` is set, then finish the running ones."""
    poller = Poller(context, runner)
    await every(context.settings.poll_interval, poller.start_due, stop)
    await poller.finish()
