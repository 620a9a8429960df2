"""Reads what the page of repairs is told, by the queries of the REST endpoints."""

from schema.database import Tenant
from service.api.forge.repairs import repair_shown
from service.connections.names import ConnectionName
from service.dashboard.repair_page import CheckedFacts, RepairFacts, UnaskedFacts
from service.queries.forge.repair_limits import read_repair_limits
from service.queries.forge.repair_sentences import limits_of
from service.queries.forge.repairs import read_repairs

MOST = 100

_UNASKED = """
SELECT connection_id, forge, host FROM connection
 WHERE organization_id = $1 AND state = 'active' AND sealed_token IS NULL AND registration_id IS NULL
 ORDER BY created_at, connection_id LIMIT $2
"""


async def read_repair_facts(tenant: Tenant) -> RepairFacts:
    """The organization's checks, and the connections that have none."""
    checks = await read_repairs(tenant)
    unasked = await tenant.fetch(_UNASKED, MOST)
    limits = await read_repair_limits(tenant.connection, tenant.organization_id)
    return RepairFacts(
        limits.connections,
        tuple(CheckedFacts(row["forge"], row["host"], repair_shown(tenant.organization_id, row)) for row in checks),
        tuple(
            UnaskedFacts(row["forge"], row["host"], str(ConnectionName(tenant.organization_id, row["connection_id"])))
            for row in unasked
        ),
        tuple(limits_of(limits)),
    )
