"""Progress of applying a changed layer policy to events folded before it."""

from schema.database import Tenant
from workers.stores.tokens.intake_batches import LOOK, Batch, within

_FIND = "SELECT judged_to FROM layer_change WHERE organization_id = $1 FOR UPDATE"

_NEXT = """
SELECT batch_id, received_at, events FROM intake_batch
 WHERE organization_id = $1 AND state = 'processed' AND batch_id > $2
 ORDER BY batch_id LIMIT $3
"""

_GO_ON = "UPDATE layer_change SET judged_to = $2 WHERE organization_id = $1"

_END = "DELETE FROM layer_change WHERE organization_id = $1"


async def claim(tenant: Tenant, limit: int) -> list[Batch]:
    """Return the next folded batches the policy was not applied to, up to `limit` events; empty when done."""
    judged_to = await tenant.fetchval(_FIND)
    if judged_to is None:
        return []
    batches = within(await tenant.fetch(_NEXT, judged_to, LOOK), limit)
    if batches:
        await tenant.execute(_GO_ON, batches[-1].batch_id)
    else:
        await tenant.execute(_END)
    return batches
