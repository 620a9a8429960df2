"""What the sweep finds, and what it does about it with Redis and without."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from schema.database import Database
from schema.queue import Job, Queue
from tests.harness.organization import Organization
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.settle_days import roll_up_weeks
from workers.jobs.study_effects import study_effects
from workers.jobs.sweep import sweep
from workers.main import JOBS
from workers.runner import JobRunner
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]


async def value(stored: StoredFacts, query: str) -> object:
    """The first column of the one row of a query about the organization ($1)."""
    (row,) = await stored.fetch(query)
    return next(iter(row.values()))


async def due(database: Database) -> list[tuple[Job, int]]:
    async with database.operator() as connection:
        return await find_due(connection, timedelta())


async def test_rows_are_due_only_for_the_organization_that_has_them(
    database: Database, organization: Organization, other_organization: Organization, stored: StoredFacts
) -> None:
    assert await due(database) == []
    await stored.event("one", 0)
    organization_id = organization.organization_id
    assert await due(database) == [(Job.FOLD_TOKEN_EVENTS, organization_id), (Job.SETTLE_DAYS, organization_id)]
    assert other_organization.organization_id != organization.organization_id


async def test_a_row_that_backs_off_is_not_due_yet(
    worker_context: WorkerContext, database: Database, stored: StoredFacts
) -> None:
    await stored.event("one", 0)
    await roll_up_weeks(worker_context, stored.organization.organization_id)
    await study_effects(worker_context, stored.organization.organization_id)
    await stored.execute(
        "UPDATE intake_batch SET next_attempt_at = now() + interval '1 hour' WHERE organization_id = $1"
    )
    assert await due(database) == []


async def test_received_tokens_are_due_until_their_week_is_summed(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    await stored.event("one", 0)
    await roll_up_weeks(worker_context, stored.organization.organization_id)
    assert Job.SETTLE_DAYS not in dict(await due(worker_context.database))


async def test_waiting_session_evidence_is_due(
    database: Database, organization: Organization, stored: StoredFacts
) -> None:
    await stored.evidence("session", 0, branch=b"branch")
    assert await due(database) == [(Job.FOLD_TOKEN_EVENTS, organization.organization_id)]


async def test_it_wakes_each_job_once(worker_context: WorkerContext, queue: Queue, stored: StoredFacts) -> None:
    await stored.event("one", 0)
    runner = JobRunner(worker_context, {})
    await sweep(worker_context, runner)
    await sweep(worker_context, runner)
    organization_id = stored.organization.organization_id
    assert not await queue.wake(Job.FOLD_TOKEN_EVENTS, organization_id), "it was not woken"
    assert (
        await value(stored, "SELECT count(*) FROM intake_batch WHERE organization_id = $1 AND state = 'waiting'") == 1
    )


async def test_without_redis_it_does_the_work_itself(
    worker_context: WorkerContext, database: Database, stored: StoredFacts
) -> None:
    await stored.event("one", 0, tokens=1234)
    away = Queue("unix:///nothing/redis.sock")
    context = WorkerContext(worker_context.settings, database, away, worker_context.organization_keys)
    runner: Any = JobRunner(context, JOBS)
    while await due(database):
        await sweep(context, runner)
    assert await value(stored, "SELECT sum(input_uncached) FROM attribution WHERE organization_id = $1") == 1234
