"""Things a worker does every so often, whatever became of the time before."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

logger = structlog.get_logger()


async def every(interval: timedelta, action: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Do it now and then again `interval` after it ended, until `stop` is set; a failure is logged and tried again.

    An action under way when `stop` is set is cut off: whatever it does must bear that.
    """
    while not stop.is_set():
        await _unless_stopped(_forgiven(action), stop)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), interval.total_seconds())


async def _forgiven(action: Callable[[], Awaitable[None]]) -> None:
    try:
        await action()
    except Exception as error:  # noqa: BLE001 - the next round comes in any case, and only the type is safe to log
        logger.warning("periodic_work_failed", error=type(error).__name__)


async def _unless_stopped(work: Awaitable[None], stop: asyncio.Event) -> None:
    working = asyncio.ensure_future(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopped):
        task.cancel()
    await asyncio.gather(working, stopped, return_exceptions=True)
