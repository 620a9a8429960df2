import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from schema.queue import Job
from workers.runner import JobRunner

CONTEXT: Any = SimpleNamespace(settings=SimpleNamespace(database_pool_size=4))


async def test_a_failed_job_is_told_by_its_type_alone() -> None:
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


async def test_an_unknown_job_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        await JobRunner(CONTEXT, {}).run(Job.SETTLE_DAYS, 7)
