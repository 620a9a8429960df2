"""A worker without Redis: it finds what is due, and a long job delays no other."""

import asyncio
from datetime import timedelta

from schema.queue import Job, Queue
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events
from workers.polling import Poller
from workers.runner import JobRunner


async def test_a_long_job_runs_once_and_delays_no_other(worker_context: WorkerContext, stored: StoredFacts) -> None:
    """Folding is due and does not end; settling, due as soon as what arrived has no week, runs meanwhile."""
    begun, settled = [], asyncio.Event()

    async def hang(_context: WorkerContext, organization_id: int) -> None:
        begun.append(organization_id)
        await asyncio.Event().wait()

    async def settle(_context: WorkerContext, _organization_id: int) -> None:
        settled.set()

    await stored.event("one", 0)
    poller = Poller(worker_context, JobRunner(worker_context, {Job.FOLD_TOKEN_EVENTS: hang, Job.SETTLE_DAYS: settle}))
    await poller.start_due()
    async with asyncio.timeout(5):
        await settled.wait()
    settled.clear()
    await poller.start_due()
    async with asyncio.timeout(5):
        await settled.wait()
    assert begun == [stored.organization.organization_id]
    await poller.finish(timedelta())


async def test_due_work_is_done_without_redis(worker_context: WorkerContext, stored: StoredFacts) -> None:
    await stored.event("one", 0, tokens=1234)
    context = WorkerContext(
        worker_context.settings, worker_context.database, Queue(""), worker_context.organization_keys
    )
    poller = Poller(context, JobRunner(context, {Job.FOLD_TOKEN_EVENTS: fold_token_events, Job.SETTLE_DAYS: _nothing}))
    await poller.start_due()
    await poller.finish()
    (row,) = await stored.fetch("SELECT sum(input_uncached) AS tokens FROM token_window WHERE organization_id = $1")
    assert row["tokens"] == 1234


async def _nothing(_context: WorkerContext, _organization_id: int) -> None:
    pass
