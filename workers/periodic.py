"""Actions that a worker repeats at an interval, whether or not the last run failed."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

logger = structlog.get_logger()


async def every(interval: timedelta, action: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Run `action` now and again `interval` after each run ends, until `stop` is set. Failures are logged.

    A running action is cancelled when `stop` is set, so it must be safe to cancel.
    """
    while not stop.is_set():
        await _unless_stopped(_log_failure(action), stop)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), interval.total_seconds())


async def _log_failure(action: Callable[[], Awaitable[None]]) -> None:
    try:
        await action()
    except Exception as error:  # noqa: BLE001 - the next run follows anyway; only the type is safe to log
        logger.warning("periodic_work_failed", error=type(error).__name__)


async def _unless_stopped(work: Awaitable[None], stop: asyncio.Event) -> None:
    working = asyncio.ensure_future(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopped):
        task.cancel()
    await asyncio.gather(working, stopped, return_exceptions=True)
