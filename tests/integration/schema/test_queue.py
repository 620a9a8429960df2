from pathlib import Path

from schema.queue import Job, Queue


async def test_a_burst_of_wake_ups_is_enqueued_once(queue: Queue) -> None:
    assert await queue.wake(Job.SETTLE_DAYS, 1)
    assert not await queue.wake(Job.SETTLE_DAYS, 1)
    assert await queue.wake(Job.SETTLE_DAYS, 2)


async def test_once_a_job_has_begun_a_new_row_gets_a_wake_up_of_its_own(queue: Queue) -> None:
    await queue.wake(Job.SETTLE_DAYS, 1)
    await queue.begun(Job.SETTLE_DAYS, 1)
    assert await queue.wake(Job.SETTLE_DAYS, 1)


async def test_a_redis_that_is_away_costs_a_wake_up_and_nothing_else(tmp_path: Path) -> None:
    queue = Queue(f"unix://{tmp_path}/nobody.sock")
    assert not await queue.wake(Job.SETTLE_DAYS, 1)
    assert not await queue.ping()
    await queue.begun(Job.SETTLE_DAYS, 1)
    await queue.close()
