import asyncio
from datetime import timedelta

from workers.periodic import every

SOON = timedelta(milliseconds=5)


async def test_it_goes_on_after_a_failure() -> None:
    stop, times = asyncio.Event(), 0

    async def action() -> None:
        nonlocal times
        times += 1
        if times == 3:
            stop.set()
        raise RuntimeError

    async with asyncio.timeout(5):
        await every(SOON, action, stop)
    assert times == 3


async def test_a_stop_does_not_wait_for_the_action_nor_for_the_interval() -> None:
    stop, begun, cut_off = asyncio.Event(), asyncio.Event(), False

    async def action() -> None:
        nonlocal cut_off
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut_off = True
            raise

    repeating = asyncio.create_task(every(timedelta(hours=1), action, stop))
    async with asyncio.timeout(5):
        await begun.wait()
        stop.set()
        await repeating
    assert cut_off
