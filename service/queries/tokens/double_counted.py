"""Sources of an organization that may be counted twice."""

from schema.database import Tenant
from service.queries.tokens.double_counting import DoubleCounting, find_double_counting
from service.queries.tokens.layer_amounts import read_day_amounts
from vocabulary.layers import LayerPolicy

_SOURCES = "SELECT source FROM known_source WHERE organization_id = $1"


async def read_double_counting(tenant: Tenant, policy: LayerPolicy) -> list[DoubleCounting]:
    """Find possible double counting in the last two weeks; skips amounts if all known sources are in one layer."""
    sources = await tenant.fetch(_SOURCES)
    if len({policy.layer_of(row["source"]) for row in sources}) <= 1:
        return []
    return find_double_counting(await read_day_amounts(tenant), policy)
