"""Sums the weeks of teams in which something changed or arrived, so that a metric by week need not."""

from workers.context import WorkerContext
from workers.stores.ledger.merged_weeks import sum_next
from workers.stores.ledger.received_weeks import add_received


async def roll_up_weeks(context: WorkerContext, organization_id: int) -> None:
    """Work until no week is noted and all that arrived is summed; whoever asks meanwhile is told no less."""
    for sum_some in (sum_next, add_received):
        is_more = True
        while is_more:
            async with context.database.organization(organization_id) as tenant:
                is_more = await sum_some(tenant)
