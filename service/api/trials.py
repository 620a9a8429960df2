"""Requests that wait a moment for a worker to try what they were given."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import TypeVar

PAUSE_SECONDS = 0.1

Result = TypeVar("Result")


async def wait_for(read: Callable[[], Awaitable[Result | None]], wait: timedelta) -> Result | None:
    """Return the first result, or None if none is there after `wait`. No database connection is held meanwhile."""
    deadline = monotonic() + wait.total_seconds()
    while (result := await read()) is None and monotonic() < deadline:  # noqa: ASYNC110 - no event
        await asyncio.sleep(PAUSE_SECONDS)
    return result
