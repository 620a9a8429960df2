import asyncio
from pathlib import Path

import redis.asyncio
from structlog.testing import capture_logs

from schema.queue import BURST_PAUSE, QUEUE_NAME, Job, Queue


async def test_a_burst_of_wake_ups_is_enqueued_once(queue: Queue) -> None:
    assert await queue.wake(Job.SETTLE_DAYS, 1)
    assert not await queue.wake(Job.SETTLE_DAYS, 1)
    assert await queue.wake(Job.SETTLE_DAYS, 2)


async def test_a_row_stored_after_a_job_started_enqueues_a_new_wake_up(queue: Queue) -> None:
    await queue.wake(Job.SETTLE_DAYS, 1)
    await queue.begun(Job.SETTLE_DAYS, 1)
    assert await queue.wake(Job.SETTLE_DAYS, 1)


async def test_a_burst_enqueues_one_wake_up_at_once_and_one_soon_after(queue: Queue, redis_url: str) -> None:
    await queue.wake_together(Job.SETTLE_DAYS, 1)
    assert not await queue.wake(Job.SETTLE_DAYS, 1)
    await queue.begun(Job.SETTLE_DAYS, 1)
    for _ in range(5):
        await queue.wake_together(Job.SETTLE_DAYS, 1)
    # The job may have looked for rows before these five were stored, so they get one of their own.
    async with redis.asyncio.from_url(redis_url) as client, asyncio.timeout(5):
        while await client.zcard(QUEUE_NAME) < 2:  # noqa: ASYNC110 - Redis tells no event
            await asyncio.sleep(0.002)
        await asyncio.sleep(2 * BURST_PAUSE.total_seconds())
        assert await client.zcard(QUEUE_NAME) == 2


async def test_a_redis_that_is_away_costs_a_wake_up_and_nothing_else(tmp_path: Path) -> None:
    queue = Queue(f"unix://{tmp_path}/nobody.sock")
    assert not await queue.wake(Job.SETTLE_DAYS, 1)
    assert not await queue.ping()
    await queue.begun(Job.SETTLE_DAYS, 1)
    await queue.close()


async def test_without_redis_nothing_is_sent_and_nothing_is_logged() -> None:
    queue = Queue("")
    with capture_logs() as logs:
        assert not await queue.wake(Job.SETTLE_DAYS, 1)
        await queue.wake_together(Job.SETTLE_DAYS, 1)
        await queue.begun(Job.SETTLE_DAYS, 1)
        assert not await queue.ping()
        await queue.close()
    assert logs == []
