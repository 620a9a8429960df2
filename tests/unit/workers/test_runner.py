import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from schema.queue import Job
from workers.runner import JobRunner

CONTEXT: Any = SimpleNamespace(settings=SimpleNamespace(database_pool_size=4))


async def test_a_failed_job_is_logged_with_its_error_type_only() -> None:
    async def fail(_context: Any, _organization_id: int) -> None:
        raise ValueError("CANARY in an error's text")

    with capture_logs() as logs:
        await JobRunner(CONTEXT, {Job.SETTLE_DAYS: fail}).run(Job.SETTLE_DAYS, 7)
    assert logs == [
        {"event": "job_failed", "job": "settle_days", "organization_id": 7, "error": "ValueError", "log_level": "error"}
    ]


async def test_a_job_that_takes_too_long_is_cut_off() -> None:
    cut_off = []

    async def hang(_context: Any, organization_id: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.append(organization_id)

    runner = JobRunner(CONTEXT, {Job.SETTLE_DAYS: hang}, timeout=timedelta(milliseconds=20))
    await runner.run(Job.SETTLE_DAYS, 7)
    assert cut_off == [7]


async def test_no_more_jobs_run_at_once_than_half_of_the_connections() -> None:
    running, most = 0, 0

    async def work(_context: Any, _organization_id: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    runner = JobRunner(CONTEXT, {Job.SETTLE_DAYS: work})
    await asyncio.gather(*(runner.run(Job.SETTLE_DAYS, number) for number in range(9)))
    assert most == 2


async def test_a_job_that_runs_is_not_run_beside_itself_but_once_more_afterwards() -> None:
    begun: list[int] = []
    may_end = asyncio.Event()

    async def work(_context: Any, organization_id: int) -> None:
        begun.append(organization_id)
        await may_end.wait()

    runner = JobRunner(CONTEXT, {Job.SETTLE_DAYS: work})
    first = asyncio.create_task(runner.run(Job.SETTLE_DAYS, 7))
    await asyncio.sleep(0)
    await asyncio.gather(*(runner.run(Job.SETTLE_DAYS, 7) for _ in range(3)))
    other = asyncio.create_task(runner.run(Job.SETTLE_DAYS, 8))
    await asyncio.sleep(0)
    assert begun == [7, 8]
    may_end.set()
    await asyncio.gather(first, other)
    assert begun == [7, 8, 7]
    await runner.run(Job.SETTLE_DAYS, 7)
    assert begun == [7, 8, 7, 7]


async def test_a_failed_job_runs_again_if_it_was_requested_while_it_ran() -> None:
    begun: list[int] = []
    may_fail = asyncio.Event()

    async def fail(_context: Any, organization_id: int) -> None:
        begun.append(organization_id)
        await may_fail.wait()
        raise ValueError

    runner = JobRunner(CONTEXT, {Job.SETTLE_DAYS: fail})
    first = asyncio.create_task(runner.run(Job.SETTLE_DAYS, 7))
    await asyncio.sleep(0)
    await runner.run(Job.SETTLE_DAYS, 7)
    may_fail.set()
    await first
    assert begun == [7, 7]


async def test_an_unknown_job_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        await JobRunner(CONTEXT, {}).run(Job.SETTLE_DAYS, 7)


async def test_jobs_of_one_organization_leave_room_for_those_of_others() -> None:
    begun: list[int] = []
    may_end = asyncio.Event()

    async def work(_context: Any, organization_id: int) -> None:
        begun.append(organization_id)
        await may_end.wait()

    context: Any = SimpleNamespace(settings=SimpleNamespace(database_pool_size=10))
    jobs = list(Job)[:9]
    runner = JobRunner(context, dict.fromkeys(jobs, work))
    hostile = [asyncio.create_task(runner.run(job, 1)) for job in jobs]
    await asyncio.sleep(0)
    honest = asyncio.create_task(runner.run(jobs[0], 2))
    await asyncio.sleep(0)
    assert begun == [1, 1, 1, 2]
    may_end.set()
    await asyncio.gather(*hostile, honest)
