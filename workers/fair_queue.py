"""Time slices for jobs that call forges: after 15 seconds a job makes room for others.

Such jobs mostly wait for the network, and the number of concurrent jobs is limited.
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
    process: Callable[[Claimed], Awaitable[None]],
) -> None:
    """Claim and process rows until nothing is due or the time slice ends, then enqueue the job again.

    A claim commits before its row is processed. Raises what `claim` and `process` raise.
    """
    ends = time.monotonic() + TURN.total_seconds()
    while time.monotonic() < ends:
        async with context.database.organization(organization_id) as tenant:
            claimed = await claim(tenant)
        if claimed is None:
            return
        await process(claimed)
    await context.queue.wake(job, organization_id)
