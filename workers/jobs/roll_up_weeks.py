"""Rolls up team weeks that changed, so that weekly metrics need not sum days."""

from workers.context import WorkerContext
from workers.stores.ledger.merged_weeks import sum_next
from workers.stores.ledger.received_weeks import add_received


async def roll_up_weeks(context: WorkerContext, organization_id: int) -> None:
    """Work until no changed week is left and all received tokens are rolled up."""
    for sum_some in (sum_next, add_received):
        is_more = True
        while is_more:
            async with context.database.organization(organization_id) as tenant:
                is_more = await sum_some(tenant)
