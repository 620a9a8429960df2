"""Sums the weeks of teams in which something changed, so that a metric by week need not."""

from workers.context import WorkerContext
from workers.stores.merged_weeks import sum_next


async def sum_weeks(context: WorkerContext, organization_id: int) -> None:
    """Work until no week is noted; whoever asks meanwhile is answered from the ledger itself."""
    is_more = True
    while is_more:
        async with context.database.organization(organization_id) as connection:
            is_more = await sum_next(connection, organization_id)
