"""A turn at what may last: one after another is claimed and seen to for a while, then other jobs have theirs.

Jobs that ask forges mostly wait for them, and only so many jobs are at work at once.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from schema.database import Tenant
from schema.queue import Job
from workers.context import WorkerContext

Claimed = TypeVar("Claimed")

TURN = timedelta(seconds=15)


async def take_turn(
    context: WorkerContext,
    job: Job,
    organization_id: int,
    claim: Callable[[Tenant], Awaitable[Claimed | None]],
    see_to: Callable[[Claimed], Awaitable[None]],
) -> None:
    """Work until nothing is due or the turn is over, and then ask for another one; raises what either raises.

    What is claimed is the caller's once that transaction has ended.
    """
    ends = time.monotonic() + TURN.total_seconds()
    while time.monotonic() < ends:
        async with context.database.organization(organization_id) as tenant:
            claimed = await claim(tenant)
        if claimed is None:
            return
        await see_to(claimed)
    await context.queue.wake(job, organization_id)
